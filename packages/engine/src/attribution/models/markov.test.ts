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
import { eliminateStates } from './eliminate-states.ts';
import { followPeople } from './follow-people.ts';
import { markovChain } from './markov-chain.ts';
import type { GroupedPath } from './path.ts';

const channels = ['a', 'b', 'c', 'd', 'e'];
const orders = fc.integer({ min: 1, max: 4 });
const converting = arbitraryPaths(channels).filter((paths) =>
  paths.some((path) => path.conversions > 0),
);

function effects(paths: readonly GroupedPath[], order: number): Record<string, number> {
  const credits = channelModel('markov', { order }).creditChannels(paths);
  return Object.fromEntries(
    credits.map(({ channel, removalEffect = NaN }) => [channel, removalEffect]),
  );
}

/**
 * The definition, word for word: the probability of converting, as the solution of linear equations, with the states
 * that hold the removed channel leading nowhere. States are tuples of just k channels; a shorter path is one state.
 */
function conversionProbability(
  paths: readonly GroupedPath[],
  order: number,
  removed?: string,
): number {
  const counts = new Map<string, Map<string, number>>();
  for (const path of paths) {
    const states = path.channels
      .map((_, index) => path.channels.slice(Math.max(index - order + 1, 0), index + 1))
      .filter((tuple) => tuple.length === Math.min(order, path.channels.length))
      .map((tuple) => tuple.join(' '));
    const add = (from: string, to: string, count: number): void => {
      const row = counts.get(from) ?? new Map<string, number>();
      counts.set(from, row.set(to, (row.get(to) ?? 0) + count));
    };
    const people = path.conversions + path.nulls;
    if (people === 0) continue;
    for (const [index, state] of states.entries()) add(states[index - 1] ?? '', state, people);
    add(states.at(-1) ?? '', '(conversion)', path.conversions);
    add(states.at(-1) ?? '', '(null)', path.nulls);
  }
  const isRemoved = (state: string): boolean =>
    removed !== undefined && state.split(' ').includes(removed);
  const states = [...counts.keys()].filter((state) => !isRemoved(state));
  const equations = states.map((state) => {
    const row = counts.get(state) ?? new Map<string, number>();
    const total = sum([...row.values()]);
    return [
      ...states.map((next) => (next === state ? 1 : 0) - (row.get(next) ?? 0) / total),
      (row.get('(conversion)') ?? 0) / total,
    ];
  });
  return solve(equations)[states.indexOf('')] ?? NaN;
}

/** Gauss and Jordan, with the largest pivot. */
function solve(equations: number[][]): number[] {
  for (const [column] of equations.entries()) {
    const pivots = equations.slice(column).map((row) => Math.abs(row[column] ?? 0));
    const best = column + pivots.indexOf(Math.max(...pivots));
    [equations[column], equations[best]] = [equations[best] ?? [], equations[column] ?? []];
    const pivot = equations[column] ?? [];
    for (const [index, row] of equations.entries()) {
      if (index === column) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 0);
      for (const [each, value] of pivot.entries()) row[each] = (row[each] ?? 0) - factor * value;
    }
  }
  return equations.map((row, index) => (row.at(-1) ?? 0) / (row[index] ?? 0));
}

describe('Markov credit', () => {
  it('loses what the definition loses, at every order', () => {
    fc.assert(
      fc.property(converting, orders, (paths, order) => {
        const all = conversionProbability(paths, order);
        for (const [channel, effect] of Object.entries(effects(paths, order))) {
          const without = conversionProbability(paths, order, channel);
          expect(effect).toBeCloseTo(1 - without / all, 9);
        }
      }),
    );
  });

  it('gives credits that add up to the conversions, and values that add up to the minor unit', () => {
    const weightings = fc.constantFrom('conversions', 'value');
    fc.assert(
      fc.property(converting, orders, weightings, (paths, order, weighting) => {
        const credits = channelModel('markov', { order, weighting }).creditChannels(paths);
        const conversions = sum(paths.map((path) => path.conversions));
        expect(sum(credits.map((credit) => credit.conversions)) / conversions).toBeCloseTo(1, 12);
        expect(sum(credits.map((credit) => credit.share))).toBeCloseTo(1, 12);
        expect(sumMinor(credits.map((credit) => credit.valueMinor))).toBe(
          sumMinor(paths.map((path) => path.valueMinor)),
        );
      }),
    );
  });

  it('takes back the same value by refunds', () => {
    fc.assert(
      fc.property(converting, orders, (paths, order) => {
        const refunds = paths.map((path) => ({ ...path, valueMinor: -path.valueMinor }));
        for (const weighting of ['conversions', 'value']) {
          const model = channelModel('markov', { order, weighting });
          const given = model.creditChannels(paths).map((credit) => credit.valueMinor);
          const taken = model.creditChannels(refunds).map((credit) => -credit.valueMinor);
          expect(taken).toEqual(given);
        }
      }),
    );
  });

  it('loses everything without the channel that every path starts with', () => {
    fc.assert(
      fc.property(converting, orders, (paths, order) => {
        const prefixed = paths.map((path) => ({ ...path, channels: ['z', ...path.channels] }));
        expect(effects(prefixed, order)['z']).toBeCloseTo(1, 12);
      }),
    );
  });

  it('loses less than everything without a channel of every path that the chain can go round', () => {
    const paths = [grouped('a > b', { conversions: 1 }), grouped('b > a', { conversions: 1 })];
    expect(effects(paths, 1)['a']).toBe(0.75);
    expect(effects(paths, 2)['a']).toBe(1);
  });

  it('loses nothing without a channel that nobody converts after', () => {
    const paths = [grouped('a > b', { conversions: 3 }), grouped('a > c', { nulls: 5 })];
    const [, , c] = channelModel('markov').creditChannels(paths);
    expect(c).toEqual({ channel: 'c', share: 0, conversions: 0, valueMinor: 0n, removalEffect: 0 });
  });

  it('scales with the counts', () => {
    fc.assert(
      fc.property(converting, orders, fc.integer({ min: 2, max: 9 }), (paths, order, factor) => {
        const scaled = paths.map((path) => ({
          ...path,
          conversions: path.conversions * factor,
          nulls: path.nulls * factor,
        }));
        const before = effects(paths, order);
        for (const [channel, effect] of Object.entries(effects(scaled, order))) {
          expect(effect).toBeCloseTo(before[channel] ?? NaN, 12);
        }
      }),
    );
  });

  it('does not change at order 1 when a channel is repeated in a row', () => {
    fc.assert(
      fc.property(converting, (paths) => {
        const repeated = paths.map((path) => ({
          ...path,
          channels: path.channels.flatMap((channel) => [channel, channel]),
        }));
        const before = effects(paths, 1);
        for (const [channel, effect] of Object.entries(effects(repeated, 1))) {
          expect(effect).toBeCloseTo(before[channel] ?? NaN, 12);
        }
      }),
    );
  });

  it('changes when people who did not convert are counted', () => {
    const path = grouped('a > b', { conversions: 1 });
    const other = grouped('b', { conversions: 1 });
    const withNulls = [path, { ...other, nulls: 8 }];
    expect(effects([path, other], 1)).toEqual({ a: 0.5, b: 1 });
    expect(effects(withNulls, 1)['a']).toBeCloseTo(0.1, 14);
  });

  it('tells at a higher order what order 1 mixes up', () => {
    const paths = [grouped('a > c > d', { conversions: 10 }), grouped('b > c > e', { nulls: 10 })];
    expect(effects(paths, 1)['b']).toBeCloseTo(0.5, 14);
    expect(effects(paths, 2)['b']).toBe(0);
  });

  it('shares value by the value that would be lost where it is told to', () => {
    const paths = [
      grouped('a', { conversions: 1, valueMinor: 1_000n }),
      grouped('b', { conversions: 1, valueMinor: 10n }),
    ];
    const values = (weighting: string): bigint[] =>
      channelModel('markov', { weighting })
        .creditChannels(paths)
        .map((credit) => credit.valueMinor);
    expect(values('conversions')).toEqual([505n, 505n]);
    expect(values('value')).toEqual([1_000n, 10n]);
  });

  it('gives no value to a channel whose refunds outweigh its sales, where it is shared by value', () => {
    const paths = [
      grouped('a', { conversions: 1, valueMinor: 1_000n }),
      grouped('b', { conversions: 1, valueMinor: -400n }),
    ];
    const credits = channelModel('markov', { weighting: 'value' }).creditChannels(paths);
    expect(credits.map((credit) => credit.valueMinor)).toEqual([600n, 0n]);
  });

  it('computes the same by eliminating states and by following people', () => {
    fc.assert(
      fc.property(converting, orders, (paths, order) => {
        const names = channelsOf(paths);
        const chain = markovChain(paths, names, order);
        const followed = followPeople(chain, names.length);
        for (const [index, passage] of eliminateStates(chain, names.length).entries()) {
          expect(followed[index]?.conversions).toBeCloseTo(passage.conversions, 10);
          expect(followed[index]?.value).toBeCloseTo(passage.value, 4);
        }
      }),
    );
  });

  it('keeps its digits where people go round for very long', () => {
    const round = Array.from({ length: 20_000 }, () => ['a', 'b']).flat();
    const paths = [
      { ...grouped('a', { conversions: 1 }), channels: [...round, 'c'] },
      { ...grouped('a', { nulls: 3 }), channels: round },
    ];
    expect(effects(paths, 1)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it('answers zeros where nobody converted, and nothing where nobody came through a channel', () => {
    const model = channelModel('markov');
    expect(model.creditChannels([grouped('a', { nulls: 2 })])).toEqual([
      { channel: 'a', share: 0, conversions: 0, valueMinor: 0n, removalEffect: 0 },
    ]);
    expect(model.creditChannels([])).toEqual([]);
    const none = { channels: [], conversions: 4, nulls: 1, valueMinor: 100n };
    expect(model.creditChannels([none])).toEqual([]);
  });

  it('throws for counts below 0', () => {
    for (const counts of [{ conversions: -1 }, { nulls: NaN }]) {
      expect(() => channelModel('markov').creditChannels([grouped('a', counts)])).toThrow(
        'conversions and nulls of a path must be 0 or more',
      );
    }
  });
});
