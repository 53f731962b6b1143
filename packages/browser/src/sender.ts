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
/** Browsers keep 64 KiB on its way after a page has gone, and a character may have three bytes. */
const bodyCharactersMax = 20_000;
const failuresMax = 20;
const delayMillisecondsMax = 60_000;
const retryAfterSecondsMax = 600;

/**
 * Holds events until the server has acknowledged them. One request is on its way at a time; what happens meanwhile
 * goes together in the next one.
 */
export function createSender(
  page: Window & typeof globalThis,
  url: string,
  events: SenderEvents,
): Sender {
  const waiting: WireEvent[] = [];
  const leftByBeacon = new WeakSet<WireEvent>();
  let sending: Promise<boolean> | undefined;
  let retry: number | undefined;
  let failures = 0;

  async function sendWaiting(): Promise<boolean> {
    await events.hold;
    while (waiting.length > 0) {
      const [body, count] = pack(waiting);
      const delay = await post(body);
      if (delay !== undefined) {
        if (++failures > failuresMax) waiting.length = failures = 0;
        else retry = page.setTimeout(start, delay);
        return false;
      }
      failures = 0;
      waiting.splice(0, count);
      events.onAcknowledged();
    }
    return true;
  }

  /** How long to wait before the same is sent again; `undefined` once the server has dealt with it. */
  async function post(body: string): Promise<number | undefined> {
    let retryAfter = 0;
    try {
      const response = await page.fetch(url, {
        method: 'POST',
        body,
        credentials: 'include',
        keepalive: body.length <= bodyCharactersMax,
        signal: AbortSignal.timeout?.(30_000) ?? null,
      });
      const { status } = response;
      if (status < 500 && status !== 429 && status !== 408) {
        const answer = (await response.json().catch(() => undefined)) as
          | { rotate?: boolean }
          | undefined;
        if (answer?.rotate) events.onRotate();
        return undefined;
      }
      retryAfter =
        Math.min(Number(response.headers.get('retry-after')) || 0, retryAfterSecondsMax) * 1_000;
    } catch {
      // No connection, or nothing came back in time.
    }
    const delay = Math.min(1_000 * 2 ** failures, delayMillisecondsMax);
    return Math.max(retryAfter, delay) * (1 + Math.random() / 2);
  }

  function start(): Promise<boolean> {
    page.clearTimeout(retry);
    retry = undefined;
    return (sending ??= sendWaiting().finally(() => {
      sending = undefined;
    }));
  }

  function leave(): void {
    let rest = waiting.filter((event) => !leftByBeacon.has(event));
    while (rest.length > 0) {
      const [body, count] = pack(rest);
      if (!page.navigator.sendBeacon(url, body)) return;
      for (const event of rest.slice(0, count)) leftByBeacon.add(event);
      rest = rest.slice(count);
    }
  }
  page.addEventListener('pagehide', leave);
  page.document.addEventListener('visibilitychange', () => {
    if (page.document.visibilityState === 'hidden') leave();
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
  let body = '';
  let count = 0;
  for (const event of events) {
    const item = JSON.stringify({ ...event, sent_at });
    if (count === 100 || (count > 0 && body.length + item.length > bodyCharactersMax)) break;
    body += (count++ > 0 ? ',' : '') + item;
  }
  return [`[${body}]`, count];
}
