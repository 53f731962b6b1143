import { bodyCharactersMax, isSettled, post } from './post.ts';
import type { WireEvent } from './wire-event.ts';

export interface Sender {
  enqueue(event: WireEvent): void;
  flush(): Promise<boolean>;
}

interface SenderEvents {
  /** Nothing is sent before this settles. */
  readonly hold: Promise<unknown> | undefined;
  onAcknowledged(): void;
  onRotate(): void;
}

const waitingMax = 200;
const failuresMax = 20;
const patienceMilliseconds = 30_000;
const delaySecondsMax = 60;
const retryAfterSecondsMax = 600;

/**
 * Holds events until the server has acknowledged them. One request is on its way at a time; what happens meanwhile
 * goes together in the next one.
 */
export function createSender(url: string, events: SenderEvents): Sender {
  let waiting: WireEvent[] = [];
  /** How many of them have left by `sendBeacon`, which says nothing about their arrival. */
  let left = 0;
  let sending: Promise<boolean> | undefined;
  let retry: number | undefined;
  let failures = 0;

  async function sendWaiting(): Promise<boolean> {
    await events.hold;
    while (waiting.length > 0) {
      const [body, count] = pack(waiting);
      const delaySeconds = await attempt(body);
      if (delaySeconds !== undefined) {
        if (++failures > failuresMax) {
          waiting = [];
          left = failures = 0;
        } else retry = setTimeout(start, delaySeconds * 1_000 * (1 + Math.random() / 2));
        return false;
      }
      failures = 0;
      waiting = waiting.slice(count);
      left = Math.max(0, left - count);
      events.onAcknowledged();
    }
    return true;
  }

  /** How long to wait before the same is sent again; `undefined` once the server has dealt with it. */
  async function attempt(body: string): Promise<number | undefined> {
    let retryAfter = 0;
    try {
      const response = await post(url, body, patienceMilliseconds);
      if (isSettled(response)) {
        const answer = (await response.json().catch(() => undefined)) as
          | { rotate?: boolean }
          | undefined;
        if (answer?.rotate) events.onRotate();
        return undefined;
      }
      retryAfter = Number(response.headers.get('retry-after')) || 0;
    } catch {
      // No connection, or nothing came back in time.
    }
    return Math.max(
      Math.min(retryAfter, retryAfterSecondsMax),
      Math.min(2 ** failures, delaySecondsMax),
    );
  }

  function start(): Promise<boolean> {
    clearTimeout(retry);
    retry = undefined;
    return (sending ??= sendWaiting().finally(() => {
      sending = undefined;
    }));
  }

  function leave(): void {
    while (left < waiting.length) {
      const [body, count] = pack(waiting.slice(left));
      if (!navigator.sendBeacon(url, body)) return;
      left += count;
    }
  }
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave();
  });

  return {
    enqueue(event) {
      if (waiting.length >= waitingMax) return;
      waiting.push(event);
      if (retry === undefined) void start();
    },
    flush: start,
  };
}

/** The first events that fit into one body; a large one goes alone, so that its refusal hits no other. */
function pack(events: readonly WireEvent[]): [body: string, count: number] {
  const sent_at = new Date().toISOString();
  const items: string[] = [];
  let length = 0;
  for (const event of events) {
    const item = JSON.stringify({ ...event, sent_at });
    length += item.length;
    if (items.length > 0 && length > bodyCharactersMax) break;
    items.push(item);
  }
  return [`[${items.join()}]`, items.length];
}
