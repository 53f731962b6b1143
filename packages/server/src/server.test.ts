import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createServer } from './server.ts';
import type { HeadwaterServer, ServedEngine } from './server.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let server: HeadwaterServer;
let port: number;
let ready = true;
let hold: Promise<void> | undefined;

const engine: ServedEngine = {
  options: { logger: silent },
  handle: async ({ target }) => {
    await hold;
    return target === '/launch'
      ? { status: 302, headers: [['location', 'https://shop.example/']] }
      : undefined;
  },
  handler: (request) => {
    const { pathname } = new URL(request.url);
    return Promise.resolve(
      pathname === '/hw/api/live'
        ? new Response(stream(), { headers: { 'content-type': 'text/event-stream' } })
        : new Response(`engine ${pathname}`),
    );
  },
  ready: () => Promise.resolve({ ok: ready, checks: { database: ready } }),
  metrics: () => 'headwater_clicks_total 3\n',
  live: {
    close: () => {
      endStream?.();
      endStream = undefined;
    },
  },
};

let endStream: (() => void) | undefined;

/** Goes on until it is ended. */
function stream(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('data: 1\n\n'));
      endStream = () => {
        controller.close();
      };
    },
  });
}

beforeEach(async () => {
  ready = true;
  hold = undefined;
  server = createServer(engine, { basePath: '/hw', logger: silent });
  port = await server.listen(0, '127.0.0.1');
});

afterEach(() => server.stop(0));

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });
}

function open(bytes: string): Socket & { received: string } {
  const socket = Object.assign(connect(port, '127.0.0.1'), { received: '' });
  socket.on('data', (chunk) => (socket.received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(bytes);
  return socket;
}

describe('createServer', () => {
  it('serves the engine', async () => {
    expect((await get('/launch')).headers.get('location')).toBe('https://shop.example/');
    expect(await (await get('/hw/api/links')).text()).toBe('engine /hw/api/links');
    expect(await (await get('/', { method: 'POST' })).text()).toBe('engine /');
  });

  it('says whether it lives and whether it is ready', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ ok: true, checks: { database: true } });
    ready = false;
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('gives the metrics of engine and process', async () => {
    const text = await (await get('/metrics')).text();
    expect(text).toContain('headwater_clicks_total 3\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('has a page at its root that loads nothing from elsewhere', async () => {
    const response = await get('/');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).toContain('href="/hw/docs"');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it.each([
    '/hw/docs',
    '/hw/docs/start.js',
    '/hw/docs/swagger-ui.css',
    '/hw/docs/swagger-ui-bundle.js',
  ])('serves %s', async (path) => {
    const response = await get(path, { headers: { 'accept-encoding': 'br' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-encoding')).toBe('br');
    expect((await response.text()).length).toBeGreaterThan(50);
  });

  it('revalidates assets by their digest', async () => {
    const first = await get('/hw/docs/swagger-ui.css');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    await first.arrayBuffer();
    const again = await get('/hw/docs/swagger-ui.css', {
      headers: { 'if-none-match': `"x", ${etag}` },
    });
    expect(again.status).toBe(304);
    expect(
      (await get('/hw/docs/swagger-ui.css', { headers: { 'if-none-match': '"x"' } })).status,
    ).toBe(200);
  });

  it.each([
    'headwater.js',
    'headwater-interactions.js',
    'headwater-fingerprint.js',
    'headwater-referral.js',
    'good-analytics.js',
  ])('serves %s to pages of any site', async (name) => {
    const response = await get(`/hw/js/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await response.text()).toContain('headwater');
  });

  it('sends bytes as they are to clients that take no encoding', async () => {
    const socket = open('GET /hw/docs/start.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    expect(socket.received).toContain('SwaggerUIBundle({');
    const compressed = open(
      'GET /hw/docs/start.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0, br\r\nConnection: close\r\n\r\n',
    );
    const bytes: Buffer[] = [];
    compressed.on('data', (chunk) => bytes.push(chunk));
    await once(compressed, 'close');
    const whole = Buffer.concat(bytes);
    expect(
      brotliDecompressSync(whole.subarray(whole.indexOf('\r\n\r\n') + 4)).toString(),
    ).toContain('SwaggerUIBundle');
  });

  it('answers 431 to endless headers and 400 to nonsense', async () => {
    for (const [bytes, status] of [
      [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['nonsense\r\n\r\n', 400],
    ] as const) {
      const socket = open(bytes);
      await once(socket, 'close');
      expect(socket.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });

  it('finishes what is in flight when it stops, and accepts nothing new', async () => {
    let release = (): void => undefined;
    hold = new Promise((resolve) => (release = resolve));
    const idle = open('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    const half = open('GET /launch HTTP/1.1\r\nHost:');
    const busy = open('GET /launch HTTP/1.1\r\nHost: a\r\n\r\n');
    await sleep(100);
    const stopped = server.stop(5_000);
    await expect(get('/healthz')).rejects.toThrow('fetch failed');
    expect(busy.received).toBe('');
    release();
    await Promise.all([stopped, once(busy, 'close')]);
    expect(busy.received).toMatch(/^HTTP\/1.1 302 /);
    expect(busy.received.toLowerCase()).toContain('connection: close');
    expect(idle.received).toMatch(/^HTTP\/1.1 200 /);
    half.destroy();
  });

  it('ends streams when it stops', async () => {
    const streaming = open('GET /hw/api/live HTTP/1.1\r\nHost: a\r\n\r\n');
    while (!streaming.received.includes('data: 1')) await once(streaming, 'data');
    await Promise.all([server.stop(60_000), once(streaming, 'close')]);
    expect(streaming.received).toMatch(/\r\n0\r\n\r\n$/);
  });

  it('does not wait for ever for a request that is never answered', async () => {
    hold = new Promise(() => undefined);
    const stuck = open('GET /launch HTTP/1.1\r\nHost: a\r\n\r\n');
    await sleep(50);
    await Promise.all([server.stop(100), once(stuck, 'close')]);
    expect(stuck.received).toBe('');
  });
});
