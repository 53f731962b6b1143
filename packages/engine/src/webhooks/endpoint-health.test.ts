import { describe, expect, it } from 'vitest';

import { day, hour, second } from '../kernel/clock.ts';
import { goodHealth, judgeHealth, secretUnreadable } from './endpoint-health.ts';
import type { EndpointHealth } from './endpoint-health.ts';
import type { AttemptResult } from './webhook-delivery.ts';

const attempt = (result: Partial<AttemptResult>): AttemptResult => ({
  at: '2026-11-21T09:00:00Z',
  milliseconds: 5,
  ...result,
});
const failed = attempt({ status: 500 });

/** What is known after a failure at each of these times. */
function after(times: readonly number[]): ReturnType<typeof judgeHealth> {
  let health: EndpointHealth & { disabledReason: 'failing' | 'gone' | null } = {
    ...goodHealth,
    disabledReason: null,
  };
  for (const time of times) health = judgeHealth(health, [failed], time);
  return health;
}

describe('the health of an endpoint', () => {
  it('is over when nothing arrives for five days in ten attempts', () => {
    const times = Array.from({ length: 11 }, (_, index) => index * 12 * hour);
    expect(after(times.slice(0, 10)).disabledReason).toBeNull();
    expect(after(times).disabledReason).toBe('failing');
  });

  it('is not judged by two failures that are far apart', () => {
    expect(after([0, 6 * day])).toMatchObject({
      disabledReason: null,
      failures: 1,
      failingSince: new Date(6 * day),
    });
    expect(after([0, 1.5 * day, 3 * day, 4.5 * day, 6 * day]).disabledReason).toBeNull();
  });

  it('is good again with one message that arrives', () => {
    const both = [failed, attempt({ status: 204 })];
    expect(judgeHealth(after([0, day]), both, 2 * day)).toEqual({
      ...goodHealth,
      disabledReason: null,
    });
  });

  it('is over at once where the receiver says that it is gone', () => {
    expect(judgeHealth(goodHealth, [attempt({ status: 410 })], 0).disabledReason).toBe('gone');
  });

  it('includes the pause that it asks for, a day at most', () => {
    const rest = (result: Partial<AttemptResult>) =>
      judgeHealth(goodHealth, [attempt(result), failed], 0).restingUntil?.getTime();
    expect([
      rest({ status: 429, retryAfterSeconds: 90 }),
      rest({ status: 503, retryAfterSeconds: 1_000_000 }),
      rest({ status: 502 }),
      rest({ status: 500 }),
    ]).toEqual([90 * second, day, 30 * second, undefined]);
  });

  it('does not suffer from secrets that we cannot read ourselves', () => {
    expect(judgeHealth(goodHealth, [attempt({ failure: secretUnreadable })], 0)).toEqual({
      ...goodHealth,
      disabledReason: null,
    });
  });
});
