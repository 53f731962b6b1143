import { describe, expect, it } from 'vitest';

import { fc } from '../../../../../test/support/properties.ts';
import { sum, sumMinor } from '../../../../../test/support/attribution-paths.ts';
import { amountMinorMax } from '../../kernel/money.ts';
import { roundParts, splitAmount } from './split-amount.ts';

const amounts = fc.bigInt({ min: -amountMinorMax, max: amountMinorMax });
const weights = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
  .filter((each) => sum(each) > 1e-6);

describe('splitAmount', () => {
  it.each<[amount: bigint, weights: number[], parts: bigint[]]>([
    [100n, [1, 1, 1], [34n, 33n, 33n]],
    [14_000n, [0.4, 0.2, 0.4], [5_600n, 2_800n, 5_600n]],
    [15n, [0.3, 0.3, 0.3, 0.1], [5n, 5n, 4n, 1n]],
    [-15n, [0.3, 0.3, 0.3, 0.1], [-5n, -5n, -4n, -1n]],
    [1n, [0, 0.5, 0.5], [0n, 1n, 0n]],
    [0n, [1, 2], [0n, 0n]],
    [10n, [7], [10n]],
    [10n, [], []],
    [9n, [2, -1], [18n, -9n]],
  ])('splits %d over %j', (amount, by, parts) => {
    expect(splitAmount(amount, by)).toEqual(parts);
  });

  it('gives parts that add up to the amount', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        expect(sumMinor(splitAmount(amount, by))).toBe(amount);
      }),
    );
  });

  it('gives nobody a unit more or less than the exact part', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), weights, (amount, by) => {
        const total = sum(by);
        for (const [index, part] of splitAmount(amount, by).entries()) {
          const exact = (Number(amount) * (by[index] ?? 0)) / total;
          expect(Math.abs(Number(part) - exact)).toBeLessThan(1.01);
        }
      }),
    );
  });

  it('takes back by a refund exactly what it gave', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        const given = splitAmount(amount, by);
        const taken = splitAmount(-amount, by);
        expect(taken.map((part) => -part)).toEqual(given);
      }),
    );
  });

  it('gives nothing for a weight of zero', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        expect(splitAmount(amount, [0, ...by, 0]).at(0)).toBe(0n);
        expect(splitAmount(amount, [0, ...by, 0]).at(-1)).toBe(0n);
      }),
    );
  });

  it.each([[[0, 0]], [[1, -1]], [[-1]], [[NaN, 1]], [[Infinity]]])(
    'throws for weights %j',
    (by) => {
      expect(() => splitAmount(5n, by)).toThrow(RangeError);
    },
  );
});

describe('roundParts', () => {
  it('keeps a whole sum over fractions of either sign, and mirrors them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), { minLength: 1 }),
        fc.bigInt({ min: 1n, max: 27_720n }),
        (numerators, denominator) => {
          const surplus = sumMinor(numerators) % denominator;
          const whole = [...numerators, -surplus];
          const parts = roundParts(whole, denominator);
          expect(sumMinor(parts) * denominator).toBe(sumMinor(whole));
          const negated = roundParts(
            whole.map((numerator) => -numerator),
            denominator,
          );
          expect(negated.map((part) => -part)).toEqual(parts);
        },
      ),
    );
  });
});
