import { describe, expect, it } from 'vitest';

import { namedPeriod, periodBefore, periodOfDays } from './period.ts';

const now = new Date('2026-11-21T14:20:00Z');

describe('namedPeriod', () => {
  it('begins at midnight in the zone and ends with the hour that is running', () => {
    const period = namedPeriod('7d', now, 'America/New_York');
    expect(period.from.toISOString()).toBe('2026-11-15T05:00:00.000Z');
    expect(period.to.toISOString()).toBe('2026-11-21T15:00:00.000Z');
    expect([period.firstDay, period.lastDay]).toEqual(['2026-11-15', '2026-11-21']);
  });

  it('counts days by their dates, also where the clocks change', () => {
    // Berlin leaves summer time on 25 October 2026.
    const period = namedPeriod('30d', now, 'Europe/Berlin');
    expect(period.firstDay).toBe('2026-10-23');
    expect(period.from.toISOString()).toBe('2026-10-22T22:00:00.000Z');
  });

  it('takes the whole of a month that is over', () => {
    const period = namedPeriod('last_month', now, 'Europe/Berlin');
    expect(period.from.toISOString()).toBe('2026-09-30T22:00:00.000Z');
    expect(period.to.toISOString()).toBe('2026-10-31T23:00:00.000Z');
    expect(period.lastDay).toBe('2026-10-31');
  });
});

describe('periodOfDays', () => {
  it('has both days in it, however long they are', () => {
    const { from, to } = periodOfDays('2026-10-25', '2026-10-25', 'Europe/Berlin');
    expect(to.getTime() - from.getTime()).toBe(25 * 3_600_000);
  });
});

describe('periodBefore', () => {
  it('is as long, and ends where the other one begins', () => {
    const period = namedPeriod('today', now, 'UTC');
    const before = periodBefore(period);
    expect(before.to).toEqual(period.from);
    expect(before.to.getTime() - before.from.getTime()).toBe(15 * 3_600_000);
  });
});
