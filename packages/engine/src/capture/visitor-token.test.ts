import { describe, expect, it } from 'vitest';

import { createVisitorToken, isVisitorToken } from './visitor-token.ts';

describe('createVisitorToken', () => {
  it('makes 22 characters of base64url that never repeat', () => {
    const tokens = Array.from({ length: 2_000 }, createVisitorToken);
    expect(new Set(tokens).size).toBe(2_000);
    expect(tokens.every(isVisitorToken)).toBe(true);
    expect(tokens.every((token) => Buffer.from(token, 'base64url').length === 16)).toBe(true);
  });
});

describe('isVisitorToken', () => {
  it.each([
    undefined,
    '',
    'short',
    'a'.repeat(21),
    'a'.repeat(23),
    `${'a'.repeat(21)}=`,
    `${'a'.repeat(21)}é`,
  ])('refuses %j', (text) => {
    expect(isVisitorToken(text)).toBe(false);
  });
});
