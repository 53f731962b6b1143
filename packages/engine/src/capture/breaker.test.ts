import { describe, expect, it } from 'vitest';

import { createBreaker } from './breaker.ts';

describe('createBreaker', () => {
  it('opens after failures in a row, then lets one at a time find out', () => {
    const breaker = createBreaker(3);
    for (let failure = 0; failure < 3; failure += 1) {
      expect(breaker.allows()).toBe(true);
      breaker.failed();
    }
    expect(breaker.isOpen).toBe(true);
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    breaker.failed();
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    breaker.succeeded();
    expect(breaker.isOpen).toBe(false);
    expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
  });

  it('stays closed while successes come between failures', () => {
    const breaker = createBreaker(2);
    for (let round = 0; round < 10; round += 1) {
      breaker.failed();
      breaker.succeeded();
    }
    expect(breaker.isOpen).toBe(false);
  });
});
