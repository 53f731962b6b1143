import { describe, expect, it } from 'vitest';

import { isSpecialAddress, readAddress } from './address.ts';

describe('readAddress', () => {
  it.each([
    ['81.2.69.142', '81.2.69.142', 4],
    ['::ffff:81.2.69.142', '81.2.69.142', 4],
    ['::FFFF:5102:458e', '81.2.69.142', 4],
    ['2001:db8::1', '2001:db8::1', 6],
    ['fe80::1%eth0', 'fe80::1', 6],
  ])('reads %s', (given, text, family) => {
    expect(readAddress(given)).toEqual({ text, family });
  });

  it.each([
    undefined,
    '',
    'unknown',
    '256.1.1.1',
    '1.2.3',
    '[::1]',
    '1.2.3.4:80',
    'x'.repeat(100_000),
  ])('takes %.20s for none', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });
});

describe('isSpecialAddress', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '192.168.1.1',
    '203.0.113.77',
    '255.255.255.255',
    '::1',
    'fd00::1',
    '2001:db8::1',
  ])('knows that %s is nowhere', (text) => {
    expect(isSpecialAddress(readAddress(text)!)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '2a00:1450:4001:81b::200e'])(
    'knows that %s is somewhere',
    (text) => {
      expect(isSpecialAddress(readAddress(text)!)).toBe(false);
    },
  );
});
