import { toMilliseconds } from '../kernel/clock.ts';
import type { Rate } from './connector.ts';

/** What has been sent to a platform lately: one window for each of its rates, in their order. */
export type RequestPace = readonly RateWindow[];

export interface RateWindow {
  /** Milliseconds since 1970, by the clock of whoever sent its first request. */
  readonly startedAt: number;
  readonly requests: number;
}

/**
 * Counts one request. Where it would be too many it is not counted, and `waits` says for how long, in milliseconds. A window
 * of each rate begins with its first request, and is over when its time is.
 */
export function paceRequest(
  pace: RequestPace,
  rates: readonly Rate[],
  now: number,
): { readonly pace: RequestPace; readonly waits: number } {
  const open = rates.map((rate, index): RateWindow => {
    const window = pace[index];
    // Clocks of processes differ a little: a window that begins a moment ahead is the present one.
    const isOver =
      window === undefined || Math.abs(now - window.startedAt) >= toMilliseconds(rate.per);
    return isOver ? { startedAt: now, requests: 0 } : window;
  });
  const waits = Math.max(
    0,
    ...rates.map(({ requests, per }, index) => {
      const window = open[index]!;
      return window.requests < requests ? 0 : window.startedAt + toMilliseconds(per) - now;
    }),
  );
  if (waits > 0) return { pace: open, waits };
  return { pace: open.map((window) => ({ ...window, requests: window.requests + 1 })), waits };
}
