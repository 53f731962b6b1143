import { describe, expect, it } from 'vitest';

import { hour, minute, second } from '../kernel/clock.ts';
import { createRequestPace } from './request-pace.ts';
import { retryDelay } from './retry-delay.ts';

describe('the pause after a failed attempt', () => {
  it('doubles from half a minute to half a day, spread by a fifth', () => {
    expect([1, 2, 3, 8].map((attempts) => retryDelay(attempts, 0.5))).toEqual([
      30 * second,
      minute,
      2 * minute,
      64 * minute,
    ]);
    expect(retryDelay(40, 0.5)).toBe(12 * hour);
    expect([retryDelay(1, 0), retryDelay(1, 1)]).toEqual([24 * second, 36 * second]);
  });

  it('is never shorter than what the platform asks for', () => {
    expect(retryDelay(1, 0, hour)).toBe(hour);
    expect(retryDelay(1, 1, hour)).toBe(66 * minute);
    expect(retryDelay(20, 0, minute)).toBeGreaterThan(9 * hour);
  });
});

describe('the pace of requests', () => {
  const rates = [
    { requests: 2, per: { seconds: 1 } },
    { requests: 3, per: { minutes: 1 } },
  ];

  it('keeps to every rate of a platform', () => {
    const pace = createRequestPace();
    const take = (now: number): number => pace.take('shop meta', rates, now);
    expect([take(0), take(10), take(20)]).toEqual([0, 0, 980]);
    expect(take(1_000)).toBe(0);
    expect(take(2_000)).toBe(58_000);
    expect(take(60_000)).toBe(0);
  });

  it('keeps each connector of each workspace apart, and looks without counting', () => {
    const pace = createRequestPace();
    const rate = [{ requests: 1, per: { minutes: 1 } }];
    expect(pace.next('a', rate, 0)).toBe(0);
    expect(pace.take('a', rate, 0)).toBe(0);
    expect(pace.next('a', rate, 0)).toBe(minute);
    expect(pace.take('b', rate, 0)).toBe(0);
    expect(pace.take('none', [], 0)).toBe(0);
  });
});
