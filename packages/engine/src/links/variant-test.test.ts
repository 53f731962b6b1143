import { describe, expect, it } from 'vitest';

import { createBet } from './variant-bet.ts';
import { checkSplit, compareVariants, findWinner, winnerThreshold } from './variant-test.ts';
import type { VariantGoal } from './link-routing.ts';
import type { ConvertedPerson, VariantShare } from './variant-bet.ts';

/** Reproducible: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tests = 10_000;
const peopleOfTest = 150;

/** A distribution without a variance, as a few large customers make it. */
function paretoOf(random: () => number): number {
  return Math.floor(1_000 / (1 - random()) ** (1 / 1.5));
}

/** How many A/A tests ever name a winner, looked at after each person who converts. */
function countFalseWinners(variants: readonly VariantShare[], goal: VariantGoal): number {
  const random = createRandom(20_261_121);
  const weights = variants.reduce((sum, { weight }) => sum + weight, 0);
  const threshold = winnerThreshold(variants.length);
  let named = 0;
  for (let test = 0; test < tests; test += 1) {
    const bets = variants.flatMap((better) =>
      variants
        .filter((worse) => worse !== better)
        .map((worse) => ({ better: better.name, bet: createBet(better, worse, goal) })),
    );
    for (let person = 0; person < peopleOfTest; person += 1) {
      let place = random() * weights;
      const variant = variants.find(({ weight }) => (place -= weight) < 0) ?? variants[0]!;
      const converted = { variant: variant.name, value: goal === 'revenue' ? paretoOf(random) : 1 };
      const eValues = bets.map(({ better, bet }) => [better, bet.take(converted)] as const);
      const isNamed = variants.some(({ name }) =>
        eValues.every(([better, eValue]) => better !== name || eValue >= threshold),
      );
      if (!isNamed) continue;
      named += 1;
      break;
    }
  }
  return named;
}

describe('a winner', () => {
  const even = [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 1 },
  ];
  const uneven = [
    { name: 'a', weight: 9 },
    { name: 'b', weight: 1 },
  ];
  it.each([
    ['the rate of two', even, 'conversions' as const],
    ['the rate of two with uneven weights', uneven, 'conversions' as const],
    ['the revenue of two', even, 'revenue' as const],
    ['the revenue of two with uneven weights', uneven, 'revenue' as const],
  ])(
    'is named in at most 5 % of 10,000 A/A tests that are looked at all the time: %s',
    (_name, variants, goal) => {
      expect(countFalseWinners(variants, goal) / tests).toBeLessThanOrEqual(0.05);
    },
    120_000,
  );

  function draw(count: number, shareOfA: number, values: readonly [a: number, b: number]) {
    const random = createRandom(7);
    return Array.from({ length: count }, (): ConvertedPerson => {
      const isA = random() < shareOfA;
      return { variant: isA ? 'a' : 'b', value: isA ? values[0] : values[1] };
    });
  }

  it('is found where one converts half as often again', () => {
    const people = draw(1_500, 0.6, [1, 1]);
    expect(findWinner(even, compareVariants(even, people, 'conversions'))).toBe('a');
    expect(
      findWinner(even, compareVariants(even, people.slice(0, 20), 'conversions')),
    ).toBeUndefined();
  });

  it('is the one with more revenue, not the one with more conversions', () => {
    const people = draw(2_000, 0.6, [1_000, 2_500]);
    expect(findWinner(even, compareVariants(even, people, 'revenue'))).toBe('b');
    const counted = people.map((person) => ({ ...person, value: 1 }));
    expect(findWinner(even, compareVariants(even, counted, 'conversions'))).toBe('a');
  });

  it('takes the weights into account: more conversions of more people are nothing', () => {
    const people = draw(1_500, 0.9, [1, 1]);
    expect(findWinner(uneven, compareVariants(uneven, people, 'conversions'))).toBeUndefined();
    expect(findWinner(even, compareVariants(even, people, 'conversions'))).toBe('a');
  });
});

describe('the check of a split', () => {
  it('is quiet about a split as it should be, and says where people are missing', () => {
    const split = (a: number, b: number) =>
      checkSplit([
        { name: 'a', weight: 1, people: a },
        { name: 'b', weight: 1, people: b },
      ]).matches;
    expect(split(0, 0)).toBe(true);
    expect(split(10_050, 9_950)).toBe(true);
    expect(split(10_000, 9_400)).toBe(false);
  });

  it('is wrong in at most 1 % of 1,000 right splits that are looked at all the time', () => {
    const random = createRandom(42);
    let wrong = 0;
    for (let test = 0; test < 1_000; test += 1) {
      const people = [0, 0];
      for (let person = 0; person < 100; person += 1) {
        people[random() < 0.25 ? 0 : 1]! += 1;
        const { matches } = checkSplit([
          { name: 'a', weight: 1, people: people[0]! },
          { name: 'b', weight: 3, people: people[1]! },
        ]);
        if (matches) continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong / 1_000).toBeLessThanOrEqual(0.01);
  }, 60_000);
});
