import { day, hour } from '../kernel/clock.ts';
import { intervals } from './interval.ts';
import type { Interval } from './interval.ts';
import type { TimeZone } from '../reports/time-zone.ts';

/** A Monday, from which days, weeks and half days are counted. */
const origin = Date.UTC(2000, 0, 3);

/**
 * Where the buckets of a window begin, in the order of time; the last number is where the last one ends. The first one
 * begins at or before the window, the last one ends at or after it. None is empty of time: a bucket that a change of
 * the clocks leaves out is not there, one that it makes longer or shorter is. `undefined` where there are too many.
 */
export function cutIntoBuckets(
  window: { readonly from: number; readonly to: number },
  interval: Interval,
  zone: TimeZone,
  most: number,
): number[] | undefined {
  const next = intervals[interval] <= hour ? nextByClock : nextByCalendar;
  const edges = [next(window.from, interval, zone, 0)];
  while (edges.at(-1)! < window.to) {
    if (edges.length > most) return undefined;
    edges.push(next(edges.at(-1)!, interval, zone, 1));
  }
  return edges;
}

type Step = (instant: number, interval: Interval, zone: TimeZone, steps: 0 | 1) => number;

/** Up to an hour, every bucket is as long as the others, and begins at a round reading of the clock. */
const nextByClock: Step = (instant, interval, zone, steps) => {
  const length = intervals[interval];
  const into = modulo(zone.toLocal(instant), length);
  return instant - into + steps * length;
};

/** Beyond, buckets begin at the same reading of the clock on each day, whatever lies between. */
const nextByCalendar: Step = (instant, interval, zone, steps) => {
  const local = zone.toLocal(instant);
  for (let step: number = steps; ; step += 1) {
    const edge = zone.toInstant(localEdge(local, interval, step));
    if (steps === 0 || edge > instant) return edge;
  }
};

function localEdge(local: number, interval: Interval, step: number): number {
  if (interval === '1mo') {
    const date = new Date(local);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + step, 1);
  }
  const length = intervals[interval];
  const base = length < day ? 0 : origin;
  return local - modulo(local - base, length) + step * length;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
