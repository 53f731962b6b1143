import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createGuardedFetch, RefusedAddressError } from './guarded-fetch.ts';
import { isPrivateAddress } from './private-address.ts';

describe('a guarded fetch', () => {
  const server = createServer((request, response) => {
    if (request.url === '/moved') {
      response.writeHead(302, { location: '/elsewhere' }).end();
    } else if (request.url === '/long') {
      response.end('x'.repeat(50_000));
    } else if (request.url === '/beyond') {
      response.writeHead(999).end('No');
    } else if (request.url === '/silent') {
      // Never answered.
    } else {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ method: request.method, body, mine: request.headers['x-mine'] }),
        );
      });
    }
  });
  let base: string;
  const open = createGuardedFetch({ allowPrivateNetworks: true, answerBytesMax: 1_000 });
  const guarded = createGuardedFetch({ allowPrivateNetworks: false, answerBytesMax: 1_000 });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    open.close();
    guarded.close();
    server.closeAllConnections();
    server.close();
  });

  it('sends what it is given, and reads the answer', async () => {
    const response = await open.fetch(`${base}/events`, {
      method: 'POST',
      headers: { 'x-mine': 'yes' },
      body: '{"a":1}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ method: 'POST', body: '{"a":1}', mine: 'yes' });
  });

  it('follows no redirects, and reads no more than it may', async () => {
    expect((await open.fetch(`${base}/moved`)).status).toBe(302);
    expect(await (await open.fetch(`${base}/long`)).text()).toHaveLength(1_000);
  });

  it('takes a status that the web does not know for no answer', async () => {
    await expect(open.fetch(`${base}/beyond`)).rejects.toThrow(RangeError);
  });

  it('gives up when its signal says so', async () => {
    const signal = AbortSignal.timeout(50);
    await expect(open.fetch(`${base}/silent`, { signal })).rejects.toThrow(/abort/i);
  });

  it('sends nothing to names and addresses of private networks', async () => {
    const port = new URL(base).port;
    for (const address of [
      `${base}/events`,
      `http://127.0.0.1:${port}/`,
      `http://[::1]:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      'http://169.254.169.254/latest/meta-data',
      `http://2130706433:${port}/`,
    ])
      await expect(guarded.fetch(address)).rejects.toBeInstanceOf(RefusedAddressError);
    await expect(guarded.fetch('file:///etc/passwd')).rejects.toBeInstanceOf(RefusedAddressError);
  });

  it.each([
    ['93.184.216.34', false],
    ['2606:2800:220:1:248:1893:25c8:1946', false],
    ['64:ff9b::5db8:d822', false],
    ['10.1.2.3', true],
    ['100.64.0.1', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['192.168.0.1', true],
    ['0.0.0.0', true],
    ['fd00::1', true],
    ['fe80::1%eth0', true],
    ['::ffff:10.0.0.1', true],
    ['64:ff9b::a00:1', true],
    ['no address', true],
  ])('knows of %s whether it is private: %s', (address, isPrivate) => {
    expect(isPrivateAddress(address)).toBe(isPrivate);
  });
});
