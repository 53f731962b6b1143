import { describe, expect, it } from 'vitest';

import {
  conversion,
  convertedAt,
  pathOf,
  ruleModel,
  sum,
  touch,
} from '../../../../../test/support/attribution-paths.ts';
import { day, hour } from '../../kernel/clock.ts';
import { creditConversion } from './credit-conversion.ts';
import { eligibleTouches } from './eligible-touches.ts';
import type { Eligibility } from './eligible-touches.ts';
import type { Path } from './path.ts';

/** What the channels of many paths get, by channel; in the units of `amount`. */
function totals(
  model: string,
  paths: readonly Path[],
  amount: (path: Path) => number = ({ conversion: { amountMinor } }) => Number(amountMinor) / 100,
): Record<string, number> {
  const credits: Record<string, number> = {};
  for (const path of paths) {
    const found = weights(model, path);
    for (const [index, { channel }] of path.touches.entries()) {
      credits[channel] = (credits[channel] ?? 0) + (found[index] ?? 0) * amount(path);
    }
  }
  return credits;
}

function weights(model: string, path: Path, parameters: Record<string, unknown> = {}): number[] {
  return [...ruleModel(model, parameters).weigh(path)];
}

function rounded(credits: Record<string, number>, decimals: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(credits).map(([channel, credit]) => [channel, credit.toFixed(decimals)]),
  );
}

/** Touches so long before the conversion. */
function touchedBefore(milliseconds: readonly number[]): Path {
  const touches = milliseconds.map((before, index) =>
    touch({ id: `${index}`, occurredAt: convertedAt - before }),
  );
  return { touches, conversion };
}

describe('Snowplow attribution package, expected channel attributions', () => {
  it.each<
    [path: string, minor: bigint, first: number[], last: number[], linear: string[], u: number[]]
  >([
    ['Direct', 5_000n, [50], [50], ['50.000000000000'], [50]],
    ['Direct', 2_042n, [20.42], [20.42], ['20.420000000000'], [20.42]],
    ['Video', 20_000n, [200], [200], ['200.000000000000'], [200]],
    [
      'Display_Other > Organic_Search',
      6_650n,
      [66.5, 0],
      [0, 66.5],
      ['33.250000000000', '33.250000000000'],
      [33.25, 33.25],
    ],
    [
      'Direct > Organic_Search > Direct',
      14_000n,
      [140, 0, 0],
      [0, 0, 140],
      ['46.666666666667', '46.666666666667', '46.666666666667'],
      [56, 28, 56],
    ],
    ['Direct', 2_400n, [24], [24], ['24.000000000000'], [24]],
    [
      'Campaign 2 > Campaign 1',
      14_000n,
      [140, 0],
      [0, 140],
      ['70.000000000000', '70.000000000000'],
      [70, 70],
    ],
  ])('credits %s with %d cents', (channels, minor, first, last, linear, position) => {
    const path = pathOf(channels, minor);
    const amounts = (model: string): number[] =>
      weights(model, path).map((weight) => (weight * Number(minor)) / 100);
    expect(amounts('first_touch')).toEqual(first);
    expect(amounts('last_touch')).toEqual(last);
    expect(amounts('linear').map((amount) => amount.toFixed(12))).toEqual(linear);
    for (const [index, amount] of amounts('position_based').entries()) {
      expect(amount).toBeCloseTo(position[index] ?? NaN, 10);
    }
    for (const model of ['first_touch', 'last_touch', 'linear', 'position_based']) {
      const parts = creditConversion(ruleModel(model), path).map((credit) => credit.amountMinor);
      expect(parts.reduce((total, part) => total + part, 0n)).toBe(minor);
    }
  });

  it('adds the last 30 days up to its overview and its return on spend', () => {
    const paths = [
      pathOf('Display_Other > Organic_Search', 6_650n),
      pathOf('Direct > Organic_Search > Direct', 14_000n),
      pathOf('Direct', 2_400n),
    ];
    const spend = 100_000;
    expect(totals('first_touch', paths)['Direct']).toBe(164);
    expect(totals('linear', paths)['Direct']?.toFixed(6)).toBe('117.333333');
    expect(totals('position_based', paths)['Direct']?.toFixed(6)).toBe('136.000000');
    expect(totals('linear', paths)['Organic_Search']?.toFixed(7)).toBe('79.9166667');
    expect(totals('position_based', paths)['Organic_Search']?.toFixed(2)).toBe('61.25');
    expect(((totals('linear', paths)['Direct'] ?? 0) / spend).toFixed(8)).toBe('0.00117333');
  });
});

describe('dbt-labs attribution playbook', () => {
  // Customers of our own making who have the totals of the playbook: revenue in dollars, and the way they came.
  const customers: ReadonlyArray<[dollars: number, channels: string]> = [
    [10, 'adwords > google > facebook_ads > google > direct > adwords > bing'],
    [15, 'direct > adwords > direct > facebook_ads'],
    [15, 'direct > adwords > direct'],
    [15, 'direct > direct > bing'],
    [10, 'facebook_ads > direct'],
    [10, 'facebook_ads > direct'],
    [10, 'facebook_ads > direct'],
    [15, 'facebook_ads > direct'],
    [10, 'facebook_ads > google'],
    [15, 'google > direct'],
    [15, 'direct > google'],
    [15, 'direct > adwords'],
    [15, 'direct > facebook_ads'],
    [15, 'facebook_ads'],
    [15, 'facebook_ads'],
    [15, 'google'],
    [15, 'direct'],
    [15, 'direct'],
    [10, 'direct'],
    [10, 'direct'],
    [10, 'direct'],
  ];
  const paths = customers.map(([dollars, channels]) => pathOf(channels, BigInt(dollars) * 100n));

  it('counts the conversions of each source', () => {
    const conversions = (model: string): Record<string, number> => totals(model, paths, () => 1);
    const first = { adwords: 1, bing: 0, direct: 11, facebook_ads: 7, google: 2 };
    const last = { adwords: 1, bing: 2, direct: 11, facebook_ads: 4, google: 3 };
    expect(conversions('first_touch')).toEqual(first);
    expect(conversions('last_touch')).toEqual(last);
    expect(rounded(conversions('linear'), 4)).toEqual({
      adwords: '1.3690',
      bing: '0.4762',
      direct: '10.9762',
      facebook_ads: '5.3929',
      google: '2.7857',
    });
    expect(rounded(conversions('position_based'), 2)).toEqual({
      adwords: '1.24',
      bing: '0.80',
      direct: '10.94',
      facebook_ads: '5.44',
      google: '2.58',
    });
  });

  it('shares the revenue linearly, and the cost of a conversion follows', () => {
    expect(rounded(totals('linear', paths), 4)).toEqual({
      adwords: '19.1071',
      bing: '6.4286',
      direct: '141.4286',
      facebook_ads: '70.1786',
      google: '37.8571',
    });
    const { adwords = 0, facebook_ads = 0 } = totals('linear', paths, () => 1);
    expect((47 / adwords).toFixed(6)).toBe('34.330435');
    expect((312 / facebook_ads).toFixed(6)).toBe('57.854305');
  });

  it.each(['first_touch', 'last_touch', 'linear', 'position_based'])(
    'adds up to 21 conversions and 275 dollars under %s',
    (model) => {
      expect(sum(Object.values(totals(model, paths, () => 1)))).toBeCloseTo(21, 10);
      expect(sum(Object.values(totals(model, paths)))).toBeCloseTo(275, 10);
    },
  );
});

describe('Amplitude, look-back example', () => {
  const signUp = { occurredAt: Date.UTC(2026, 4, 10, 12), amountMinor: 100n };
  const touches = [
    touch({ channel: 'google', occurredAt: Date.UTC(2026, 4, 1) }),
    touch({ channel: 'facebook', occurredAt: Date.UTC(2026, 4, 7) }),
    touch({ channel: 'tiktok', occurredAt: Date.UTC(2026, 4, 10) }),
  ];
  it.each<[model: string, parameters: object, days: number, expected: Record<string, number>]>([
    ['first_touch', {}, 30, { google: 1, facebook: 0, tiktok: 0 }],
    ['first_touch', {}, 7, { facebook: 1, tiktok: 0 }],
    ['last_touch', {}, 7, { facebook: 0, tiktok: 1 }],
    ['linear', {}, 30, { google: 1 / 3, facebook: 1 / 3, tiktok: 1 / 3 }],
    ['linear', {}, 7, { facebook: 1 / 2, tiktok: 1 / 2 }],
    ['j_shaped', {}, 30, { google: 0.2, facebook: 0.2, tiktok: 0.6 }],
    [
      'custom',
      { first: 5, middle: 20, last: 75 },
      30,
      { google: 0.05, facebook: 0.2, tiktok: 0.75 },
    ],
  ])('%s %j within %d days', (model, parameters, days, expected) => {
    const eligibility: Eligibility = { clickLookback: { days } };
    const path = { touches: eligibleTouches(touches, signUp, eligibility), conversion: signUp };
    const credits = path.touches.map((each, index) => [
      each.channel,
      weights(model, path, { ...parameters })[index],
    ]);
    expect(Object.fromEntries(credits)).toEqual(expected);
  });
});

describe('Mixpanel and Adobe, weights by place', () => {
  const six = pathOf('a > b > c > d > e > f');
  const two = pathOf('a > b');
  it.each<[model: string, path: Path, perCent: number[]]>([
    ['position_based', six, [40, 5, 5, 5, 5, 40]],
    ['j_shaped', six, [20, 5, 5, 5, 5, 60]],
    ['j_shaped', two, [25, 75]],
    ['inverse_j', six, [60, 5, 5, 5, 5, 20]],
    ['inverse_j', two, [75, 25]],
    ['position_based', two, [50, 50]],
  ])('%s (case %#)', (model, path, perCent) => {
    expect(weights(model, path)).toEqual(perCent.map((share) => share / 100));
  });
});

describe('Mixpanel and Adobe, time decay with a half-life of 7 days', () => {
  it.each<[days: number[], expected: string[]]>([
    [
      [14, 7, 0],
      ['0.14285714', '0.28571429', '0.57142857'],
    ],
    [
      [8, 1],
      ['0.33333333', '0.66666667'],
    ],
    [
      [30, 10, 3, 1],
      ['0.02475076', '0.17933879', '0.35867758', '0.43723287'],
    ],
  ])('weighs touches %j days before', (days, expected) => {
    const found = weights('time_decay', touchedBefore(days.map((each) => each * day)));
    expect(found.map((weight) => weight.toFixed(8))).toEqual(expected);
  });
});

describe('DP6, time decay in steps', () => {
  it('weighs touches 14, 12 and 0 hours before as 25, 25 and 50, by half every 7 hours', () => {
    const path = touchedBefore([14 * hour, 12 * hour, 0]);
    expect(weights('time_decay', path, { halfLifeDays: 7 / 24, decay: 'stepped' })).toEqual([
      0.25, 0.25, 0.5,
    ]);
  });
});

describe('Mixpanel, filtering by an attributed source', () => {
  const purchases = [pathOf('Google > LinkedIn'), pathOf('Facebook > Direct'), pathOf('Google')];
  const one = (): number => 1;

  it('counts 2 purchases whose last touch is not direct', () => {
    const { Direct, ...others } = totals('last_touch', purchases, one);
    expect(Direct).toBe(1);
    expect(sum(Object.values(others))).toBe(2);
  });

  it('counts 1 purchase with Google as its last touch, and 2 with Google as any', () => {
    expect(totals('last_touch', purchases, one)['Google']).toBe(1);
    expect(totals('participation', purchases, one)['Google']).toBe(2);
  });
});

describe('PostHog, attribution explorer seed', () => {
  it('lets first and last touch disagree completely: Direct has 0 % and 69.57 %', () => {
    const paths = Array.from({ length: 23 }, (_, index) =>
      pathOf(index < 16 ? 'Newsletter > Direct' : 'Newsletter > Google'),
    );
    const share = (model: string): string =>
      (((totals(model, paths, () => 1)['Direct'] ?? 0) / paths.length) * 100).toFixed(2);
    expect(share('first_touch')).toBe('0.00');
    expect(share('last_touch')).toBe('69.57');
  });
});

describe('eeghor/mta, rule tests', () => {
  it('shares 6 conversions of a > a > b by touch: 4 and 2', () => {
    expect(totals('linear', [pathOf('a > a > b')], () => 6)).toEqual({ a: 4, b: 2 });
  });

  it('shares 10 conversions of x > y as 3 and 7 with weights 30 and 70', () => {
    const found = weights('custom', pathOf('x > y'), { first: 30, middle: 0, last: 70 });
    expect(found.map((weight) => weight * 10)).toEqual([3, 7]);
  });
});
