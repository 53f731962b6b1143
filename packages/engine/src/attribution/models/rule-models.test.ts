import { describe, expect, it } from 'vitest';

import { fc } from '../../../../../test/support/properties.ts';
import {
  arbitraryConversion,
  arbitraryTouches,
  conversion,
  convertedAt,
  pathOf,
  ruleModel,
  sum,
  sumMinor,
  touch,
} from '../../../../../test/support/attribution-paths.ts';
import { day } from '../../kernel/clock.ts';
import { creditConversion } from './credit-conversion.ts';
import { eligibleTouches } from './eligible-touches.ts';
import { modelNames, models } from './model.ts';
import type { Path, Touch } from './path.ts';

const additive = modelNames.filter(
  (name) => models[name].credits === 'touches' && models[name].additive,
);

const arbitraryPath: fc.Arbitrary<Path> = fc
  .tuple(arbitraryTouches, arbitraryConversion)
  .map(([touches, each]) => ({ touches: eligibleTouches(touches, each), conversion: each }));

function weigh(name: string, path: Path, parameters: Record<string, unknown> = {}): number[] {
  return ruleModel(name, parameters)
    .weigh(path)
    .map((weight) => Number(weight.toFixed(12)));
}

/** Touches a to e, a day apart, the last a day before the conversion; the lead was made at the touch of that name. */
function withLead(channels: string, leadBy?: string): Path {
  const names = channels.split('');
  const touches = names.map((channel, index) =>
    touch({ channel, occurredAt: convertedAt - (names.length - index) * day }),
  );
  const leadAt = touches.find((each) => each.channel === leadBy)?.occurredAt;
  return { touches, conversion: { ...conversion, leadAt } };
}

describe('rules about one touch', () => {
  it.each<[model: string, channels: string, expected: number[]]>([
    ['first_touch', 'a > b > c', [1, 0, 0]],
    ['last_touch', 'a > b > c', [0, 0, 1]],
    ['last_non_direct', 'a > b > direct', [0, 1, 0]],
    ['last_non_direct', 'direct > direct', [0, 1]],
    ['last_non_direct', 'a > direct > b', [0, 0, 1]],
    ['last_paid', 'a > direct', [1, 0]],
  ])('%s of %s', (model, channels, expected) => {
    expect(weigh(model, pathOf(channels))).toEqual(expected);
  });

  it('credits the last paid touch, before a later one that cost nothing', () => {
    const touches = [touch({ id: '1' }), touch({ id: '2', paid: false })];
    expect(weigh('last_paid', { touches, conversion })).toEqual([1, 0]);
  });

  it('credits the last touch that is not direct where none was paid for', () => {
    const touches = [
      touch({ id: '1', paid: false }),
      touch({ id: '2', paid: false, kind: 'referrer' }),
      touch({ id: '3', paid: false, kind: 'direct' }),
    ];
    expect(weigh('last_paid', { touches, conversion })).toEqual([0, 1, 0]);
  });
});

describe('rules about places', () => {
  it.each(additive)('%s gives everything to a single touch', (name) => {
    expect(weigh(name, pathOf('a'))).toEqual([1]);
  });

  it.each(modelNames.filter((name) => models[name].credits === 'touches'))(
    '%s gives nothing where there is no touch',
    (name) => {
      expect(creditConversion(ruleModel(name), { touches: [], conversion })).toEqual([]);
    },
  );

  it.each<[model: string, path: Path, expected: number[]]>([
    ['position_based', withLead('ab'), [0.5, 0.5]],
    ['position_based', withLead('abc'), [0.4, 0.2, 0.4]],
    ['position_based', withLead('abcd'), [0.4, 0.1, 0.1, 0.4]],
    ['j_shaped', withLead('ab'), [0.25, 0.75]],
    ['inverse_j', withLead('abcd'), [0.6, 0.1, 0.1, 0.2]],
    ['w_shaped', withLead('abcde', 'c'), [0.3, 0.05, 0.3, 0.05, 0.3]],
    ['w_shaped', withLead('abc', 'b'), [1 / 3, 1 / 3, 1 / 3]],
    ['w_shaped', withLead('abcd', 'a'), [0.6, 0.05, 0.05, 0.3]],
    ['w_shaped', withLead('abcd', 'd'), [0.3, 0.05, 0.05, 0.6]],
    ['w_shaped', withLead('ab', 'a'), [2 / 3, 1 / 3]],
    ['w_shaped', withLead('ab', 'b'), [1 / 3, 2 / 3]],
    ['w_shaped', withLead('ab'), [0.5, 0.5]],
    ['w_shaped', withLead('abc'), [3 / 7, 1 / 7, 3 / 7]],
  ])('%s of a path (case %#)', (model, path, expected) => {
    expect(weigh(model, path)).toEqual(expected.map((weight) => Number(weight.toFixed(12))));
  });

  it('takes the last touch before the lead for the one that made it', () => {
    const path = withLead('abcde', 'c');
    const later = { ...path.conversion, leadAt: (path.conversion.leadAt ?? 0) + day - 1 };
    expect(weigh('w_shaped', { ...path, conversion: later })[2]).toBe(0.3);
  });

  it('takes weights of your own, on any scale', () => {
    const own = { first: 1, middle: 1, last: 2 };
    expect(weigh('position_based', pathOf('a > b > c'), own)).toEqual([0.25, 0.25, 0.5]);
    expect(weigh('custom', withLead('abcd', 'b'), { ...own, lead: 4 })).toEqual([
      0.125, 0.5, 0.125, 0.25,
    ]);
  });

  it('shares a path equally where none of its touches can take a part', () => {
    expect(weigh('custom', pathOf('a > b'), { first: 0, middle: 1, last: 0 })).toEqual([0.5, 0.5]);
  });
});

describe('time decay', () => {
  const daysBefore = (...days: number[]): Path => ({
    conversion,
    touches: days.map((each) => touch({ id: `${each}`, occurredAt: convertedAt - each * day })),
  });

  it('takes another half-life', () => {
    expect(weigh('time_decay', daysBefore(2, 1, 0), { halfLifeDays: 1 })).toEqual(
      [1 / 7, 2 / 7, 4 / 7].map((weight) => Number(weight.toFixed(12))),
    );
  });

  it('credits a path that lies thousands of half-lives back', () => {
    const path = daysBefore(90, 89.99);
    expect(sum(weigh('time_decay', path, { halfLifeDays: 0.01 }))).toBeCloseTo(1, 10);
  });
});

describe('participation', () => {
  it('gives the whole conversion to every channel, once', () => {
    const credits = creditConversion(ruleModel('participation'), pathOf('a > b > a', 500n));
    expect(
      credits.map(({ channel, weight, amountMinor }) => [channel, weight, amountMinor]),
    ).toEqual([
      ['a', 1, 500n],
      ['b', 1, 500n],
      ['a', 0, 0n],
    ]);
  });
});

describe.each(additive)('%s', (name) => {
  it('gives weights that add up to 1 and none below 0', () => {
    fc.assert(
      fc.property(arbitraryPath, (path) => {
        const weights = ruleModel(name).weigh(path);
        expect(weights).toHaveLength(path.touches.length);
        expect(sum(weights)).toBeCloseTo(1, 12);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('splits the conversion to the minor unit, and a refund takes back the same', () => {
    fc.assert(
      fc.property(arbitraryPath, (path) => {
        const { amountMinor } = path.conversion;
        const refund = { ...path, conversion: { ...path.conversion, amountMinor: -amountMinor } };
        const given = creditConversion(ruleModel(name), path).map((each) => each.amountMinor);
        const taken = creditConversion(ruleModel(name), refund).map((each) => each.amountMinor);
        expect(sumMinor(given)).toBe(amountMinor);
        expect(taken.map((part) => -part)).toEqual(given);
      }),
    );
  });
});

describe('the order of touches', () => {
  const byId = (path: Path, name: string): Record<string, number> =>
    Object.fromEntries(
      path.touches.map((each, index) => [each.id, ruleModel(name).weigh(path)[index] ?? 0]),
    );

  it.each(['linear', 'time_decay'])('changes nothing under %s at one instant', (name) => {
    fc.assert(
      fc.property(arbitraryPath, (path) => {
        // Other ids put touches of one instant into another order.
        const backwards = (id: string): string => id.split('').toReversed().join('');
        const renamed = path.touches.map((each) => ({ ...each, id: backwards(each.id) }));
        const touches = eligibleTouches(renamed, path.conversion);
        const found = byId({ ...path, touches }, name);
        for (const [id, weight] of Object.entries(byId(path, name))) {
          expect(found[backwards(id)]).toBeCloseTo(weight, 12);
        }
      }),
    );
  });

  it.each(['first_touch', 'last_touch', 'position_based', 'linear'])(
    'changes nothing under %s between the ends',
    (name) => {
      fc.assert(
        fc.property(arbitraryPath, (path) => {
          const ends = [path.touches[0], path.touches.at(-1)];
          const between = path.touches.slice(1, -1).toReversed();
          if (path.touches.length < 3) return;
          const touches = [ends[0], ...between, ends[1]].filter(
            (each): each is Touch => each !== undefined,
          );
          expect(byId({ ...path, touches }, name)).toEqual(byId(path, name));
        }),
      );
    },
  );
});
