/** The mounts of `headwater/web`, each in the real framework. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { orThrow } from 'headwater';
import {
  toHonoApiRequests,
  toHonoGuard,
  toHonoMiddleware,
  toHonoTracking,
  toLoggedHandler,
  toNextHandlers,
} from 'headwater/web';
import type { Admission } from 'headwater/web';
import { afterEach, describe, expect, it } from 'vitest';

import { expectMounted } from './expect-mounted.ts';
import { openMounted } from './mounted.ts';

const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Variables {
  headwater: { source: { source?: string } } | undefined;
  admission: Admission;
}

describe('Headwater is mounted in', () => {
  it('Hono, where its links come last', async () => {
    const mounted = await openMounted();
    const { hw } = mounted;
    closing.push(() => hw.close());
    const app = new Hono<{ Variables: Variables }>();
    app.use(toHonoTracking(hw));
    app.use(toHonoApiRequests(hw, { paths: ['/api'], identify: 'nobody' }));
    app.use('/signup', toHonoGuard(hw, { redirectTo: '/contact' }));
    app.get('/about', (c) => c.text(c.get('headwater')?.source.source ?? 'nobody'));
    app.get('/signup', (c) => c.text(c.get('admission').invitation?.name ?? 'nobody'));
    app.get('/api/orders', (c) => c.json([]));
    app.use(toHonoMiddleware(hw));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    closing.push(() => server.close());
    await expectMounted(mounted, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  it('Bun, with the engine in its own process', async () => {
    const script = join(import.meta.dirname, 'bun-server.ts');
    const bun = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'bun');
    const child = spawn(bun, ['--conditions=headwater-source', 'run', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closing.push(() => child.kill());
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const { origin, ...mounted } = JSON.parse(printed.toString()) as {
      origin: string;
      key: string;
      invitation: string;
    };
    // Its log is behind its own engine.
    await expectMounted(mounted, origin, { logsApi: false });
  }, 120_000);

  it('the route handlers of Next.js, opened by the first request', async () => {
    const mounted = await openMounted();
    closing.push(() => mounted.hw.close());
    let opened = 0;
    const { GET, POST } = toNextHandlers(() => {
      opened += 1;
      return Promise.resolve(mounted.hw);
    });
    expect(opened).toBe(0);
    const headers = { 'x-forwarded-host': 'shop.test', 'x-forwarded-proto': 'https' };
    const followed = await GET(new Request('http://localhost:3000/launch', { headers }));
    expect(followed.status).toBe(302);
    const unknown = await GET(new Request('http://localhost:3000/unknown', { headers }));
    expect(unknown.status).toBe(404);
    const event = new Request('http://localhost:3000/hw/t/event', {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0 Firefox/140.0',
      },
      body: JSON.stringify({ event_type: 'pageview', url: 'https://shop.test/' }),
    });
    expect(await (await POST(event)).json()).toMatchObject({ status: 'ok' });
  });

  it('the log of requests around a route that speaks Request', async () => {
    const { hw } = await openMounted();
    closing.push(() => hw.close());
    const works: Promise<unknown>[] = [];
    const options = {
      paths: ['/api'],
      identify: 'nobody',
      properties: (request: Request) => ({ host: new URL(request.url).host }),
      waitUntil: (work: Promise<unknown>) => works.push(work),
    } as const;
    const open = () => Promise.resolve(hw);
    const show = toLoggedHandler(open, options, (_, params: { id: string }) =>
      params.id === '0' ? Promise.reject(new Error('no such order')) : Response.json(params),
    );
    const ask = (id: string) => show(new Request(`https://shop.test/api/orders/${id}`), { id });
    expect(await (await ask('7')).json()).toEqual({ id: '7' });
    await expect(ask('0')).rejects.toThrow('no such order');
    await Promise.all(works);
    const { events } = orThrow(await hw.events.list({ type: { in: ['api_request'] } }));
    const recorded = new Map(events.map(({ name, properties }) => [name, properties]));
    expect(Object.fromEntries(recorded)).toMatchObject({
      'GET /api/orders/0': { status: 500, host: 'shop.test' },
      'GET /api/orders/7': { status: 200, host: 'shop.test' },
    });
    expect(() => toLoggedHandler(hw, { ...options, paths: [] }, () => new Response())).toThrow(
      'apiRequests.paths',
    );
  });
});
