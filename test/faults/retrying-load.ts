import { setTimeout as sleep } from 'node:timers/promises';

import { linkHost } from '../server/server-process.ts';
import { exchange } from './exchange.ts';
import type { Answer } from './exchange.ts';

/** Something with a key of its sender's: it has to be there once, however often it was sent. */
export interface KeyedEvent {
  readonly type: 'pageview' | 'custom' | 'identify' | 'sale' | 'refund';
  readonly amountMinor?: number;
  readonly currency?: string;
  /** As the answer named it; absent while there was none. */
  eventId?: string;
}

/** What the clients know of what they have sent. */
export interface LoadRecord {
  readonly keyed: Map<string, KeyedEvent>;
  /** The click ids of the redirects that were answered. */
  readonly clicks: Set<string>;
  /** Redirects without an answer: each may have been counted or not. */
  unansweredClicks: number;
  requests: number;
  repeats: number;
  /** Answers that are neither the expected ones nor a 503, by status and text. */
  readonly unexpected: Map<string, number>;
}

export interface Load {
  readonly record: LoadRecord;
  /** Resolves when so many more requests have been acknowledged. */
  acknowledged(count: number, of?: 'all' | 'keyed'): Promise<void>;
  /** Ends the clients; what has no answer yet waits for `settle`. */
  stop(): Promise<void>;
  /** Sends everything that was not acknowledged until it is. */
  settle(): Promise<void>;
}

export interface LoadOptions {
  /** Asked before every request: a server that was started again may be elsewhere. */
  readonly origin: () => string;
  readonly key: string;
  readonly random: () => number;
  /** @default 24 */
  readonly clients?: number;
  /** @default a part of everything */
  readonly only?: 'clicks' | 'keyed';
  /** Whether users share devices, so that merges meet and some are refused. @default false */
  readonly contested?: boolean;
  /** How long an answer may take. @default 15_000 */
  readonly patienceMilliseconds?: number;
}

/** One request, and what its answer acknowledges. */
interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** Reads the answer; `false` where it acknowledges nothing. */
  readonly take: (answer: Answer) => boolean;
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const batchSize = 20;
const devicesPerPerson = 5;
export const linkKey = 'launch';

/**
 * Clients that do what browsers and servers do: follow a link, report page views, identify people, sell, give back,
 * send batches. Each has one request at a time, and sends it again until it is acknowledged; a redirect has no key, so
 * that a repeat is another click.
 */
export function startLoad(options: LoadOptions): Load {
  const { random, only } = options;
  const record: LoadRecord = {
    keyed: new Map(),
    clicks: new Set(),
    unansweredClicks: 0,
    requests: 0,
    repeats: 0,
    unexpected: new Map(),
  };
  const people: string[] = [];
  const landings: string[] = [];
  const refundable: Array<{ key: string; amount: number; currency: string; person: string }> = [];
  const open: Call[] = [];
  let devices = 0;
  const answered = { all: 0, keyed: 0 };
  const end = new AbortController();

  const clickHeaders = { host: linkHost, 'user-agent': browser, accept: 'text/html' };
  const writeHeaders = {
    host: linkHost,
    'user-agent': browser,
    'content-type': 'application/json',
    authorization: `Bearer ${options.key}`,
  };

  const uuid = (): string => crypto.randomUUID();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const expectEvent = (key: string, event: KeyedEvent): string => {
    record.keyed.set(key, event);
    return key;
  };
  const acknowledge = (key: string, eventId: unknown): boolean => {
    const event = record.keyed.get(key)!;
    if (typeof eventId !== 'string') return false;
    if (event.eventId !== undefined && event.eventId !== eventId)
      note(`two ids for ${event.type} ${key}`);
    event.eventId = eventId;
    return true;
  };
  const takeEvent =
    (key: string) =>
    ({ text }: Answer): boolean =>
      acknowledge(key, (JSON.parse(text) as { event_id?: unknown }).event_id);

  function note(what: string): void {
    record.unexpected.set(what, (record.unexpected.get(what) ?? 0) + 1);
  }

  function click(): Call {
    return {
      method: 'GET',
      path: `/${linkKey}`,
      take({ headers }) {
        const id = new URL(headers.location!).searchParams.get('hw_click')!;
        record.clicks.add(id);
        landings.push(id);
        return true;
      },
    };
  }

  function pageview(device: string): Call {
    const id = expectEvent(uuid(), { type: 'pageview' });
    const landing = landings.pop();
    const url = `https://shop.example/${Math.floor(random() * 20)}`;
    return {
      method: 'POST',
      path: '/hw/t/event',
      body: {
        event_id: id,
        event_type: 'pageview',
        url: landing === undefined ? url : `${url}?hw_click=${landing}`,
        anonymous_id: device,
      },
      take: takeEvent(id),
    };
  }

  function identify(device: string, person: string): Call {
    const id = expectEvent(uuid(), { type: 'identify' });
    return {
      method: 'POST',
      path: '/hw/api/visitors/identify',
      idempotencyKey: id,
      body: {
        anonymous_id: device,
        person_external_id: person,
        person_email: `${person}@people.test`,
      },
      take(answer) {
        const taken = takeEvent(id)(answer);
        if (taken && !people.includes(person)) people.push(person);
        return taken;
      },
    };
  }

  function sale(): Call {
    const amount = Math.ceil(random() * 10_000);
    const currency = pick(['EUR', 'JPY', 'KWD']);
    const key = expectEvent(`order-${uuid()}`, { type: 'sale', amountMinor: amount, currency });
    const person = pick(people);
    return {
      method: 'POST',
      path: '/hw/api/events',
      body: {
        event_type: 'sale',
        idempotency_key: key,
        person_external_id: person,
        amount_cents: amount,
        currency,
      },
      take(answer) {
        const taken = takeEvent(key)(answer);
        if (taken) refundable.push({ key, amount, currency, person });
        return taken;
      },
    };
  }

  function refund(): Call | undefined {
    const of = refundable.pop();
    if (of === undefined) return undefined;
    const amount = Math.ceil(random() * of.amount);
    const { currency } = of;
    const key = expectEvent(`refund-${uuid()}`, { type: 'refund', amountMinor: amount, currency });
    return {
      method: 'POST',
      path: '/hw/api/events',
      body: {
        event_type: 'refund',
        idempotency_key: key,
        refund_of_key: of.key,
        person_external_id: of.person,
        amount_cents: amount,
        currency,
      },
      take: takeEvent(key),
    };
  }

  function batch(): Call {
    const keys = Array.from({ length: batchSize }, () =>
      expectEvent(`item-${uuid()}`, { type: 'custom' }),
    );
    const events = keys.map((key) => ({
      event_type: 'custom',
      event_name: 'used',
      idempotency_key: key,
      person_external_id: pick(people),
    }));
    return {
      method: 'POST',
      path: '/hw/api/events/batch',
      body: { events },
      take({ text }) {
        const { results } = JSON.parse(text) as {
          results: ReadonlyArray<{ event_id?: string; code?: string }>;
        };
        const taken = results.map(({ event_id: id, code }, index) => {
          if (code !== undefined && code !== 'unavailable') note(`item: ${code}`);
          return acknowledge(keys[index]!, id);
        });
        return taken.every(Boolean);
      },
    };
  }

  /** What a client does next; a new device is identified in its second request. */
  function next(): readonly (Call | undefined)[] {
    const chance = only === 'keyed' ? 0.4 + random() * 0.6 : random();
    if (only === 'clicks' || chance < 0.4) return [click()];
    if (people.length === 0 || chance < 0.55) {
      devices += 1;
      const device = options.contested === true ? pick(sharedDevices) : `device-${devices}`;
      const person =
        options.contested === true
          ? pick(sharedPeople)
          : `person-${Math.floor(devices / devicesPerPerson)}`;
      return [pageview(device), identify(device, person)];
    }
    if (chance < 0.75) return [pageview(`device-${Math.ceil(random() * devices)}`)];
    if (chance < 0.82) return [batch()];
    return chance < 0.94 ? [sale()] : [refund()];
  }

  async function attempt(call: Call): Promise<boolean> {
    record.requests += 1;
    try {
      const answer = await exchange(`${options.origin()}${call.path}`, {
        method: call.method,
        headers: {
          ...(call.method === 'GET' ? clickHeaders : writeHeaders),
          ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
        },
        patienceMilliseconds: options.patienceMilliseconds ?? 15_000,
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      });
      if ([200, 201, 207, 302].includes(answer.status)) {
        const taken = call.take(answer);
        if (taken) answered.all += 1;
        if (taken && call.method === 'POST') answered.keyed += 1;
        return taken;
      }
      if (answer.status !== 503) note(`${answer.status} ${answer.text.slice(0, 200)}`);
      else if (answer.headers['retry-after'] === undefined) note('503 without Retry-After');
    } catch {
      // Cut off: whether it was counted shows when it is sent again.
    }
    return false;
  }

  async function send(call: Call): Promise<void> {
    while (!(await attempt(call))) {
      if (call.method === 'GET') {
        record.unansweredClicks += 1;
        await sleep(20 + random() * 80);
        return;
      }
      record.repeats += 1;
      if (end.signal.aborted) {
        open.push(call);
        return;
      }
      await sleep(20 + random() * 80);
    }
  }

  const clients = Array.from({ length: options.clients ?? 24 }, async () => {
    while (!end.signal.aborted) for (const call of next()) if (call !== undefined) await send(call);
  });

  async function stop(): Promise<void> {
    end.abort();
    await Promise.all(clients);
  }

  return {
    record,
    stop,
    async acknowledged(count, of = 'all') {
      const goal = answered[of] + count;
      const deadline = performance.now() + 60_000;
      while (answered[of] < goal) {
        if (performance.now() > deadline)
          throw new Error(
            `no ${count} answers in a minute: ${JSON.stringify([...record.unexpected])}`,
          );
        await sleep(20);
      }
    },
    async settle() {
      await stop();
      for (let round = 0; open.length > 0; round += 1) {
        if (round > 50)
          throw new Error(
            `${open.length} requests are never acknowledged: ${JSON.stringify([...record.unexpected])}`,
          );
        if (round > 0) await sleep(200);
        const left = open.splice(0);
        for (let from = 0; from < left.length; from += 16)
          await Promise.all(left.slice(from, from + 16).map(send));
      }
    },
  };
}

/** Few devices for many people, as in a shop with one till (reference: 300 devices, 40 users, 40 addresses). */
const sharedDevices = Array.from({ length: 300 }, (_, index) => `till-${index}`);
const sharedPeople = Array.from({ length: 40 }, (_, index) => `cashier-${index}`);
