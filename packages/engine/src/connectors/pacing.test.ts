import { describe, expect, it } from 'vitest';

import { hour, minute, second } from '../kernel/clock.ts';
import { paceRequest } from './request-pace.ts';
import type { RequestPace } from './request-pace.ts';
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

  const send = (times: readonly number[]): number[] => {
    let pace: RequestPace = [];
    return times.map((now) => {
      const counted = paceRequest(pace, rates, now);
      pace = counted.pace;
      return counted.waits;
    });
  };

  it('keeps to every rate of a platform', () => {
    expect(send([0, 10, 20, 1_000, 2_000, 60_000])).toEqual([0, 0, 980, 0, 58_000, 0]);
  });

  it('is one for processes whose clocks differ a little, and begins anew where one was moved', () => {
    expect(send([100, 0, 50])).toEqual([0, 0, 1_050]);
    expect(send([10 * minute, 10 * minute, 0])).toEqual([0, 0, 0]);
  });
});
