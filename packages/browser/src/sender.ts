import { bodyCharactersMax, isSettled, post } from './post.ts';
import { local, readStoredList, store } from './stored.ts';
import type { WireEvent } from './wire-event.ts';

export interface Sender {
  enqueue(event: WireEvent): void;
  flush(): Promise<boolean>;
  /** The page may never be heard of again: what nobody has acknowledged is kept for the next one. */
  keep(): void;
  /** The page goes: what nobody has acknowledged leaves by `sendBeacon`, and is kept as well. */
  leave(): void;
  /** The page is back from the cache of the browser. */
  comeBack(): void;
  /** Forgets what waits. Settles when what is on its way has been answered; `undefined` where nothing is. */
  clear(): Promise<unknown> | undefined;
}

/** What the server says beside what became of each event. */
export interface ServerAnswer {
  readonly rotate?: boolean;
  /** With `rotate`: the id to go on with, where the server has made it already. */
  readonly anonymous_id?: string;
  readonly cookieless?: boolean;
}

interface SenderEvents {
  /** Nothing is sent before this settles. */
  hold(): Promise<unknown> | undefined;
  mayKeep(): boolean;
  onAcknowledged(answer: ServerAnswer): void;
}

const waitingMax = 200;
/** The server dates older events by their arrival: they would be wrong rather than late. */
const ageMilliseconds = 7 * 86_400_000;
const patienceMilliseconds = 30_000;
const delaySecondsMax = 60;
const retryAfterSecondsMax = 600;

/**
 * Holds events until the server has acknowledged them. One request is on its way at a time; what happens meanwhile
 * goes together in the next one. Once an attempt has failed, or when the page goes, what waits is kept on the device,
 * and the next page sends it: twice rather than never, because the server counts each event once.
 */
export function createSender(url: string, events: SenderEvents): Sender {
  const name = `_hw_queue ${url}`;
  let waiting: WireEvent[] = [];
  /** How many of them have left by `sendBeacon`, which says nothing about their arrival. */
  let left = 0;
  let sending: Promise<boolean> | undefined;
  let retry: number | undefined;
  let failures = 0;
  let isGone = false;
  let hasAdopted = false;

  /** Ours, and what other pages of this browser keep there. */
  function keep(done: readonly WireEvent[] = []): void {
    if (!events.mayKeep()) return;
    const isLost = failures > 0 || !navigator.onLine;
    const own = new Set([...waiting, ...done].map((event) => event.event_id));
    const kept = [
      ...readKept().filter((event) => !own.has(event.event_id)),
      // Time spent on a page is not worth a second sending as long as the first one goes well.
      ...waiting.filter((event) => isLost || event.event_type !== 'engagement'),
    ].slice(-waitingMax);
    store(local, name, kept.length > 0 ? JSON.stringify(kept) : undefined);
  }

  function readKept(): WireEvent[] {
    return readStoredList<WireEvent>(local, name).filter(
      (event) => Date.now() - Date.parse(event.occurred_at) < ageMilliseconds,
    );
  }

  /** What earlier pages could not send. */
  function adopt(): void {
    if (hasAdopted || !events.mayKeep()) return;
    hasAdopted = true;
    waiting = [...readKept(), ...waiting];
  }

  async function sendWaiting(): Promise<boolean> {
    await events.hold();
    adopt();
    while (waiting.length > 0) {
      if (isGone) return false;
      const [body, batch] = pack(waiting);
      const delaySeconds = await attempt(body);
      if (delaySeconds !== undefined) {
        failures++;
        keep();
        retry = setTimeout(start, delaySeconds * 1_000 * (1 + Math.random() / 2));
        return false;
      }
      failures = 0;
      waiting = waiting.filter((event) => !batch.includes(event));
      left = Math.max(0, left - batch.length);
      keep(batch);
    }
    return waiting.length === 0;
  }

  /** How long to wait before the same is sent again; `undefined` once the server has dealt with it. */
  async function attempt(body: string): Promise<number | undefined> {
    let retryAfter = 0;
    try {
      const response = await post(url, body, patienceMilliseconds);
      if (isSettled(response)) {
        const answer = (await response.json().catch(() => undefined)) as ServerAnswer | undefined;
        events.onAcknowledged(answer ?? {});
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
  addEventListener('online', () => void start());

  return {
    enqueue(event) {
      if (waiting.length >= waitingMax) return;
      waiting.push(event);
      if (failures > 0) keep();
      if (retry === undefined) void start();
    },
    flush: start,
    keep,
    leave() {
      isGone = true;
      while (left < waiting.length) {
        const [body, batch] = pack(waiting.slice(left));
        if (!navigator.sendBeacon(url, body)) break;
        left += batch.length;
      }
      keep();
    },
    comeBack() {
      isGone = false;
      left = 0;
      void start();
    },
    clear() {
      clearTimeout(retry);
      retry = undefined;
      waiting = [];
      left = failures = 0;
      store(local, name);
      return sending;
    },
  };
}

/** The first events that fit into one body; a large one goes alone, so that its refusal hits no other. */
function pack(events: readonly WireEvent[]): [body: string, batch: readonly WireEvent[]] {
  const sent_at = new Date().toISOString();
  const items: string[] = [];
  let length = 0;
  for (const event of events) {
    const item = JSON.stringify({ ...event, sent_at });
    length += item.length;
    if (items.length > 0 && length > bodyCharactersMax) break;
    items.push(item);
  }
  return [`[${items.join()}]`, events.slice(0, items.length)];
}
