/** Takes items one by one and sends them on in chunks. */
export interface OrderedSending<T> {
  /** To be waited for where it answers a promise: too much is on its way. @throws what sending threw */
  add(item: T, lane?: number): Promise<void> | undefined;
  /** Sends what is left, and waits for everything. */
  finish(): Promise<void>;
}

interface Lane<T> {
  waiting: T[];
  sending: Promise<void>;
}

/**
 * Back-pressure with order: within a lane a chunk is sent when the one before it is settled, so at most one of each lane
 * is on its way and one is being filled. Visits are found best in the order of time; whoever belongs together goes by
 * one lane, and the lanes keep several batches busy.
 */
export function sendInOrder<T>(
  send: (chunk: readonly T[]) => Promise<void>,
  { lanes, chunkSize }: { readonly lanes: number; readonly chunkSize: number },
): OrderedSending<T> {
  const all = Array.from({ length: lanes }, (): Lane<T> => ({
    waiting: [],
    sending: Promise.resolve(),
  }));

  function begin(lane: Lane<T>): void {
    const chunk = lane.waiting;
    lane.waiting = [];
    lane.sending = send(chunk);
    // Whoever adds or finishes next hears of it.
    lane.sending.catch(() => undefined);
  }

  async function beginWhenFree(lane: Lane<T>): Promise<void> {
    await lane.sending;
    begin(lane);
  }

  return {
    add(item, number = 0) {
      const lane = all[number % lanes]!;
      lane.waiting.push(item);
      return lane.waiting.length < chunkSize ? undefined : beginWhenFree(lane);
    },
    async finish() {
      const ends = all.map(async (lane) => {
        await lane.sending;
        if (lane.waiting.length === 0) return;
        begin(lane);
        await lane.sending;
      });
      await Promise.allSettled(ends);
      await Promise.all(ends);
    },
  };
}
