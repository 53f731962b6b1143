import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import type { PostgresDatabase } from '../support/postgres.ts';
import { callApi, eventually, linkHost, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** The promise is one second; a machine that runs other tests meanwhile may be late itself. */
const secondsMax = 5;

const folder = mkdtempSync(join(tmpdir(), 'headwater-several-'));
let database: PostgresDatabase;
let here: ServerProcess;
let there: ServerProcess;
let key: string;

beforeAll(async () => {
  database = await createPostgresDatabase();
  const start = (name: string): Promise<ServerProcess> =>
    startServer({
      DATABASE_URL: database.url,
      HEADWATER_SECRET: 'a secret of the tests that is long enough',
      HEADWATER_DATA: join(folder, name),
    });
  here = await start('here');
  there = await start('there');
  key = here.secretKey!;
}, 60_000);

afterAll(async () => {
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('a server beside another one on the same PostgreSQL', () => {
  it('follows a link as it is made, changed, archived and restored there', async () => {
    // Unknown keys are remembered too.
    expect(await follow(there, '/launch')).toMatchObject({ status: 404 });
    const { id } = await call('POST', 'links', {
      domain: linkHost,
      key: 'launch',
      url: 'https://shop.example/',
    });
    await isThere('the link', '/launch', { status: 302, location: /^https:\/\/shop\.example\// });
    await call('PATCH', `links/${id}`, { url: 'https://shop.example/sale' });
    await isThere('the new destination', '/launch', { status: 302, location: /\/sale/ });
    await call('PATCH', `links/${id}`, {
      routing: { version: 1, start: { at: '2100-01-01T00:00:00Z', url: 'https://soon.example/' } },
    });
    await isThere('the rule', '/launch', { status: 302, location: /soon\.example/ });
    await call('DELETE', `links/${id}`);
    await isThere('the end of the link', '/launch', { status: 404 });
    await call('POST', `links/${id}/restore`);
    await isThere('the link again', '/launch', { status: 302, location: /soon\.example/ });
    // And what both have counted is one number.
    await call('PATCH', `links/${id}`, { routing: null });
    await isThere('the plain link', '/launch', { status: 302, location: /shop\.example/ });
    const before = await clicksOf(id);
    await Promise.all([here, there, here, there].map((server) => follow(server, '/launch')));
    expect((await clicksOf(id)) - before).toBe(4);
  });

  it('refuses a key that was revoked there', async () => {
    const made = await call('POST', 'api-keys', { kind: 'secret', name: 'A', scopes: ['read'] });
    const asks = async (): Promise<number> =>
      (await callApi(there, String(made['key']), 'GET', 'links')).status;
    await within('the key is known', async () => (await asks()) === 200);
    await call('DELETE', `api-keys/${made.id}`);
    await within('the key is refused', async () => (await asks()) !== 200);
    expect(await asks()).toBe(401);
  });

  it('keeps to the rules of the workspace that were changed there', async () => {
    await call('POST', 'links', { domain: linkHost, key: 'rules', url: 'https://shop.example/' });
    const cookies = async (): Promise<number> => (await follow(there, '/rules')).cookies;
    await within('it sets cookies', async () => (await cookies()) > 0);
    await call('PATCH', 'workspace', { settings: { cookieless: true } });
    await within('it sets none', async () => (await cookies()) === 0);
    expect(await cookies()).toBe(0);
    await call('PATCH', 'workspace', { settings: { cookieless: false } });
    await within('it sets them again', async () => (await cookies()) > 0);
  });

  it('records nothing more of somebody who was erased there', async () => {
    const person = { person_external_id: 'cust_1' };
    await call('POST', 'visitors/identify', person);
    const tell = (): Promise<{ status: number; body: Record<string, unknown> }> =>
      callApi(there, key, 'POST', 'events', { ...person, event_type: 'lead' });
    expect((await tell()).status).toBe(201);
    await call('POST', 'privacy/forget', person);
    // At once: it is the database that is asked, whatever a process remembers.
    expect(await tell()).toMatchObject({ status: 410, body: { code: 'visitor_erased' } });
  });
});

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown> & { readonly id: string }> {
  const response = await fetch(`${here.origin}/hw/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect({ path, said: response.ok ? '' : text }).toEqual({ path, said: '' });
  const told = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { ...told, id: String(told['id']) };
}

async function clicksOf(id: string): Promise<number> {
  return Number((await call('GET', `links/${id}/stats`))['total_clicks']);
}

/** `fetch` would write the host itself. */
async function follow(server: ServerProcess, path: string) {
  const headers = { host: linkHost, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' };
  const request = get({ host: '127.0.0.1', port: server.port, path, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return {
    status: response.statusCode,
    location: response.headers.location ?? '',
    cookies: response.headers['set-cookie']?.length ?? 0,
  };
}

async function isThere(
  what: string,
  path: string,
  wanted: { readonly status: number; readonly location?: RegExp },
): Promise<void> {
  await within(what, async () => {
    const { status, location } = await follow(there, path);
    return status === wanted.status && (wanted.location?.test(location) ?? true);
  });
}

/** Says for the reader how long it took. */
async function within(what: string, holds: () => Promise<boolean>): Promise<void> {
  const since = performance.now();
  await eventually(what, holds, secondsMax);
  process.stderr.write(`${what}: ${Math.round(performance.now() - since)} ms\n`);
}
