import { describe, expect, it } from 'vitest';

import { readCookie, serverCookie } from './cookies.ts';

describe('readCookie', () => {
  it.each([
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    ['b=2;a=1; c=3', '1'],
    ['xa=2; a=1', '1'],
    ['b=a=2; a=1', '1'],
    ['a=', ''],
    ['a=x=y; b=1', 'x=y'],
    ['ab=2', undefined],
    ['b=1', undefined],
    ['a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads a of %j', (header, value) => {
    expect(readCookie(header, 'a')).toBe(value);
  });
});

describe('serverCookie', () => {
  it('keeps scripts and other sites out, and goes over TLS only where there is TLS', () => {
    expect(serverCookie('_hw_visitor', 'token', 60, true)).toBe(
      '_hw_visitor=token; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    expect(serverCookie('_hw_visitor', 'token', 60, false)).not.toContain('Secure');
  });
});
