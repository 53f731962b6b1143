import { orThrow } from 'headwater';
import type { HeadwaterOptions } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestPool } from '../../../../test/support/pool.ts';
import type { TestPool } from '../../../../test/support/pool.ts';
import { createBrowserProof } from '../capture/browser-proof.ts';

const address = '203.0.113.7';
const neighbour = '203.0.113.8';
const elsewhere = '198.51.100.1';
const perMinute = (requests: number) => ({ requests, per: { minutes: 1 } });
const limits: HeadwaterOptions['limits'] = {
  failedCredentials: perMinute(5),
  unknownLinks: perMinute(5),
  beacons: perMinute(10),
  beaconsPerKey: perMinute(15),
  qrCodes: perMinute(5),
  questions: perMinute(5),
};

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly from?: string;
}

type Send = (url: string, call?: Call) => Promise<Response>;

function sendTo(hw: TestHeadwater): Send {
  return (url, { from = address, ...init } = {}) =>
    hw.handler(new Request(url, init), { remoteAddress: from });
}

async function expectLimited(answer: Response, seconds = 60): Promise<void> {
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, String(seconds)]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({
    error: `Too many requests; try again in ${seconds} seconds`,
    code: 'rate_limited',
  });
}

describe('rate limits', () => {
  let hw: TestHeadwater;
  let send: Send;
  let secretKey: string;
  beforeAll(async () => {
    hw = await createTestHeadwater({
      limits,
      links: { domains: ['go.example'] },
      ownHosts: ['www.example'],
    });
    send = sendTo(hw);
    orThrow(await hw.links.create({ key: 'launch', url: 'https://www.example/' }));
    secretKey = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Server' })).key;
  }, 30_000);
  afterAll(() => hw.close());
  beforeEach(() => hw.clock.advance({ minutes: 1 }));

  const api = (key: string, from?: string): Promise<Response> =>
    send('https://www.example/hw/api/links', {
      headers: { authorization: `Bearer ${key}` },
      ...(from !== undefined && { from }),
    });
  const beacon = (body: unknown, query = '', call: Call = {}): Promise<Response> =>
    send(`https://www.example/hw/t/event${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...call.headers },
      body: JSON.stringify(body),
      ...(call.from !== undefined && { from: call.from }),
    });

  describe('for credentials', () => {
    it('stop a network that guesses, until the next window', async () => {
      for (let guess = 0; guess < 5; guess += 1)
        expect((await api(`hw_sk_${guess}`)).status).toBe(401);
      await expectLimited(await api('hw_sk_6', neighbour));
      expect((await api('hw_sk_7', elsewhere)).status).toBe(401);
      hw.clock.advance({ seconds: 50 });
      await expectLimited(await api('hw_sk_8'), 10);
      hw.clock.advance({ seconds: 10 });
      expect((await api('hw_sk_9')).status).toBe(401);
    });

    it('stop guesses that arrive at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, guess) => api(`hw_sk_at_once_${guess}`)),
      );
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    });

    it('count a key once, however many of its first requests arrive at once', async () => {
      const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Busy' }));
      const answers = await Promise.all(Array.from({ length: 20 }, () => api(key)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    });

    it('never stop a key that was right here before, whatever its neighbours do', async () => {
      expect((await api(secretKey)).status).toBe(200);
      for (let guess = 0; guess < 6; guess += 1) await api(`hw_sk_${guess}`, neighbour);
      expect((await api(secretKey)).status).toBe(200);
    });

    it('count no key that has expired and no request without one', async () => {
      const expired = orThrow(
        await hw.apiKeys.create({
          kind: 'secret',
          name: 'Old',
          expiresAt: new Date(hw.clock.now() + 1_000),
        }),
      ).key;
      hw.clock.advance({ minutes: 1 });
      for (let count = 0; count < 8; count += 1) {
        expect((await api(expired)).status).toBe(401);
        expect((await send('https://www.example/hw/api/links')).status).toBe(401);
      }
      expect((await api('hw_sk_wrong')).status).toBe(401);
    });

    it('stop guesses of publishable keys', async () => {
      for (let guess = 0; guess < 5; guess += 1)
        expect((await beacon({}, `?key=hw_pk_${guess}`)).status).toBe(401);
      await expectLimited(await beacon({}, '?key=hw_pk_6'));
    });

    it('stop guesses of proofs, and leave beacons without a proof alone', async () => {
      const identify = (proof: string) =>
        beacon({ event_type: 'identify', person_external_id: 'cust_1', proof });
      const workspace = await hw.workspaces.first();
      const right = createBrowserProof(workspace, 'cust_1');
      for (let guess = 0; guess < 5; guess += 1)
        expect(await (await identify(`${guess}`.repeat(64))).json()).toMatchObject({
          unproven: ['person_external_id'],
        });
      await expectLimited(await identify(right));
      expect((await beacon({ event_type: 'pageview' })).status).toBe(200);
      hw.clock.advance({ minutes: 1 });
      expect(await (await identify(right)).json()).not.toHaveProperty('unproven');
    });
  });

  it('stop a network that asks for links that do not exist, and never the following of one', async () => {
    for (let guess = 0; guess < 5; guess += 1)
      expect((await send(`https://go.example/guess-${guess}`)).status).toBe(404);
    await expectLimited(await send('https://go.example/guess-6'));
    await expectLimited(await send('https://go.example/guess-7/qr', { from: neighbour }));
    expect((await send('https://go.example/launch')).status).toBe(302);
    expect((await send('https://go.example/guess-8', { from: elsewhere })).status).toBe(404);
  });

  it('stop a network that sends beacons, in words that its page may read', async () => {
    const { key } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Page' }));
    const headers = { origin: 'https://shop.example' };
    for (let count = 0; count < 10; count += 1)
      expect((await beacon({}, `?key=${key}`, { headers })).status).toBe(200);
    const limited = await beacon({}, `?key=${key}`, { headers });
    expect(Object.fromEntries(limited.headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'retry-after',
    });
    await expectLimited(limited);
    expect((await beacon({}, `?key=${key}`, { headers, from: elsewhere })).status).toBe(200);
  });

  it.each(['body', 'header'])(
    'say so to the page whose key is in the %s as well',
    async (place) => {
      const { key } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Page' }));
      const origin = 'https://shop.example';
      const page = () =>
        place === 'body'
          ? beacon({ key }, '', { headers: { origin } })
          : beacon({}, '', { headers: { origin, 'x-api-key': key } });
      for (let count = 0; count < 10; count += 1) expect((await page()).status).toBe(200);
      const limited = await page();
      expect(limited.headers.get('access-control-allow-origin')).toBe(origin);
      await expectLimited(limited);
    },
  );

  it('stop a publishable key, wherever its pages are and wherever they show it', async () => {
    const { key } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Page' }));
    const { key: other } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Other' }));
    const from = (network: number) => ({ from: `198.51.${network}.1` });
    const shown = (network: number): ReadonlyArray<Parameters<typeof beacon>> => [
      [{}, `?key=${key}`, from(network)],
      [{ key }, '', from(network)],
      [{}, '', { ...from(network), headers: { 'x-api-key': key } }],
    ];
    for (let count = 0; count < 15; count += 1)
      expect((await beacon(...shown(count)[count % 3]!)).status).toBe(200);
    for (const call of shown(100)) await expectLimited(await beacon(...call));
    expect((await beacon({}, `?key=${other}`, from(100))).status).toBe(200);
  });

  it('stop a network that has QR codes drawn, not one that asks for the same again', async () => {
    for (let size = 1; size <= 5; size += 1)
      expect((await send(`https://go.example/launch/qr?size=${size}`)).status).toBe(200);
    for (let count = 0; count < 10; count += 1)
      expect((await send('https://go.example/launch/qr?size=5')).status).toBe(200);
    await expectLimited(await send('https://go.example/launch/qr?size=6'));
  });

  it('stop questions that need no key', async () => {
    for (let count = 0; count < 5; count += 1)
      expect((await send(`https://www.example/hw/tls/ask?domain=${count}.example`)).status).toBe(
        404,
      );
    await expectLimited(await send('https://www.example/hw/tls/ask?domain=go.example'));
    await expectLimited(await send('https://www.example/hw/openapi.json'));
  });

  it.each(['127.0.0.1', '10.1.2.3', '::1', '', 'nonsense'])(
    'count nothing for %j, which is no network of a visitor',
    async (from) => {
      for (let guess = 0; guess < 8; guess += 1) {
        expect((await api(`hw_sk_${guess}`, from)).status).toBe(401);
        expect((await send(`https://go.example/guess-${guess}`, { from })).status).toBe(404);
      }
    },
  );

  it('are counted in the metrics', () => {
    expect(hw.metrics()).toMatch(/^headwater_rate_limited_total [1-9]\d*$/m);
  });
});

describe('rate limits of two engines on one PostgreSQL', () => {
  let application: TestPool;
  let engines: readonly TestHeadwater[];
  beforeAll(async () => {
    application = await openTestPool();
    const first = await createTestHeadwater({ database: { pool: application.pool }, limits });
    const second = await createTestHeadwater({
      database: { pool: application.pool },
      limits,
      clock: first.clock,
    });
    engines = [first, second];
    orThrow(await first.apiKeys.create({ kind: 'secret', name: 'Server' }));
  }, 60_000);
  afterAll(async () => {
    for (const engine of engines) await engine.close();
    await application[Symbol.asyncDispose]();
  });

  it('are one limit for guesses', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      const answer = await sendTo(engines[guess % 2]!)('https://www.example/hw/api/links', {
        headers: { 'x-api-key': `guess-${guess}` },
      });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
  });

  it('ask the host no more about the credentials of a network that guesses', async () => {
    let asked = 0;
    const hosts = await createTestHeadwater({
      database: { pool: application.pool },
      limits,
      clock: engines[0]!.clock,
      authenticate() {
        asked += 1;
        return { ok: false, reason: 'unauthorized' };
      },
    });
    for (let guess = 0; guess < 10; guess += 1)
      await sendTo(hosts)('https://www.example/hw/api/links', {
        headers: { 'x-api-key': `pin-${guess}` },
        from: elsewhere,
      });
    expect(asked).toBe(5);
    await hosts.close();
  });
});
