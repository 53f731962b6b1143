import { describe, expect, it } from 'vitest';

import { majorUnits, pieceDecimal, pieceUnits } from './major-units.ts';

describe('majorUnits', () => {
  it.each([
    [4_999n, 'USD', 49.99],
    [5_000n, 'JPY', 5_000],
    [1_234n, 'KWD', 1.234],
    [12_345n, 'CLF', 1.2345],
    [0n, 'EUR', 0],
    [999_999_999_999_999n, 'USD', 9_999_999_999_999.99],
  ])('%s of %s are %s', (amountMinor, currency, amount) => {
    expect(majorUnits({ amountMinor, currency })).toBe(amount);
  });
});

describe('the price of a piece', () => {
  it('is in the currency of its conversion', () => {
    const yen = { amountMinor: 1n, currency: 'JPY' };
    expect(pieceUnits(300n, yen)).toBe(300);
    expect(pieceDecimal(300n, { ...yen, currency: 'EUR' })).toBe('3.00');
  });

  it('is not known without one', () => {
    expect(pieceUnits(300n, undefined)).toBeUndefined();
    expect(pieceDecimal(undefined, { amountMinor: 1n, currency: 'EUR' })).toBeUndefined();
  });
});
