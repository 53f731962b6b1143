import { describe, expect, it } from 'vitest';

import { channelModel, grouped } from '../../../../../test/support/attribution-paths.ts';
import { eliminateStates } from './eliminate-states.ts';
import { markovChain } from './markov-chain.ts';
import type { GroupedPath } from './path.ts';
import { shapleyValues } from './shapley-values.ts';

function conversionsBy(model: string, paths: readonly GroupedPath[]): Record<string, number> {
  const credits = channelModel(model).creditChannels(paths);
  return Object.fromEntries(
    credits.map(({ channel, conversions }) => [channel, Number(conversions.toFixed(12))]),
  );
}

describe('S. Puzyrov 2019, Markov chain by hand', () => {
  const paths = [
    grouped('google', { conversions: 2, nulls: 1 }),
    grouped('mailing', { conversions: 1 }),
    grouped('google > mailing', { conversions: 1 }),
  ];

  it('loses 0.75 of the conversions without google and 0.5 without mailing', () => {
    const credits = channelModel('markov').creditChannels(paths);
    expect(credits.map(({ channel, removalEffect }) => [channel, removalEffect])).toEqual([
      ['google', 0.75],
      ['mailing', 0.5],
    ]);
  });

  it('gives google 2.4 conversions and mailing 1.6', () => {
    expect(conversionsBy('markov', paths)).toEqual({ google: 2.4, mailing: 1.6 });
  });

  it('converts with probability 0.8, which is all that passes through what every path starts with', () => {
    const prefixed = paths.map((path) => ({ ...path, channels: ['ad', ...path.channels] }));
    const chain = markovChain(prefixed, ['ad', 'google', 'mailing'], 1);
    const people = 5;
    expect((eliminateStates(chain, 3)[0]?.conversions ?? 0) / people).toBeCloseTo(0.8, 14);
  });
});

describe('tomgorb, Shapley notebook', () => {
  const own = { F: 0.2, O: 0.1, L: 0.17, FO: 0.17, FL: 0.3, LO: 0, FLO: 0.06 };

  it('has the values of its worths: F .455, O .205, L .34', () => {
    const worths = Float64Array.of(0, 0.2, 0.1, 0.47, 0.17, 0.67, 0.27, 1);
    const values = shapleyValues(3, worths);
    expect(values.map((value) => value.toFixed(12))).toEqual([
      '0.455000000000',
      '0.205000000000',
      '0.340000000000',
    ]);
  });

  it('credits the same from the paths', () => {
    const paths = Object.entries(own).map(([channels, conversions]) =>
      grouped(channels.split('').join('>'), { conversions }),
    );
    expect(conversionsBy('shapley', paths)).toEqual({ F: 0.455, L: 0.34, O: 0.205 });
  });
});

describe('eeghor/mta, Shapley tests', () => {
  it.each<[paths: Record<string, number>, expected: Record<string, number>]>([
    [{ a: 5 }, { a: 5 }],
    [{ 'a > b > c > d': 10 }, { a: 2.5, b: 2.5, c: 2.5, d: 2.5 }],
    [
      { a: 4, 'a > b': 6 },
      { a: 7, b: 3 },
    ],
  ])('credits %j', (paths, expected) => {
    const input = Object.entries(paths).map(([channels, conversions]) =>
      grouped(channels, { conversions }),
    );
    expect(conversionsBy('shapley', input)).toEqual(expected);
  });
});
