import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ByHandSettings } from './by-hand.ts';
import { runLoad, startCommand, startProgram } from './child.ts';
import { clickRequest, linkHost, linkKey, manyKeys, postRequest } from './request.ts';
import type { RowId } from './rows.ts';

/** What is sent to a server, in turn, and what it has to answer. */
export interface Traffic {
  readonly requests: readonly string[];
  readonly status: number;
}

/** One of the servers that are compared. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  /** What it is compared with by itself: the others on the same database. */
  readonly database: 'PostgreSQL' | 'PGlite' | undefined;
  readonly kind: 'bare' | 'by hand' | 'Headwater';
  readonly port: number;
  readonly traffic: Readonly<Record<RowId, () => Traffic>>;
}

export const basePath = '/hw';

/** How many visitors the requests come from. */
export interface Population {
  readonly visitors: number;
  readonly customers: number;
  /** Whether there are links beside the one that most requests follow. */
  readonly manyLinks?: boolean;
}

const destination = 'https://shop.example/landing?utm_source=newsletter';

export async function startBare(like: Contender): Promise<Contender> {
  const { answer, ...child } = await startProgram('bare-responder.ts', {});
  const { port } = answer as { port: number };
  const as = (row: RowId, status: number) => (): Traffic => ({ ...like.traffic[row](), status });
  return {
    ...child,
    name: 'bare node:http',
    database: undefined,
    kind: 'bare',
    port,
    traffic: {
      redirect: as('redirect', 302),
      'redirect-links': as('redirect-links', 302),
      'redirect-new': as('redirect-new', 302),
      beacon: as('beacon', 200),
      batch: as('batch', 200),
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

export async function startByHand(
  settings: ByHandSettings,
  population: Population,
): Promise<Contender> {
  const { answer, ...child } = await startProgram('by-hand.ts', settings);
  const { port } = answer as { port: number };
  const cookies = await collectCookies(port, 'visitor', population.visitors);
  return {
    ...child,
    name: `by hand, ${settings.url === undefined ? 'PGlite' : 'PostgreSQL'}`,
    database: settings.url === undefined ? 'PGlite' : 'PostgreSQL',
    kind: 'by hand',
    port,
    traffic: {
      redirect: () => ({ requests: cookies.map((cookie) => clickRequest(cookie)), status: 302 }),
      'redirect-links': () => ({ requests: clicksOnMany(cookies), status: 302 }),
      'redirect-new': () => ({ requests: [clickRequest()], status: 302 }),
      beacon: () => ({
        requests: cookies.map((cookie, index) =>
          postRequest('/event', {
            id: '{uuid}',
            visitor: cookie.split('=')[1],
            type: 'pageview',
            ...pageOf(index),
          }),
        ),
        status: 200,
      }),
      batch: () => ({
        requests: batches(population.customers, (customer, index) => ({
          id: '{uuid}',
          visitor: customer,
          type: 'custom',
          name: 'viewed_product',
          ...productOf(index),
        })).map((events) => postRequest('/events', { events })),
        status: 200,
      }),
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

export interface HeadwaterContender extends Contender {
  readonly pid: number;
  readonly apiKey: string;
}

export async function startHeadwater(
  where: { readonly folder: string; readonly url?: string },
  population: Population,
): Promise<HeadwaterContender> {
  mkdirSync(where.folder, { recursive: true, mode: 0o700 });
  const { line, ...child } = await startCommand(
    [join(import.meta.dirname, '../packages/server/dist/cli.js'), 'serve', '--json'],
    {
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      HEADWATER_DATA: where.folder,
      HEADWATER_LINK_DOMAINS: linkHost,
      ...(where.url === undefined
        ? {}
        : {
            DATABASE_URL: where.url,
            HEADWATER_SECRET: 'a secret for the benchmark and nothing else',
          }),
    },
  );
  const port = line['port'] as number;
  const apiKey = line['secret_key'] as string;
  const api = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}${basePath}/api/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  };
  await api('links', { domain: linkHost, key: linkKey, url: destination });
  for (let at = 0; population.manyLinks === true && at < manyKeys.length; at += 50)
    await Promise.all(
      manyKeys
        .slice(at, at + 50)
        .map((key) => api('links', { domain: linkHost, key, url: destination })),
    );
  for (const customer of customersOf(population.customers)) {
    await api('visitors/identify', { person_external_id: customer });
  }
  const cookies = await collectCookies(port, '_hw_visitor', population.visitors);
  if (population.manyLinks === true)
    // They have been on their links before, as in the row of the one link.
    await runLoad({
      port,
      connections: 50,
      seconds: 120,
      warmUpSeconds: 0,
      requests: clicksOnMany(cookies),
      requestsMax: cookies.length,
      expectedStatus: 302,
    });
  return {
    ...child,
    name: `Headwater, ${where.url === undefined ? 'PGlite' : 'PostgreSQL'}`,
    database: where.url === undefined ? 'PGlite' : 'PostgreSQL',
    kind: 'Headwater',
    port,
    apiKey,
    traffic: {
      redirect: () => ({ requests: cookies.map((cookie) => clickRequest(cookie)), status: 302 }),
      'redirect-links': () => ({ requests: clicksOnMany(cookies), status: 302 }),
      'redirect-new': () => ({ requests: [clickRequest()], status: 302 }),
      beacon: () => ({
        requests: cookies.map((cookie, index) => pageviewRequest(cookie, index)),
        status: 200,
      }),
      batch: () => ({
        requests: batches(population.customers, (customer, index) => ({
          person_external_id: customer,
          event_type: 'custom',
          event_name: 'viewed_product',
          idempotency_key: '{uuid}',
          ...productOf(index),
        })).map((events) =>
          postRequest(
            `${basePath}/api/events/batch`,
            { events },
            { Authorization: `Bearer ${apiKey}` },
          ),
        ),
        status: 201,
      }),
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Known visitors, each on the next of the links. */
function clicksOnMany(cookies: readonly string[]): readonly string[] {
  return cookies.map((cookie, index) => clickRequest(cookie, manyKeys[index % manyKeys.length]));
}

export function pageviewRequest(cookie: string, index: number): string {
  return postRequest(
    `${basePath}/t/event`,
    { event_id: '{uuid}', event_type: 'pageview', ...pageOf(index) },
    { Cookie: cookie },
  );
}

/** Follows the link once for each visitor, and keeps the cookies that were set. */
export async function collectCookies(
  port: number,
  name: string,
  count: number,
): Promise<readonly string[]> {
  const { cookies, unexpected } = await runLoad({
    port,
    connections: 50,
    seconds: 60,
    warmUpSeconds: 0,
    requests: [clickRequest()],
    requestsMax: count,
    expectedStatus: 302,
    collectCookie: name,
  });
  if (cookies.length < count) {
    throw new Error(
      `${cookies.length} of ${count} visitors got a cookie: ${JSON.stringify(unexpected)}`,
    );
  }
  return cookies;
}

function customersOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `customer-${index}`);
}

/** A few different requests of 100 events each, spread over the customers. */
function batches<Event>(
  customers: number,
  event: (customer: string, index: number) => Event,
): readonly Event[][] {
  return Array.from({ length: 20 }, (_, batch) =>
    Array.from({ length: 100 }, (__, index) => {
      const number = (batch * 100 + index * 7) % customers;
      return event(`customer-${number}`, number);
    }),
  );
}

function pageOf(index: number): { readonly url: string; readonly referrer: string } {
  return { url: `https://shop.example/products/${index % 500}`, referrer: 'https://shop.example/' };
}

function productOf(index: number): { readonly url: string; readonly properties: object } {
  return {
    url: `https://shop.example/products/${index % 500}`,
    properties: { product: `sku-${index % 500}`, position: index % 20, list: 'recommended' },
  };
}
