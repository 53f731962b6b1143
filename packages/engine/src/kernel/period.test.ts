import { describe, expect, it } from 'vitest';

import { movePeriod, periodProblem } from './period.ts';
import type { Period } from './period.ts';

const moved = (from: string, period: Period, direction?: 1 | -1) => {
  const at = movePeriod(Date.parse(from), period, direction);
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('movePeriod', () => {
  it.each([
    [{ seconds: 1 }, '2024-01-01T12:00:01.000Z'],
    [{ minutes: 90 }, '2024-01-01T13:30:00.000Z'],
    [{ hours: 25 }, '2024-01-02T13:00:00.000Z'],
    [{ days: 7 }, '2024-01-08T12:00:00.000Z'],
    [{ weeks: 2 }, '2024-01-15T12:00:00.000Z'],
    [{ months: 1 }, '2024-02-01T12:00:00.000Z'],
    [{ years: 1 }, '2025-01-01T12:00:00.000Z'],
    [{ years: 1, months: 2, days: 3 }, '2025-03-04T12:00:00.000Z'],
  ])('adds %j', (period, end) => {
    expect(moved('2024-01-01T12:00:00Z', period)).toBe(end);
  });

  it('ends on the last day of a month that has no such day', () => {
    expect(moved('2024-01-31T00:00:00Z', { months: 1 })).toBe('2024-02-29T00:00:00.000Z');
    expect(moved('2024-02-29T00:00:00Z', { years: 1 })).toBe('2025-02-28T00:00:00.000Z');
    expect(moved('2024-03-31T00:00:00Z', { months: 1 }, -1)).toBe('2024-02-29T00:00:00.000Z');
    expect(moved('2024-12-15T00:00:00Z', { months: 2 })).toBe('2025-02-15T00:00:00.000Z');
  });

  it('has no end beyond the year 9999', () => {
    expect(moved('2024-01-01T00:00:00Z', { years: 9_000 })).toBeUndefined();
    expect(moved('2024-01-01T00:00:00Z', { seconds: 99_999_999_999_999 })).toBeUndefined();
  });

  it('has no beginning before the year 1', () => {
    expect(movePeriod(Date.UTC(2024, 0, 1), { years: 2_023 }, -1)).toBe(
      Date.parse('0001-01-01T00:00:00Z'),
    );
    expect(movePeriod(Date.UTC(2024, 0, 1), { years: 2_024 }, -1)).toBeUndefined();
  });
});

describe('periodProblem', () => {
  it.each([
    [{}],
    [{ days: 0 }],
    [{ days: -1 }],
    [{ days: 1.5 }],
    [{ days: Number.NaN }],
    [{ days: '7' }],
    [{ fortnights: 1 }],
    [null],
    [7],
    [[7, 'days']],
    ['7 days'],
  ])('refuses %j', (period) => {
    expect(periodProblem(period)).toMatch(/^must /);
  });

  it('takes every unit', () => {
    for (const unit of ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'])
      expect(periodProblem({ [unit]: 1 })).toBeUndefined();
    expect(periodProblem({ days: 1, hours: 0, weeks: undefined })).toBeUndefined();
  });
});
