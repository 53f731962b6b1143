import { describe, expect, it } from 'vitest';

import { isReachable } from './guard-request.ts';

describe('what a parked account may reach', () => {
  it.each(['/enter', '/enter/', '/enter?next=%2F', '/caf%C3%A9'])(
    'is the page of the code, written as %s',
    (entryPath) => {
      expect(isReachable(entryPath, { entryPath })).toBe(true);
    },
  );

  it.each(['/enter', '/enter/', '/enter/help', '/enter?x=1', '/logout/now'])('is %s', (target) => {
    expect(isReachable(target, { entryPath: '/enter/', allow: ['/logout'] })).toBe(true);
  });

  it.each(['/', '/entering', '/enter/../admin', '/enter/%2e%2e/admin', '/enter//admin', '//'])(
    'is not %s',
    (target) => {
      expect(isReachable(target, { entryPath: '/enter' })).toBe(false);
    },
  );

  it('is nothing else where the page of the code is the root', () => {
    expect([
      isReachable('/', { entryPath: '/' }),
      isReachable('/admin', { entryPath: '/' }),
    ]).toEqual([true, false]);
  });
});
