import { AsyncLocalStorage } from 'node:async_hooks';

/** A clock that shows each visit its own time, so that many of them can happen at once. */
export interface SimulatedClock {
  now(): number;
  /** Runs with a time of its own, which `at` moves. */
  within<T>(work: (at: (time: number) => void) => Promise<T>): Promise<T>;
}

export function createSimulatedClock(): SimulatedClock {
  const times = new AsyncLocalStorage<{ time: number }>();
  return {
    now: () => times.getStore()?.time ?? Date.now(),
    within(work) {
      const own = { time: Date.now() };
      // In whole milliseconds, as clocks have them.
      return times.run(own, () => work((time) => (own.time = Math.round(time))));
    },
  };
}
