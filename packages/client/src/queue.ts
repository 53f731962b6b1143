import type { CallOptions } from './deliver.ts';
import { pauseMilliseconds } from './retry.ts';
import { makeEvent, type TrackedEvent, type TrackInput } from './tracked-event.ts';
import {
  asValue,
  batchEventsMax,
  deliverBatch,
  deliverEvent,
  type TrackResult,
} from './tracking.ts';
import { beforeAnyRequest, type Result, type TrackingError } from './tracking-error.ts';
import type { Settings } from './tracking-options.ts';

/** What became of the queue's events since the call. */
export interface QueueReport {
  readonly delivered: number;
  /** Refused for good, or lost because the client was closed before they were delivered. */
  readonly failed: number;
  /** Still to be delivered. */
  readonly waiting: number;
}

export interface Queue {
  enqueue(input: TrackInput): Result<{ eventId: string }>;
  flush(options?: CallOptions): Promise<QueueReport>;
  close(options?: CallOptions): Promise<QueueReport>;
}

/**
 * Holds events in memory and delivers them in the background, in their order, in batches. One request is on its way at
 * a time; what is recorded meanwhile goes together in the next one. What the server cannot take now waits, with growing
 * pauses that do not keep the process alive.
 */
export function createQueue(settings: Settings): Queue {
  const { time, queueMax } = settings;
  const stop = new AbortController();
  const waiting: TrackedEvent[] = [];
  const counts = { delivered: 0, failed: 0 };
  let batchMax = batchEventsMax;
  let sending: Promise<boolean> | undefined;
  let lastFailure: TrackingError | undefined;
  let isWorking = false;
  let isClosed = false;

  function enqueue(input: TrackInput): Result<{ eventId: string }> {
    const event = makeEvent(input, { now: time.now() });
    if (!event.ok) return event;
    if (isClosed) return { ok: false, error: closed };
    if (waiting.length >= queueMax) return { ok: false, error: full(queueMax) };
    waiting.push(event.value);
    // A clock that fails must not end the process; the next event starts the work again.
    if (!isWorking) work().catch(() => (isWorking = false));
    return { ok: true, value: { eventId: event.value.event_id } };
  }

  async function work(): Promise<void> {
    isWorking = true;
    // What the caller enqueues in the same breath goes in the same batch.
    await Promise.resolve();
    for (let failures = 0; waiting.length > 0 && !stop.signal.aborted;) {
      if (await send()) failures = 0;
      else {
        const pause = pauseMilliseconds(failures++, lastFailure, settings);
        await time.sleep(pause, { signal: stop.signal, idle: true });
      }
    }
    isWorking = false;
  }

  /** Whether the server took or refused the next batch; joins a request that is on its way. */
  function send(): Promise<boolean> {
    return (sending ??= sendBatch().finally(() => (sending = undefined)));
  }

  async function sendBatch(): Promise<boolean> {
    const batch = waiting.slice(0, batchMax);
    const results = await settle(batch);
    if (results === 'too large') {
      batchMax = Math.ceil(batch.length / 2);
      return true;
    }
    waiting.splice(0, batch.length);
    const again: TrackedEvent[] = [];
    for (const [index, event] of batch.entries()) {
      const result = results[index] as TrackResult;
      if (!result.ok && result.error.retryable) {
        again.push(event);
        lastFailure = result.error;
      } else report(event, result);
    }
    waiting.unshift(...again);
    if (waiting.length === 0) batchMax = batchEventsMax;
    return again.length === 0;
  }

  async function settle(
    batch: readonly TrackedEvent[],
  ): Promise<readonly TrackResult[] | 'too large'> {
    const [first] = batch;
    const options = { signal: stop.signal };
    if (first !== undefined && batch.length === 1)
      return [await asValue(() => deliverEvent(settings, first, options))];
    const delivery = await asValue(() => deliverBatch(settings, batch, options));
    if (delivery.ok) return delivery.value.items;
    return delivery.error.type === 'payload_too_large' ? 'too large' : batch.map(() => delivery);
  }

  function report(event: TrackedEvent, result: TrackResult): void {
    counts[result.ok ? 'delivered' : 'failed']++;
    try {
      const { event_id: eventId } = event;
      settings.onDelivery(event, result.ok ? { ok: true, value: { eventId } } : result);
    } catch {
      // A broken listener must not stop the delivery of the others.
    }
  }

  async function flush(options?: CallOptions | null): Promise<QueueReport> {
    const { signal, deadlineMs } = options ?? {};
    const before = { ...counts };
    const isOver = new AbortController();
    const over = new Promise<void>((resolve) => {
      signal?.addEventListener('abort', () => resolve(), { once: true, signal: isOver.signal });
      if (signal?.aborted) resolve();
      if (deadlineMs !== undefined)
        void time.sleep(deadlineMs, { signal: isOver.signal }).then(resolve, resolve);
    });
    await Promise.race([over, sendAll(isOver.signal)]);
    isOver.abort();
    return {
      delivered: counts.delivered - before.delivered,
      failed: counts.failed - before.failed,
      waiting: waiting.length,
    };
  }

  async function sendAll(isOver: AbortSignal): Promise<void> {
    while (waiting.length > 0 && !isOver.aborted) if (!(await send())) return;
  }

  async function close(options?: CallOptions | null): Promise<QueueReport> {
    isClosed = true;
    const before = { ...counts };
    await flush(options);
    stop.abort();
    await sending;
    for (const event of waiting.splice(0)) report(event, { ok: false, error: closed });
    return {
      delivered: counts.delivered - before.delivered,
      failed: counts.failed - before.failed,
      waiting: 0,
    };
  }

  return { enqueue, flush, close };
}

const closed: TrackingError = {
  type: 'client_closed',
  message: 'The client was closed before the event was delivered',
  ...beforeAnyRequest,
};

function full(queueMax: number): TrackingError {
  const message = `The queue holds ${queueMax} events, which is all that it may`;
  return { type: 'queue_full', message, ...beforeAnyRequest, retryable: true };
}
