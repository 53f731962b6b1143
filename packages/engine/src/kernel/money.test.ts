import { describe, expect, it } from 'vitest';

import {
  amountMinorMax,
  currencies,
  exponentOf,
  formatMoney,
  isAmountMinor,
  isCurrency,
  parseMoney,
} from './money.ts';

describe('currencies', () => {
  it('agree with the decimals that the platform knows, where it follows ISO 4217', () => {
    // CLDR rounds these to what is used in shops, or does not know the code yet.
    const different = new Set([
      'AFN',
      'ALL',
      'COP',
      'CRC',
      'IDR',
      'IQD',
      'IRR',
      'KPW',
      'LAK',
      'LBP',
      'MGA',
      'MMK',
      'MUR',
      'PKR',
      'RSD',
      'SLE',
      'SOS',
      'SYP',
      'TZS',
      'YER',
      'HUF',
      'GYD',
      'MNT',
      'NOK',
      'SEK',
      'CZK',
      'TWD',
      'UZS',
      'AMD',
      'BYN',
    ]);
    for (const currency of currencies) {
      if (different.has(currency)) continue;
      const { maximumFractionDigits } = new Intl.NumberFormat('en', {
        style: 'currency',
        currency,
      }).resolvedOptions();
      expect([currency, maximumFractionDigits]).toEqual([currency, exponentOf(currency)]);
    }
  });

  it('are the codes in upper case only', () => {
    expect(isCurrency('EUR')).toBe(true);
    for (const code of ['eur', 'EURO', 'XXX', 'XAU', 'DEM', '', 978, null])
      expect(isCurrency(code)).toBe(false);
    expect(['JPY', 'USD', 'KWD', 'CLF'].map(exponentOf)).toEqual([0, 2, 3, 4]);
  });
});

describe('money', () => {
  it.each([
    ['49.90', 'USD', 4990n],
    ['49.9', 'USD', 4990n],
    ['4990', 'JPY', 4990n],
    ['1.234', 'KWD', 1234n],
    ['0', 'EUR', 0n],
    ['10000000000000', 'USD', amountMinorMax],
  ])('reads %s %s and writes it back', (text, currency, amountMinor) => {
    expect(parseMoney(text, currency)).toEqual({ amountMinor, currency });
    expect(parseMoney(formatMoney({ amountMinor, currency }), currency)).toEqual({
      amountMinor,
      currency,
    });
  });

  it.each([
    ['49.901', 'USD'],
    ['49.9', 'JPY'],
    ['-1', 'USD'],
    ['1e3', 'USD'],
    ['', 'USD'],
    ['10000000000000.01', 'USD'],
    ['1', 'XXX'],
  ])('refuses %j %s', (text, currency) => {
    expect(parseMoney(text, currency)).toBeUndefined();
  });

  it('writes every decimal of the currency', () => {
    expect(formatMoney({ amountMinor: 5n, currency: 'USD' })).toBe('0.05');
    expect(formatMoney({ amountMinor: -5n, currency: 'KWD' })).toBe('-0.005');
    expect(formatMoney({ amountMinor: 5n, currency: 'JPY' })).toBe('5');
  });

  it('has limits', () => {
    expect(isAmountMinor(amountMinorMax)).toBe(true);
    expect(isAmountMinor(amountMinorMax + 1n)).toBe(false);
    expect(isAmountMinor(-1n)).toBe(false);
  });
});
