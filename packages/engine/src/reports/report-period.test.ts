import { describe, expect, it } from 'vitest';

import { readPeriod } from './report-period.ts';
import type { FieldProblems, PeriodInput } from './report-period.ts';

const now = Date.UTC(2026, 10, 21, 9, 30, 0, 500);

function read(input: PeriodInput, timezone = 'Europe/Berlin') {
  const problems: FieldProblems = {};
  const period = readPeriod(input, { now, timezone }, problems);
  if (Object.keys(problems).length > 0) return Object.entries(problems).flat();
  return [new Date(period.from).toISOString(), new Date(period.to).toISOString()];
}

describe('the period of a report', () => {
  it('is the last 30 days of the zone up to now, today among them', () => {
    expect(read({})).toEqual(['2026-10-22T22:00:00.000Z', '2026-11-21T09:30:01.000Z']);
    expect(read({ timezone: 'Asia/Tokyo' })).toEqual([
      '2026-10-22T15:00:00.000Z',
      '2026-11-21T09:30:01.000Z',
    ]);
  });

  it('is so many days up to the one that is named, itself among them', () => {
    expect(read({ to: '2026-10-31', days: 7 })).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-31T23:00:00.000Z',
    ]);
    expect(read({ to: '2026-11-01T00:00:00+01:00', days: 1 })).toEqual([
      '2026-10-30T23:00:00.000Z',
      '2026-10-31T23:00:00.000Z',
    ]);
  });

  it('takes days, which begin in the zone, and instants, of which the last is not part of it', () => {
    expect(read({ from: '2026-10-25', to: '2026-10-25' })).toEqual([
      '2026-10-24T22:00:00.000Z',
      // The day on which the clocks go back has 25 hours.
      '2026-10-25T23:00:00.000Z',
    ]);
    expect(read({ from: new Date('2026-11-01T05:00:00Z'), to: '2026-11-02T00:00:00Z' })).toEqual([
      '2026-11-01T05:00:00.000Z',
      '2026-11-02T00:00:00.000Z',
    ]);
    // Midnight is skipped there.
    expect(read({ from: '2026-09-06', to: '2026-09-06' }, 'America/Santiago')).toEqual([
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ]);
  });

  it.each<[PeriodInput, string]>([
    [{ from: '2026-11-31' }, 'from'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-11-01T00:00:00' }, 'from'],
    [{ to: new Date(Number.NaN) }, 'to'],
    [{ from: '2026-11-02', to: '2026-11-01' }, 'from'],
    [{ from: '2026-12-01' }, 'from'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ timezone: '+05:30' }, 'timezone'],
    [{ days: 0 }, 'days'],
    [{ days: 1.5 }, 'days'],
  ])('refuses %o by its field', (input, field) => {
    expect(read(input)[0]).toBe(field);
  });
});
