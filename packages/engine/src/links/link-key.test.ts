import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { generateKey, isKey, isReservedKey, keyProblem } from './link-key.ts';

describe('generateKey', () => {
  it('makes seven unambiguous letters and digits, or as many as asked for', () => {
    expect(generateKey()).toMatch(/^[2-9A-HJ-NP-Za-km-z]{7}$/);
    expect(generateKey(12)).toHaveLength(12);
  });

  it('makes different keys', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => generateKey())).size).toBe(1_000);
  });

  it('favours no character', () => {
    const counts = new Map<string, number>();
    for (const character of Array.from({ length: 57 }, () => generateKey(1_000)).join(''))
      counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(57);
    // Chi-square with 56 degrees of freedom: 112 is exceeded once in 100,000 runs.
    const chiSquare = [...counts.values()].reduce(
      (sum, count) => sum + (count - 1_000) ** 2 / 1_000,
      0,
    );
    expect(chiSquare).toBeLessThan(112);
  });

  it('makes keys that are valid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 255 }), (length) => isKey(generateKey(length))),
    );
  });
});

describe('isKey', () => {
  it.each(['promo2026', 'winter-promo', 'winter_promo', 'a', 'A'.repeat(255)])(
    'accepts %s',
    (key) => {
      expect(isKey(key)).toBe(true);
    },
  );

  it.each([
    '',
    'two words',
    'a/b',
    'a?b',
    'a#b',
    'a%20b',
    'größe',
    '促销',
    'a.b',
    'A'.repeat(256),
    'a\n',
    '../x',
  ])('refuses %j', (key) => {
    expect(isKey(key)).toBe(false);
  });

  it('accepts exactly the stated characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => isKey(text) === /^[A-Za-z0-9_-]{1,255}$/.test(text),
      ),
    );
  });
});

describe('isReservedKey', () => {
  it.each([
    'hw',
    'HW',
    'api',
    'healthz',
    'readyz',
    'metrics',
    'qr',
    'robots.txt',
    'favicon.ico',
    '.well-known',
  ])('reserves %s', (key) => {
    expect(isReservedKey(key, '/hw')).toBe(true);
  });

  it('reserves the first segment of the base path', () => {
    expect(isReservedKey('ga', '/ga/tracking')).toBe(true);
    expect(isReservedKey('ga', '/hw')).toBe(false);
  });
});

describe('keyProblem', () => {
  it('says what is wrong', () => {
    expect(keyProblem(42, '/hw')).toBe('must be a string');
    expect(keyProblem('api/../x ?', '/hw')).toMatch(/letters/);
    expect(keyProblem('metrics', '/hw')).toBe('is reserved');
    expect(keyProblem('launch', '/hw')).toBeUndefined();
  });
});
