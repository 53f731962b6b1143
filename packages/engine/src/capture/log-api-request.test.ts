import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { toApiRequestHook, toApiRequestMiddleware } from '../node.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { ApiRequestOptions } from './api-request.ts';

/** As much of a framework's request as the examples need. */
interface AppRequest extends IncomingMessage {
  user?: { readonly id: string };
  body?: unknown;
}

describe('the log of API requests', () => {
  const logged: string[] = [];
  const log = (message: string, details?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  let pglite: PGlite;
  let hw: TestHeadwater;
  let server: Server | undefined;
  beforeAll(async () => {
    pglite = await PGlite.create();
    hw = await createTestHeadwater({
      database: { pglite },
      logger: { info: log, warn: log, error: log },
    });
    orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });
  beforeEach(async () => {
    logged.length = 0;
    // Complaints are rare: each test may have one.
    hw.clock.advance({ minutes: 1 });
    await pglite.query('delete from headwater.event');
  });
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  interface Row {
    readonly name: string;
    readonly url: string;
    readonly machine: string | null;
    readonly visitor_id: string | null;
    readonly session_id: string | null;
    readonly touch_id: string | null;
    readonly properties: Readonly<Record<string, unknown>>;
  }
  async function recorded(): Promise<readonly Row[]> {
    await hw.events.flush();
    const { rows } = await pglite.query<Row>(
      `select * from headwater.event where type = 'api_request' order by id`,
    );
    return rows;
  }
  const people = async () => orThrow(await hw.visitors.list()).visitors.length;

  type Answer = (request: AppRequest, response: ServerResponse) => void;

  async function serve(options: ApiRequestOptions<AppRequest>, answer: Answer): Promise<string> {
    const middleware = toApiRequestMiddleware(hw, options);
    server = createServer((request: AppRequest, response) => {
      if (request.headers['x-user'] !== undefined)
        request.user = { id: String(request.headers['x-user']) };
      middleware(request, response, () => answer(request, response));
    });
    server.listen(0);
    await once(server, 'listening');
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  const options: ApiRequestOptions<AppRequest> = {
    paths: ['/api'],
    identify: ({ user }) => user && { externalId: user.id },
  };
  const created: Answer = (_request, response) => response.writeHead(201).end('done');

  it('has who asked, what was asked and what became of it, and nothing of the body', async () => {
    const origin = await serve(options, created);
    const response = await fetch(`${origin}/api/orders?token=secret`, {
      method: 'POST',
      headers: { 'x-user': 'cust_1', authorization: 'Bearer secret' },
      body: 'secret',
    });
    expect([response.status, await response.text()]).toEqual([201, 'done']);
    await expect.poll(recorded).toHaveLength(1);
    const [row] = await recorded();
    expect(row).toMatchObject({
      name: 'POST /api/orders',
      url: `${origin}/api/orders?token=redacted`,
      machine: null,
      session_id: null,
      touch_id: null,
      properties: {
        method: 'POST',
        path: '/api/orders',
        status: 201,
        milliseconds: expect.any(Number) as number,
      },
    });
    const person = await hw.visitors.getByExternalId('cust_1');
    expect(row!.visitor_id).toBe(person!.id);
    expect(JSON.stringify(row)).not.toContain('secret');
  });

  it('makes no visitor: who is not known is nobody, as is who is not named', async () => {
    const before = await people();
    const origin = await serve(options, created);
    await fetch(`${origin}/api/a`, { headers: { 'x-user': 'stranger' } });
    await fetch(`${origin}/api/b`);
    await fetch(`${origin}/api/c`, { headers: { 'user-agent': 'curl/8.5.0' } });
    await expect.poll(recorded).toHaveLength(3);
    const rows = await recorded();
    expect(rows.map(({ visitor_id: id }) => id)).toEqual([null, null, null]);
    expect(rows.find(({ name }) => name === 'GET /api/c')!.machine).toBe('curl');
    expect(rows.every(({ machine }) => machine !== null)).toBe(true);
    expect(await people()).toBe(before);
  });

  it('leaves out other paths, what is skipped, and who was erased', async () => {
    orThrow(await hw.visitors.identify({ externalId: 'gone' }));
    orThrow(await hw.privacy.forget({ externalId: 'gone' }));
    const skip = (_request: AppRequest, { status }: { status: number }) => status === 404;
    const origin = await serve({ ...options, skip }, (request, response) =>
      response.writeHead(request.url === '/api/none' ? 404 : 200).end(),
    );
    for (const path of ['/apiary', '/', '/api/none']) await fetch(origin + path);
    await fetch(`${origin}/api/gone`, { headers: { 'x-user': 'gone' } });
    await fetch(`${origin}/api/v1`);
    await expect.poll(recorded).toHaveLength(1);
    expect((await recorded())[0]!.name).toBe('GET /api/v1');
  });

  it('records its share of the requests, and says what that is', async () => {
    const sampled = hw.apiRequests.log({ paths: ['/api'], identify: 'nobody', sampleRate: 0.5 });
    const asked = new Request('https://app.test/api');
    for (let count = 0; count < 200; count += 1) sampled.record(asked, { status: 200 }, asked);
    await sampled.settle();
    // Fewer than 50 or more than 150 of 200 come about once in 10^12 runs.
    expect(sampled.stats.recorded).toBeGreaterThan(50);
    expect(sampled.stats.recorded).toBeLessThan(150);
    expect((await recorded())[0]!.properties).toMatchObject({ sample_rate: 0.5 });
  });

  it('says that the caller went before the answer was complete', async () => {
    const asked = Promise.withResolvers<void>();
    const origin = await serve(options, () => asked.resolve());
    const client = connect(Number(new URL(origin).port), 'localhost');
    client.write('GET /api/slow HTTP/1.1\r\nHost: app.test\r\n\r\n');
    await asked.promise;
    client.destroy();
    await expect.poll(recorded).toHaveLength(1);
    expect((await recorded())[0]!.properties).toMatchObject({ aborted: true });
  });

  it.each(['identify', 'path', 'properties', 'skip'] as const)(
    'harms no answer where the host’s %s fails, and says so once',
    async (callback) => {
      const fails = () => {
        throw new Error('out of order');
      };
      const origin = await serve({ ...options, [callback]: fails }, created);
      for (let count = 0; count < 3; count += 1)
        expect((await fetch(`${origin}/api/x`)).status).toBe(201);
      await expect.poll(() => logged.length).toBe(1);
      expect(logged[0]).toContain('Requests of the API are not recorded.');
      expect(await recorded()).toEqual([]);
    },
  );

  it('does not hold up an answer while the database is asked, nor while the host says who asked', async () => {
    const named = Promise.withResolvers<{ externalId: string }>();
    const origin = await serve({ ...options, identify: () => named.promise }, created);
    const response = await fetch(`${origin}/api/x`);
    expect([response.status, await response.text()]).toEqual([201, 'done']);
    expect(await recorded()).toEqual([]);
    named.resolve({ externalId: 'cust_1' });
    await expect.poll(recorded).toHaveLength(1);
  });

  it('goes on without what is too much at once, and without what names nobody properly', async () => {
    const named = Promise.withResolvers<undefined>();
    const busy = hw.apiRequests.log({ paths: ['/'], identify: () => named.promise });
    const asked = new Request('https://app.test/');
    for (let count = 0; count < 1_005; count += 1) busy.record(asked, { status: 200 }, asked);
    expect(busy.stats).toEqual({ recorded: 0, dropped: 5 });
    named.resolve(undefined);
    await busy.settle();
    expect(busy.stats).toEqual({ recorded: 1_000, dropped: 5 });
    const wrong = hw.apiRequests.log({ paths: ['/'], identify: () => ({ visitorId: 'x' }) });
    wrong.record(asked, { status: 200 }, asked);
    await wrong.settle();
    expect(wrong.stats).toEqual({ recorded: 0, dropped: 1 });
    const nowhere = hw.apiRequests.log({
      paths: ['/'],
      identify: 'nobody',
      workspaceId: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0',
    });
    nowhere.record(asked, { status: 200 }, asked);
    await nowhere.settle();
    expect(nowhere.stats).toEqual({ recorded: 0, dropped: 1 });
  });

  it('goes on without what nobody takes any more', async () => {
    const closed = await createTestHeadwater({ logger: { info: log, warn: log, error: log } });
    const requests = closed.apiRequests.log({ paths: ['/'], identify: 'nobody' });
    await closed.close();
    const asked = new Request('https://app.test/');
    requests.record(asked, { status: 200 }, asked);
    await requests.settle();
    expect(requests.stats).toEqual({ recorded: 0, dropped: 1 });
    expect(logged).toEqual([expect.stringContaining('Requests of the API are not recorded.')]);
  });

  it('works in frameworks that speak Request, and as a hook of Fastify', async () => {
    const requests = hw.apiRequests.log<{ customer: string }>({
      paths: ['/api'],
      identify: ({ customer }) => ({ externalId: customer }),
      properties: (_asked, { status }) => ({ ok: status < 400 }),
    });
    const app = new Hono<{ Variables: { customer: string } }>();
    app.use(async (c, next) => {
      c.set('customer', 'cust_1');
      await next();
      requests.record(c.req.raw, c.res, { customer: c.get('customer') });
    });
    app.get('/api/things', (c) => c.text('things'));
    expect(await (await app.request('/api/things')).text()).toBe('things');
    await requests.settle();

    const hook = toApiRequestHook(hw, { paths: ['/api'], identify: 'nobody' });
    server = createServer((raw, response) => {
      response.end('ok', () => void hook({ raw }, { raw: response, elapsedTime: 7 }));
    });
    server.listen(0);
    await once(server, 'listening');
    await fetch(`http://localhost:${(server.address() as AddressInfo).port}/api/fastify`);
    await expect.poll(recorded).toHaveLength(2);
    const [hono, fastify] = await recorded();
    expect(hono).toMatchObject({ name: 'GET /api/things', properties: { ok: true, status: 200 } });
    expect(fastify).toMatchObject({
      name: 'GET /api/fastify',
      properties: { status: 200, milliseconds: 7 },
    });
  });
});
