import { describe, expect, it } from 'vitest';

import { day, hour, second } from '../kernel/clock.ts';
import { decideDelivery, retrySchedule } from './webhook-delivery.ts';
import type { AttemptResult } from './webhook-delivery.ts';

const attempt = (result: Partial<AttemptResult>): AttemptResult => ({
  at: '2026-11-21T09:00:00Z',
  milliseconds: 5,
  ...result,
});
const first = { attempts: 1, now: 0, random: 0.5 };

describe('what follows from an attempt', () => {
  it.each([200, 201, 204, 299])('is the end with %i', (status) => {
    expect(decideDelivery(attempt({ status }), first)).toEqual({ status: 'delivered' });
  });

  it.each([301, 302, 400, 404, 429, 500, 503])('is another attempt with %i', (status) => {
    expect(decideDelivery(attempt({ status }), first)).toEqual({
      status: 'waiting',
      reason: `status_${status}`,
      dueAt: 5 * second,
    });
  });

  it('is the end with 410', () => {
    expect(decideDelivery(attempt({ status: 410 }), first)).toEqual({
      status: 'failed',
      reason: 'gone',
    });
  });

  it('is an attempt no earlier than Retry-After says, and not later than in a day', () => {
    const due = (retryAfterSeconds: number) => {
      const decision = decideDelivery(attempt({ status: 503, retryAfterSeconds }), first);
      return decision.status === 'waiting' ? decision.dueAt : undefined;
    };
    expect([due(1), due(3_600), due(1_000_000)]).toEqual([5 * second, hour, day]);
  });

  it('is the end after ten attempts in three days', () => {
    let now = 0;
    for (let attempts = 1; attempts <= retrySchedule.length; attempts += 1) {
      const decision = decideDelivery(attempt({ failure: 'timeout' }), {
        attempts,
        now,
        random: 0.5,
      });
      if (decision.status !== 'waiting') throw new Error(`ended after ${attempts}`);
      now = decision.dueAt;
    }
    expect(now / day).toBeGreaterThan(3);
    expect(
      decideDelivery(attempt({ failure: 'timeout' }), { attempts: 10, now, random: 0.5 }),
    ).toEqual({ status: 'failed', reason: 'timeout' });
  });

  it('is spread by a tenth either way', () => {
    const due = (random: number) =>
      decideDelivery(attempt({ status: 500 }), { attempts: 2, now: 0, random });
    expect(due(0)).toMatchObject({ dueAt: 270 * second });
    expect(due(1)).toMatchObject({ dueAt: 330 * second });
  });
});
