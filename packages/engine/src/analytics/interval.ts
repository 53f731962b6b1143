import { day, hour, minute } from '../kernel/clock.ts';

/** How long a bucket of a time series is. A month is one of the calendar; here it counts as 30 days. */
export const intervals = {
  '1m': minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '30m': 30 * minute,
  '1h': hour,
  '2h': 2 * hour,
  '3h': 3 * hour,
  '6h': 6 * hour,
  '12h': 12 * hour,
  '1d': day,
  '2d': 2 * day,
  '1w': 7 * day,
  '2w': 14 * day,
  '1mo': 30 * day,
} as const;

export type Interval = keyof typeof intervals;

export const intervalNames = Object.keys(intervals) as Interval[];

/** A time series has no more buckets than this. */
export const bucketsMax = 1_500;

/**
 * The interval of a window that names none: the shortest one that cuts up to an hour into 60 buckets at most, up to a
 * day into 24 and everything longer into 60.
 */
export function chooseInterval(milliseconds: number): Interval {
  const most = milliseconds > hour && milliseconds <= day ? 24 : 60;
  return intervalNames.find((name) => milliseconds / intervals[name] <= most) ?? '1mo';
}
