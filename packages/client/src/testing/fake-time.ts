import type { Time } from '../time.ts';

/** A clock that stands still until a test moves it. */
export interface FakeTime extends Time {
  /** Moves the clock and ends the waits that are over by then, in their order. */
  advance(milliseconds: number): Promise<void>;
  /** Moves the clock from wait to wait until the promise is settled, and answers what it came to. */
  finish<T>(promise: Promise<T>): Promise<T>;
}

interface Wait {
  readonly endsAt: number;
  readonly end: () => void;
}

/**
 * Makes the `time` of a client under test. Nothing really waits.
 *
 * @example
 * const time = createFakeTime();
 * const result = await time.finish(tracking.trackRegistration({ userId: 1 }));
 */
export function createFakeTime(startsAt = Date.UTC(2026, 3, 1, 12)): FakeTime {
  let now = startsAt;
  const waits = new Set<Wait>();

  function sleep(milliseconds: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wait = { endsAt: now + milliseconds, end };
      waits.add(wait);
      signal?.addEventListener('abort', end, { once: true });

      function end(): void {
        waits.delete(wait);
        signal?.removeEventListener('abort', end);
        resolve();
      }
    });
  }

  function next(): Wait | undefined {
    return [...waits].sort((a, b) => a.endsAt - b.endsAt)[0];
  }

  async function advance(milliseconds: number): Promise<void> {
    const until = now + milliseconds;
    for (let wait = next(); wait !== undefined && wait.endsAt <= until; wait = next()) {
      now = Math.max(now, wait.endsAt);
      wait.end();
      await turn();
    }
    now = until;
    await turn();
  }

  async function finish<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    for (;;) {
      await turn();
      if (isSettled) return promise;
      const wait = next();
      if (wait !== undefined) await advance(Math.max(0, wait.endsAt - now));
    }
  }

  return { now: () => now, sleep, advance, finish };
}

/** Lets everything happen that waits for nothing but its turn. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
}
