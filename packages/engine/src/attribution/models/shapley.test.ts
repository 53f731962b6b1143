import { describe, expect, it } from 'vitest';

import { fc } from '../../../../../test/support/properties.ts';
import {
  arbitraryPaths,
  channelModel,
  grouped,
  sum,
  sumMinor,
} from '../../../../../test/support/attribution-paths.ts';
import { channelsOf } from './channel-credit.ts';
import { coalitionsOf } from './coalition.ts';
import type { GroupedPath } from './path.ts';
import { rateWorths } from './rate-worths.ts';
import { shapleyValues } from './shapley-values.ts';

const worths = fc.constantFrom('conversions', 'rate');
const few = arbitraryPaths(['a', 'b', 'c', 'd']).filter((paths) =>
  paths.some((path) => path.conversions > 0),
);
const manyChannels = Array.from({ length: 15 }, (_, index) => `channel ${index}`);

function credits(paths: readonly GroupedPath[], worth: string): Record<string, number> {
  const found = channelModel('shapley', { worth }).creditChannels(paths);
  return Object.fromEntries(found.map(({ channel, conversions }) => [channel, conversions]));
}

/** The definition: what a channel adds to those before it, on the average over all orders. */
function averageOverOrders(
  channels: readonly string[],
  worth: (present: ReadonlySet<string>) => number,
): Record<string, number> {
  const all = ordersOf(channels);
  const totals: Record<string, number> = {};
  for (const order of all) {
    for (const [place, channel] of order.entries()) {
      const before = worth(new Set(order.slice(0, place)));
      const gain = worth(new Set(order.slice(0, place + 1))) - before;
      totals[channel] = (totals[channel] ?? 0) + gain / all.length;
    }
  }
  return totals;
}

function ordersOf(channels: readonly string[]): string[][] {
  if (channels.length === 0) return [[]];
  return channels.flatMap((first) =>
    ordersOf(channels.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

function within(paths: readonly GroupedPath[], present: ReadonlySet<string>): GroupedPath[] {
  return paths.filter((path) => path.channels.every((channel) => present.has(channel)));
}

function conversionsIn(paths: readonly GroupedPath[]): number {
  return sum(paths.map((path) => path.conversions));
}

function peopleIn(paths: readonly GroupedPath[]): number {
  return conversionsIn(paths) + sum(paths.map((path) => path.nulls));
}

describe('Shapley credit', () => {
  it('is the average over all orders of what a channel adds to the conversions', () => {
    fc.assert(
      fc.property(few, (paths) => {
        const expected = averageOverOrders(channelsOf(paths), (present) =>
          conversionsIn(within(paths, present)),
        );
        for (const [channel, credit] of Object.entries(credits(paths, 'conversions'))) {
          expect(credit).toBeCloseTo(expected[channel] ?? NaN, 9);
        }
      }),
    );
  });

  it('is the same average for the conversion rate, in conversions', () => {
    fc.assert(
      fc.property(few, (paths) => {
        const expected = averageOverOrders(channelsOf(paths), (present) => {
          const inside = within(paths, present);
          return peopleIn(inside) === 0 ? 0 : conversionsIn(inside) / peopleIn(inside);
        });
        for (const [channel, credit] of Object.entries(credits(paths, 'rate'))) {
          expect(credit).toBeCloseTo((expected[channel] ?? NaN) * peopleIn(paths), 9);
        }
      }),
    );
  });

  it('adds up to the conversions, and the values to the minor unit', () => {
    fc.assert(
      fc.property(few, worths, (paths, worth) => {
        const found = channelModel('shapley', { worth }).creditChannels(paths);
        const conversions = sum(found.map((credit) => credit.conversions));
        expect(conversions).toBeCloseTo(conversionsIn(paths), 9);
        expect(sum(found.map((credit) => credit.share))).toBeCloseTo(1, 9);
        expect(sumMinor(found.map((credit) => credit.valueMinor))).toBe(
          sumMinor(paths.map((path) => path.valueMinor)),
        );
      }),
    );
  });

  it('takes back the same value by refunds', () => {
    fc.assert(
      fc.property(few, worths, (paths, worth) => {
        const refunds = paths.map((path) => ({ ...path, valueMinor: -path.valueMinor }));
        const model = channelModel('shapley', { worth });
        const given = model.creditChannels(paths).map((credit) => credit.valueMinor);
        const taken = model.creditChannels(refunds).map((credit) => -credit.valueMinor);
        expect(taken).toEqual(given);
      }),
    );
  });

  it('gives the same to channels that do the same', () => {
    fc.assert(
      fc.property(few, worths, (paths, worth) => {
        const swap = new Map([
          ['a', 'b'],
          ['b', 'a'],
        ]);
        const swapped = paths.map((path) => ({
          ...path,
          channels: path.channels.map((channel) => swap.get(channel) ?? channel),
        }));
        const both = [...paths, ...swapped];
        const { a = 0, b = 0 } = credits(both, worth);
        expect(a).toBeCloseTo(b, 9);
      }),
    );
  });

  it('gives nothing to a channel that adds nothing', () => {
    fc.assert(
      fc.property(few, (paths) => {
        const idle = [...paths, grouped('idle > a', { nulls: 5 })];
        expect(credits(idle, 'conversions')['idle']).toBe(0);
      }),
    );
    const indifferent = [
      grouped('a', { conversions: 1, nulls: 3 }),
      grouped('a > idle', { conversions: 2, nulls: 6 }),
    ];
    expect(credits(indifferent, 'rate')['idle']).toBeCloseTo(0, 14);
  });

  it('may give less than nothing to a channel that lowers the rate', () => {
    const paths = [
      grouped('a', { conversions: 5, nulls: 5 }),
      grouped('a > b', { nulls: 10, valueMinor: 0n }),
    ];
    expect(credits(paths, 'rate')).toEqual({ a: 7.5, b: -2.5 });
  });

  it('does not look at order and repetition', () => {
    const once = [grouped('a > b', { conversions: 3, valueMinor: 7n })];
    const again = [grouped('b > a > a > b', { conversions: 3, valueMinor: 7n })];
    for (const worth of ['conversions', 'rate']) {
      const model = channelModel('shapley', { worth });
      expect(model.creditChannels(again)).toEqual(model.creditChannels(once));
    }
  });

  it('shares the value of each conversion by its own channels, and rounds once', () => {
    const paths = [
      grouped('a', { conversions: 1, valueMinor: 1_000n }),
      grouped('b', { conversions: 1, valueMinor: 10n }),
      grouped('a > b', { conversions: 1, valueMinor: 1n }),
      grouped('a > b > c', { conversions: 1, valueMinor: 1n }),
    ];
    const found = channelModel('shapley').creditChannels(paths);
    expect(found.map((credit) => credit.valueMinor)).toEqual([1_001n, 11n, 0n]);
  });

  it('answers zeros where nobody converted, and nothing where nobody came through a channel', () => {
    for (const worth of ['conversions', 'rate']) {
      const model = channelModel('shapley', { worth });
      expect(model.creditChannels([grouped('a', { nulls: 2 })])).toEqual([
        { channel: 'a', share: 0, conversions: 0, valueMinor: 0n },
      ]);
      expect(model.creditChannels([])).toEqual([]);
    }
  });
});

describe('Shapley credit by rate beyond 12 channels', () => {
  const paths: GroupedPath[] = manyChannels.flatMap((channel, index) => [
    grouped(channel, { conversions: index, nulls: 40 }),
    grouped(`${channel} > ${manyChannels[(index * 7 + 3) % 15]}`, { conversions: 5, nulls: 9 }),
    grouped(`${channel} > channel 0 > channel 1`, { conversions: 2, nulls: index }),
  ]);
  const sampled = (parameters: object = {}) =>
    channelModel('shapley', { worth: 'rate', ...parameters }).creditChannels(paths);

  it('lies within 5 standard errors of the exact values, and adds up', () => {
    const channels = channelsOf(paths);
    const exact = shapleyValues(15, rateWorths(15, coalitionsOf(paths, channels)));
    const found = sampled();
    for (const [index, { conversions, standardError = NaN }] of found.entries()) {
      const error = Math.abs(conversions - (exact[index] ?? NaN) * peopleIn(paths));
      expect(error).toBeLessThan(5 * standardError);
    }
    expect(sum(found.map((credit) => credit.conversions))).toBeCloseTo(conversionsIn(paths), 8);
  });

  it('states a standard error that falls with the root of the samples', () => {
    const [fewer = NaN, more = NaN] = [500, 8_000].map(
      (samples) => sampled({ samples })[4]?.standardError,
    );
    expect(fewer / more).toBeGreaterThan(3);
    expect(fewer / more).toBeLessThan(5);
  });

  it('gives the same answer for the same seed, and another one for another', () => {
    expect(sampled({ seed: 7 })).toEqual(sampled({ seed: 7 }));
    expect(sampled({ seed: 7 })).not.toEqual(sampled({ seed: 8 }));
  });

  it('needs no sample for worth in conversions', () => {
    const [first] = channelModel('shapley').creditChannels(paths);
    expect(first).not.toHaveProperty('standardError');
  });
});
