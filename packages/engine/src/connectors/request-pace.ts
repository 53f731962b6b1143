import { toMilliseconds } from '../kernel/clock.ts';
import type { Rate } from './connector.ts';

/** How many requests this process has sent to each platform lately, so that it keeps to what the platform takes. */
export interface RequestPace {
  /** Counts one request now; where it would be too many it is not counted, and the answer is how long to wait. */
  take(key: string, rates: readonly Rate[], now: number): number;
  /** How long until the next one is none too many; nothing is counted. */
  next(key: string, rates: readonly Rate[], now: number): number;
}

/** A window of each rate begins with its first request, and is over when its time is. */
export function createRequestPace(): RequestPace {
  const windows = new Map<string, { startedAt: number; requests: number }>();

  function look(key: string, rates: readonly Rate[], now: number) {
    const open = rates.map((rate, index) => {
      const name = `${key} ${index}`;
      const length = toMilliseconds(rate.per);
      let window = windows.get(name);
      if (window === undefined || now - window.startedAt >= length || now < window.startedAt) {
        window = { startedAt: now, requests: 0 };
        windows.set(name, window);
      }
      const isFull = window.requests >= rate.requests;
      return { window, waits: isFull ? window.startedAt + length - now : 0 };
    });
    return { open, waits: Math.max(0, ...open.map(({ waits }) => waits)) };
  }

  return {
    take(key, rates, now) {
      const { open, waits } = look(key, rates, now);
      if (waits === 0) for (const { window } of open) window.requests += 1;
      return waits;
    },
    next: (key, rates, now) => look(key, rates, now).waits,
  };
}
