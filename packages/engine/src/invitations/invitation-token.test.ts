import { describe, expect, it } from 'vitest';

import { generateToken, prefixOfToken } from './invitation-token.ts';

describe('generateToken', () => {
  it('makes as many letters and digits as were asked for', () => {
    expect(generateToken(16)).toMatch(/^[0-9A-Za-z]{16}$/);
    expect(generateToken(6)).toMatch(/^[0-9A-Za-z]{6}$/);
    expect(generateToken(255)).toMatch(/^[0-9A-Za-z]{255}$/);
  });

  it('uses each symbol as often as the others', () => {
    const counts = new Map<string, number>();
    for (const symbol of generateToken(62 * 1_000))
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // Six standard deviations of a binomial count around 1,000.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(190);
  });

  it('leaves out the bytes that would make the first symbols likelier', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const token = generateToken(248, () => Uint8Array.from(bytes));
    expect(token).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.repeat(4));
    const tail = generateToken(2, () => Uint8Array.from([248, 255, 250, 0, 61]));
    expect(tail).toBe('A9');
  });
});

describe('prefixOfToken', () => {
  it.each([
    ['abc', ''],
    ['abcdef', 'a'],
    ['friendly-code-2025', 'frie'],
    ['🎉🎊🎈🎁', '🎉'],
  ])('shows a quarter of %s at most', (token, prefix) => {
    expect(prefixOfToken(token)).toBe(prefix);
  });
});
