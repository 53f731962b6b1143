/** The clock and the waiting of a client, which a test replaces to move time itself. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Settles after `milliseconds`, or as soon as the signal is aborted; never rejects. A wait that is `idle` does not
   * keep the process alive.
   */
  sleep(milliseconds: number, options?: { signal?: AbortSignal; idle?: boolean }): Promise<void>;
}

/** The clock and the timers of the runtime. */
export const systemTime: Time = {
  now: () => Date.now(),
  sleep(milliseconds, { signal, idle = false } = {}) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer: unknown = setTimeout(finish, milliseconds);
      if (idle && hasUnref(timer)) timer.unref();
      signal?.addEventListener('abort', finish, { once: true });

      function finish(): void {
        clearTimeout(timer as number);
        signal?.removeEventListener('abort', finish);
        resolve();
      }
    });
  },
};

/** Timers are numbers in browsers, and objects on Node, Bun and Deno's Node layer. */
function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer;
}
