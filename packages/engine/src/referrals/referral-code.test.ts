import { describe, expect, it } from 'vitest';

import {
  codeAlphabet,
  codeProblem,
  codeState,
  generateCode,
  normaliseCode,
} from './referral-code.ts';

describe('generateCode', () => {
  it('makes five characters that nobody mistakes for others', () => {
    for (let count = 0; count < 200; count += 1)
      expect(generateCode()).toMatch(/^[A-HJ-NP-Z2-9]{5}$/);
    expect(codeAlphabet).toHaveLength(32);
  });

  it('repeats characters, and uses each as often as the others', () => {
    const codes = Array.from({ length: 4_000 }, () => generateCode());
    expect(codes.slice(0, 200).some((code) => new Set(code).size < 5)).toBe(true);
    const counts = new Map<string, number>();
    for (const symbol of codes.join('')) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(codeAlphabet.split('').sort());
    const mean = (4_000 * 5) / 32;
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.4);
  });
});

describe('the text of a code', () => {
  it('is trimmed, in upper case, and ASCII', () => {
    expect(normaliseCode('  welcome  ')).toBe('WELCOME');
    for (const good of ['abc', 'WELCOME2024', 'a_b-c', ' abc ', 'x'.repeat(50)])
      expect(codeProblem(good)).toBeUndefined();
    for (const bad of ['', 'ab', '  a ', 'x'.repeat(51), 'straße', 'a b', 'ünter', null, 7])
      expect(codeProblem(bad)).toMatch(/^must /);
  });
});

describe('codeState', () => {
  const now = Date.UTC(2026, 0, 1);
  const code = { active: true, uses: 0, usesMax: 10, expiresAt: null };

  it('is exhausted at its limit, expired at its end, and never without one', () => {
    expect(codeState(code, now)).toBe('valid');
    expect(codeState({ ...code, uses: 9 }, now)).toBe('valid');
    expect(codeState({ ...code, uses: 10 }, now)).toBe('exhausted');
    expect(codeState({ ...code, expiresAt: new Date(now + 1) }, now)).toBe('valid');
    expect(codeState({ ...code, expiresAt: new Date(now) }, now)).toBe('expired');
    expect(codeState({ ...code, expiresAt: new Date(now - 3_600_000) }, now)).toBe('expired');
  });

  it('says the first reason of several', () => {
    const all = { active: false, uses: 10, usesMax: 10, expiresAt: new Date(now) };
    expect(codeState(all, now)).toBe('inactive');
    expect(codeState({ ...all, active: true }, now)).toBe('expired');
  });
});
