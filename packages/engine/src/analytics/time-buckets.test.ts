import { describe, expect, it } from 'vitest';

import { chooseInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { cutIntoBuckets } from './time-buckets.ts';
import { findTimeZone } from '../reports/time-zone.ts';

const hour = 3_600_000;

function cut(zone: string, interval: Interval, from: string, to: string): string[] {
  const window = { from: Date.parse(from), to: Date.parse(to) };
  const edges = cutIntoBuckets(window, interval, findTimeZone(zone)!, 1_500)!;
  return edges.map((edge) => new Date(edge).toISOString().replace(':00.000Z', 'Z'));
}

function hoursOf(edges: readonly string[]): number[] {
  return edges.slice(1).map((edge, at) => (Date.parse(edge) - Date.parse(edges[at]!)) / hour);
}

describe('the interval of a window', () => {
  it.each([
    [60, '1m'],
    [61, '5m'],
    [24 * 60, '1h'],
    [25 * 60, '30m'],
    [7 * 24 * 60, '3h'],
    [30 * 24 * 60, '12h'],
    [90 * 24 * 60, '2d'],
    [365 * 24 * 60, '1w'],
    [6 * 365 * 24 * 60, '1mo'],
  ])('of %d minutes is %s', (minutes, interval) => {
    expect(chooseInterval(minutes * 60_000)).toBe(interval);
  });
});

describe('buckets', () => {
  it('of days in Berlin are 23 hours long in spring and 25 in autumn', () => {
    const spring = cut('Europe/Berlin', '1d', '2026-03-27T23:00Z', '2026-03-30T22:00Z');
    expect(spring).toEqual([
      '2026-03-27T23:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
      '2026-03-30T22:00Z',
    ]);
    expect(hoursOf(spring)).toEqual([24, 23, 24]);
    expect(hoursOf(cut('Europe/Berlin', '1d', '2026-10-23T22:00Z', '2026-10-26T23:00Z'))).toEqual([
      24, 25, 24,
    ]);
  });

  it('of hours are each an hour long where the clocks change', () => {
    const spring = cut('Europe/Berlin', '1h', '2026-03-28T23:00Z', '2026-03-29T22:00Z');
    expect(hoursOf(spring)).toEqual(Array.from({ length: 23 }, () => 1));
    const autumn = cut('America/Chicago', '1h', '2026-11-01T05:00Z', '2026-11-02T06:00Z');
    expect(hoursOf(autumn)).toEqual(Array.from({ length: 25 }, () => 1));
  });

  it('of several hours begin at the same reading of the clock, and none is empty', () => {
    expect(hoursOf(cut('Europe/Berlin', '6h', '2026-03-28T23:00Z', '2026-03-29T22:00Z'))).toEqual([
      5, 6, 6, 6,
    ]);
    expect(hoursOf(cut('America/Chicago', '1h', '2026-03-08T07:00Z', '2026-03-08T09:00Z'))).toEqual(
      [1, 1],
    );
  });

  it('of days begin at midnight in zones with halves and quarters of hours', () => {
    expect(cut('Asia/Kathmandu', '1d', '2026-05-01T00:00Z', '2026-05-02T00:00Z')).toEqual([
      '2026-04-30T18:15Z',
      '2026-05-01T18:15Z',
      '2026-05-02T18:15Z',
    ]);
    expect(cut('America/St_Johns', '1d', '2026-03-07T12:00Z', '2026-03-09T12:00Z')).toEqual([
      '2026-03-07T03:30Z',
      '2026-03-08T03:30Z',
      '2026-03-09T02:30Z',
      '2026-03-10T02:30Z',
    ]);
  });

  it('of a day without a midnight begin when the clocks have changed', () => {
    // In Beirut midnight of the 29th of March 2026 becomes one o'clock.
    expect(cut('Asia/Beirut', '1d', '2026-03-28T10:00Z', '2026-03-29T10:00Z')).toEqual([
      '2026-03-27T22:00Z',
      '2026-03-28T22:00Z',
      '2026-03-29T21:00Z',
    ]);
  });

  it('of weeks begin on Mondays, of months with the month', () => {
    expect(cut('UTC', '1w', '2026-11-18T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-16T00:00Z',
      '2026-11-23T00:00Z',
      '2026-11-30T00:00Z',
    ]);
    expect(cut('Europe/Berlin', '1mo', '2026-02-10T00:00Z', '2026-04-01T00:00Z')).toEqual([
      '2026-01-31T23:00Z',
      '2026-02-28T23:00Z',
      '2026-03-31T22:00Z',
      '2026-04-30T22:00Z',
    ]);
  });

  it('are not more than allowed', () => {
    const window = { from: 0, to: 1_501 * 60_000 };
    expect(cutIntoBuckets(window, '1m', findTimeZone('UTC')!, 1_500)).toBeUndefined();
    expect(
      cutIntoBuckets({ ...window, to: 1_500 * 60_000 }, '1m', findTimeZone('UTC')!, 1_500),
    ).toHaveLength(1_501);
  });
});

describe('a time zone', () => {
  it.each(['Not/AZone', '+05:30', '', 'Europe/Berlin; drop'])('is not %j', (name) => {
    expect(findTimeZone(name)).toBeUndefined();
  });
});
