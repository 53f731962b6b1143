// What a developer writes without Headwater: `node:http`, `pg`, and one INSERT for each click or
// event, committed before the answer. With a folder instead of a URL the same on PGlite.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

import { linkKey, manyKeys } from './request.ts';

export interface ByHandSettings {
  readonly url?: string;
  readonly folder?: string;
}

interface Store {
  query(text: string, values?: unknown[]): Promise<unknown>;
  /** All of them or none. */
  transact(statements: readonly (readonly [text: string, values: unknown[]])[]): Promise<void>;
}

const insertClick =
  'insert into click (id, link, visitor, at, user_agent, referrer) values ($1, $2, $3, $4, $5, $6)';
const insertEvent =
  'insert into event (id, visitor, type, name, url, at, properties) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing';
const schema = `
  create table if not exists click (
    id uuid primary key, link text not null, visitor text not null, at timestamptz not null, user_agent text, referrer text);
  create index if not exists click_link on click (link, at);
  create index if not exists click_visitor on click (visitor, at);
  create table if not exists event (
    id uuid primary key, visitor text, type text not null, name text, url text, at timestamptz not null, properties jsonb);
  create index if not exists event_visitor on event (visitor, at);
  create index if not exists event_type on event (type, at);`;

const destination = 'https://shop.example/landing?utm_source=newsletter';
const links = new Map([linkKey, ...manyKeys].map((key) => [key, destination]));

process.once('message', (settings: ByHandSettings) => {
  void start(settings);
});
process.on('disconnect', () => process.exit());

async function start(settings: ByHandSettings): Promise<void> {
  const store =
    settings.folder === undefined ? openPostgres(settings.url) : await openPglite(settings.folder);
  for (const statement of schema.split(';'))
    if (statement.trim() !== '') await store.query(statement);
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => {
      response.writeHead(500).end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
}

function openPostgres(url: string | undefined): Store {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  return {
    query: (text, values) => pool.query(text, values),
    async transact(statements) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        for (const [text, values] of statements) await client.query(text, values);
        await client.query('commit');
      } finally {
        client.release();
      }
    },
  };
}

async function openPglite(folder: string): Promise<Store> {
  const pglite = await PGlite.create(folder);
  return {
    query: (text, values) => pglite.query(text, values),
    transact: (statements) =>
      pglite.transaction(async (tx) => {
        for (const [text, values] of statements) await tx.query(text, values);
      }),
  };
}

interface WireEvent {
  readonly id: string;
  readonly visitor?: string;
  readonly type: string;
  readonly name?: string;
  readonly url?: string;
  readonly properties?: unknown;
}

async function answer(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const body = JSON.parse(await readText(request)) as WireEvent | { events: WireEvent[] };
    if ('events' in body)
      await store.transact(body.events.map((event) => [insertEvent, toRow(event)] as const));
    else await store.query(insertEvent, toRow(body));
    response.setHeader('content-type', 'application/json');
    response.end('{"ok":true}');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const key = url.pathname.slice(1);
  const found = links.get(key);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  let visitor = /(?:^|; )visitor=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (visitor === undefined) {
    visitor = randomUUID();
    response.setHeader('set-cookie', `visitor=${visitor}; Path=/; HttpOnly; SameSite=Lax`);
  }
  await store.query(insertClick, [
    randomUUID(),
    key,
    visitor,
    new Date(),
    request.headers['user-agent'],
    request.headers.referer,
  ]);
  response.writeHead(302, {
    location: found,
    'cache-control': 'no-store',
    'content-length': '0',
  });
  response.end();
}

function toRow(event: WireEvent): unknown[] {
  const properties = event.properties === undefined ? null : JSON.stringify(event.properties);
  return [event.id, event.visitor, event.type, event.name, event.url, new Date(), properties];
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
