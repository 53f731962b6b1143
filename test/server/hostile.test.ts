import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { apiRoutes } from '../../packages/engine/src/http/api-routes.ts';
import { createServer } from '../../packages/server/src/server.ts';
import type { HeadwaterServer } from '../../packages/server/src/server.ts';

const headersMilliseconds = 600;
const faults: string[] = [];
const note = (message: string): void => void faults.push(message);
const logger = { info: () => undefined, warn: note, error: note };

let hw: TestHeadwater;
let server: HeadwaterServer;
let port: number;
let key: string;

beforeAll(async () => {
  hw = await createTestHeadwater({
    links: { domains: ['go.example'] },
    trustProxy: ['127.0.0.0/8'],
    limits: { unknownLinks: { requests: 5, per: { minutes: 1 } } },
    logger,
  });
  orThrow(await hw.links.create({ key: 'launch', url: 'https://shop.example/' }));
  key = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Server', scopes: ['admin'] })).key;
  server = createServer(hw, { basePath: '/hw', logger, headersMilliseconds });
  port = await server.listen(0, '127.0.0.1');
}, 30_000);
afterAll(async () => {
  await server.stop(0);
  await hw.close();
});

function open(bytes: string): Socket & { received: string } {
  const socket = Object.assign(connect(port, '127.0.0.1'), { received: '' });
  socket.on('data', (chunk) => (socket.received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  return socket;
}

/** The answer to bytes, once the connection has ended. */
async function exchange(bytes: string): Promise<string> {
  const socket = open(bytes);
  await once(socket, 'close');
  return socket.received;
}

function request(target: string, headers = '', method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: go.example\r\nConnection: close\r\n${headers}\r\n`;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** Header names of an answer, in lower case. */
function headerNames(answer: string): string[] {
  const [head = ''] = answer.split('\r\n\r\n');
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
}

async function followLink(): Promise<number> {
  return statusOf(await exchange(request('/launch')));
}

describe('a server', () => {
  it('ends connections whose headers never end, and answers everybody else meanwhile', async () => {
    const slow = Array.from({ length: 100 }, () => open('GET /launch HTTP/1.1\r\nHost: go.ex'));
    const ended = slow.map((socket) => once(socket, 'close'));
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('a');
    }, 50);
    expect(await followLink()).toBe(302);
    await Promise.all(ended);
    clearInterval(drip);
    expect(new Set(slow.map(({ received }) => statusOf(received)))).toEqual(new Set([408]));
  });

  it('answers while a thousand connections do nothing', { timeout: 20_000 }, async () => {
    const idle = Array.from({ length: 1_000 }, () => open(''));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    expect(await followLink()).toBe(302);
    for (const socket of idle) socket.destroy();
  });

  it.each([
    ['one header of 20 kB', request('/launch', `X: ${'x'.repeat(20_000)}\r\n`), 431],
    ['five thousand headers', request('/launch', 'X: y\r\n'.repeat(5_000)), 431],
    ['cookies of 20 kB', request('/launch', `Cookie: a=${'b'.repeat(20_000)}\r\n`), 431],
    ['a target of 9 kB', request(`/launch?${'x'.repeat(9_000)}`), 414],
    ['a target of 9 kB below the base path', request(`/hw/api/${'x'.repeat(9_000)}`), 414],
    ['a target of 20 kB', request(`/${'x'.repeat(20_000)}`), 431],
    ['two hosts', request('/launch', 'Host: evil.example\r\n'), 400],
    ['a header without a name', request('/launch', ': x\r\n'), 400],
    ['a folded header', request('/launch', 'X: a\r\n b: c\r\n'), 400],
    ['a bare CR in a header', request('/launch', 'X: a\rSet-Cookie: x=1\r\n'), 400],
    ['a NUL in the target', request('/la\0unch'), 400],
    ['the start of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['the start of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a length that is none', request('/hw/t/event', 'Content-Length: -1\r\n', 'POST'), 400],
    [
      'an unknown transfer encoding',
      `${request('/hw/t/event', 'Transfer-Encoding: gzip\r\n', 'POST')}x`,
      400,
    ],
  ])('answers %s with a clear 4xx and ends the connection', async (_what, bytes, status) => {
    expect(statusOf(await exchange(bytes))).toBe(status);
    expect(await followLink()).toBe(302);
  });

  it.each([
    '/launch?x=%0d%0aX-Injected:1',
    '/launch%0d%0aX-Injected:1',
    '/launch/qr?size=5%0d%0aX-Injected:1',
    '/hw/t/event?key=%0d%0aX-Injected:1',
    '/hw/api/links?cursor=%0d%0aX-Injected:1',
    '/hw/tls/ask?domain=%0d%0aX-Injected:1',
    '/hw/docs/%0d%0aX-Injected:1',
  ])('lets no line break of %s into its headers', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const answer = await exchange(
        request(target, `Content-Length: 0\r\nAuthorization: Bearer ${key}\r\n`, method),
      );
      expect([method, statusOf(answer) < 500, headerNames(answer)]).toEqual([
        method,
        true,
        expect.not.arrayContaining(['x-injected']),
      ]);
    }
  });

  it('lets no line break or quote of a header into its own', async () => {
    for (const value of ['https://a.example\x0bX-Injected: 1', 'https://a.example" x="1', 'null']) {
      const answer = await exchange(
        request(
          '/hw/t/event',
          `Origin: ${value}\r\nAccess-Control-Request-Method: POST\r\n`,
          'OPTIONS',
        ),
      );
      expect([value, headerNames(answer)]).toEqual([
        value,
        expect.not.arrayContaining(['access-control-allow-origin', 'x-injected']),
      ]);
    }
  });

  const broken = ['%', '%zz', '%00', '%c0%af', '%ff%fe', '%F0%28', '%ED%A0%80', '..%2f..', '%0a'];

  it.each(broken)('answers 4xx in the one form where %s stands for a parameter', async (text) => {
    const routes = apiRoutes.filter(({ path }) => path.includes('{'));
    expect(routes.length).toBeGreaterThan(10);
    for (const { method, path } of routes) {
      const target = `/hw/api${path.replaceAll(/\{\w+\}/g, text)}`;
      const headers = `Authorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;
      const answer = await exchange(`${request(target, headers, method.toUpperCase())}{}`);
      const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { code: string };
      expect([method, path, [404, 422].includes(statusOf(answer)), body.code]).toEqual([
        method,
        path,
        true,
        expect.stringMatching(/^\w+$/),
      ]);
    }
  });

  it.each(broken)('answers 4xx where %s stands for a link or an asset', async (text) => {
    for (const target of [
      `/${text}`,
      `/${text}/qr`,
      `/launch/${text}`,
      `/hw/${text}`,
      `/hw/docs/${text}`,
      `/hw/t/${text}`,
      `/hw/tls/ask?domain=${text}`,
      `/hw/tls/ask?${text}`,
    ]) {
      const status = statusOf(await exchange(request(target)));
      expect([target, status >= 400 && status < 500]).toEqual([target, true]);
    }
  });

  it('counts visitors behind the proxy that it trusts by their own networks', async () => {
    const guess = async (from: string): Promise<number> =>
      statusOf(await exchange(request('/no-such-link', `X-Forwarded-For: ${from}\r\n`)));
    for (let count = 0; count < 5; count += 1)
      // What a client claims to have come through does not make it somebody else.
      expect(await guess(`198.51.${count}.1, 203.0.113.7`)).toBe(404);
    expect(await guess('198.51.9.1, 203.0.113.8')).toBe(429);
    expect(await guess('198.51.100.1')).toBe(404);
  });

  it('has logged no fault', async () => {
    await sleep(0);
    expect(faults).toEqual([]);
  });
});
