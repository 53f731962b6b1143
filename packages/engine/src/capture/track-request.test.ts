import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { toTrackingHook, toTrackingMiddleware } from '../node.ts';
import type { TrackedRequest } from '../node.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { Tracking } from './track-request.ts';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';
const clickId = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
const otherClickId = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa1';
const token = 'abcdefghijklmnopqrstuv';

describe('tracking', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  beforeAll(async () => {
    pglite = await PGlite.create();
    hw = await createTestHeadwater({ database: { pglite }, ownHosts: ['blog.test'] });
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });

  function read(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Promise<Tracking | undefined> {
    return hw.tracking.read(
      new Request(`https://shop.test${path}`, {
        method,
        headers: { 'user-agent': chrome, ...headers },
      }),
    );
  }

  function cookiesOf(tracking: Tracking | undefined): string[] {
    return (tracking?.headers ?? []).flatMap(([name, value]) =>
      name === 'set-cookie' ? [value] : [],
    );
  }

  it('says where a page view came from', async () => {
    expect(
      await read('/pricing?utm_source=newsletter&utm_medium=email&utm_campaign=may'),
    ).toMatchObject({
      source: { source: 'newsletter', medium: 'email', campaign: 'may' },
    });
    expect(await read('/pricing', { referer: 'https://www.google.com/' })).toMatchObject({
      source: { source: 'google', medium: 'organic' },
    });
    expect(await read('/pricing?gclid=Cj0KCQ')).toMatchObject({
      source: { clickIdType: 'gclid', platform: 'google_ads' },
      signals: { signals: { gclid: 'Cj0KCQ' } },
    });
    expect(await read('/pricing')).toMatchObject({ source: { kind: 'direct' } });
    for (const referer of ['https://blog.test/', 'https://shop.test/'])
      expect(await read('/', { referer })).toMatchObject({ source: { kind: 'internal' } });
  });

  it('gives a new visitor a cookie, and a known one its own again', async () => {
    const first = await read('/');
    expect(first!.anonymousId).toMatch(/^[\w-]{22}$/);
    expect(cookiesOf(first)).toEqual([
      `_hw_visitor=${first!.anonymousId}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure`,
    ]);
    const known = await read('/', { cookie: `a=b; _hw_visitor=${token}` });
    expect(known).toMatchObject({ anonymousId: token, signals: { anonymousId: token } });
    expect(cookiesOf(known)[0]).toContain(`_hw_visitor=${token}`);
    expect((await read('/', { cookie: '_hw_visitor=<script>' }))!.anonymousId).toMatch(
      /^[\w-]{22}$/,
    );
  });

  it('takes the click of the address, also by its old name, before that of the cookie', async () => {
    const cookie = `_hw_click=${otherClickId}`;
    const landed = await read(`/?hw_click=${clickId}`, { cookie });
    expect(landed).toMatchObject({ clickId, signals: { clickId } });
    expect(cookiesOf(landed)[1]).toBe(
      `_hw_click=${clickId}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure`,
    );
    expect(await read(`/?ga_id=${clickId}`)).toMatchObject({ clickId });
    const later = await read('/about', { cookie });
    expect(later).toMatchObject({ clickId: otherClickId });
    expect(later!.signals).not.toHaveProperty('clickId');
    expect(cookiesOf(later)).toHaveLength(1);
    for (const path of ['/?ga_id=not-a-uuid', '/'])
      expect((await read(path, { cookie: '_hw_click=not-a-uuid' }))!.clickId).toBeUndefined();
  });

  it('leaves alone what is no page view', async () => {
    for (const path of [
      '/assets/app.js',
      '/images/a',
      '/fonts/a',
      '/a/app.css?v=1',
      '/favicon.ico',
      '/a.woff2',
    ])
      expect(await read(path)).toBeUndefined();
    expect(await read('/pricing', {}, 'POST')).toBeUndefined();
    expect(await read('/javascript')).toBeDefined();
  });

  it('makes nobody of a machine', async () => {
    const tracking = await read(`/?hw_click=${clickId}`, { 'user-agent': 'Googlebot/2.1' });
    expect(tracking).toMatchObject({ anonymousId: undefined, source: {} });
    expect(cookiesOf(tracking)).toEqual([]);
  });

  it('writes nothing to the database, and asks it nothing for a page', async () => {
    const count = async (): Promise<unknown> =>
      (
        await pglite.query(
          `select (select count(*) from headwater.event) + (select count(*) from headwater.visitor)
             + (select count(*) from headwater.identity) as rows, pg_current_wal_insert_lsn()::text as wal`,
        )
      ).rows;
    const before = await count();
    await read('/?utm_source=x');
    expect(await count()).toEqual(before);
  });

  it('gives signals that events and visitors are recorded with', async () => {
    const { signals } = (await read('/?utm_source=x&fp=print-1'))!;
    expect(signals.identifiers).toEqual([{ kind: 'fingerprint', value: 'print-1' }]);
    const viewed = orThrow(
      await hw.events.track({ type: 'pageview', ...signals }, { createsVisitor: true }),
    );
    const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId: signals.anonymousId! }));
    expect(viewed).toMatchObject({ outcome: 'accepted', personId: visitor!.id });
    expect(visitor).toMatchObject({ firstSource: { source: 'x' } });
  });

  it('is middleware for node:http, Express and Connect', async () => {
    const track = toTrackingMiddleware(hw);
    const server = createServer((request, response) => {
      response.setHeader('set-cookie', 'own=1');
      track(request, response, () => {
        response.end(JSON.stringify((request as TrackedRequest).headwater?.source ?? null));
      });
    }).listen(0);
    await once(server, 'listening');
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const headers = { 'user-agent': chrome };
    const page = await fetch(`${origin}/?utm_source=x`, { headers });
    expect(await page.json()).toMatchObject({ source: 'x' });
    expect(page.headers.get('referrer-policy')).toBe('no-referrer-when-downgrade');
    expect(page.headers.getSetCookie()).toEqual([
      'own=1',
      expect.stringMatching(
        /^_hw_visitor=[\w-]{22}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    const asset = await fetch(`${origin}/assets/app.js`, { headers });
    expect([await asset.json(), asset.headers.getSetCookie()]).toEqual([null, ['own=1']]);
    server.close();
  });

  it('recognises nobody by the device where the workspace, the browser or the visitor says so', async () => {
    const landing = `/?gclid=Cj0KCQ&hw_click=${clickId}&fp=abc`;
    const sent = `_hw_visitor=${token}; _hw_click=${otherClickId}`;
    const nobody = async (headers: Readonly<Record<string, string>> = {}): Promise<void> => {
      const tracking = await read(landing, { cookie: sent, ...headers });
      expect(cookiesOf(tracking)).toEqual([]);
      expect(tracking).toMatchObject({ anonymousId: undefined, clickId });
      expect(tracking!.signals).not.toHaveProperty('identifiers');
    };
    await nobody({ 'sec-gpc': '1' });
    await nobody({ cookie: `${sent}; _hw_optout=1` });
    for (const settings of [{ cookieless: true }, { privacy: 'cookieless' }] as const) {
      orThrow(await hw.workspaces.update({ settings }));
      await nobody();
      orThrow(await hw.workspaces.update({ settings: { cookieless: false, privacy: 'standard' } }));
    }
    expect((await read(landing, { 'sec-gpc': '1' }))!.signals).not.toHaveProperty('signals');
  });

  it('lets a cookie run out that the preset of the workspace does not renew', async () => {
    orThrow(await hw.workspaces.update({ settings: { privacy: 'cnil-exempt' } }));
    expect(cookiesOf(await read('/', { cookie: `_hw_visitor=${token}` }))).toEqual([]);
    expect(cookiesOf(await read('/'))).toEqual([expect.stringContaining('Max-Age=34128000')]);
    orThrow(await hw.workspaces.update({ settings: { privacy: 'standard' } }));
  });

  it('is a hook of Fastify', async () => {
    const set: string[] = [];
    const request: TrackedRequest & { raw: never } = {
      raw: {
        method: 'GET',
        url: '/?utm_source=x',
        headers: { host: 'shop.test', 'user-agent': chrome },
        rawHeaders: ['Host', 'shop.test', 'User-Agent', chrome],
        socket: {},
      } as never,
    };
    await toTrackingHook(hw)(request, { header: (name) => set.push(name) });
    expect(request.headwater).toMatchObject({ source: { source: 'x' } });
    expect(set).toEqual(['referrer-policy', 'set-cookie']);
  });

  it('is middleware of Hono by a few lines', async () => {
    const app = new Hono<{ Variables: { headwater: Tracking | undefined } }>();
    app.use(async (c, next) => {
      const tracking = await hw.tracking.read(c.req.raw);
      c.set('headwater', tracking);
      await next();
      for (const [name, value] of tracking?.headers ?? []) c.header(name, value, { append: true });
    });
    app.get('/', (c) => c.json(c.get('headwater')?.source));
    const response = await app.request('https://shop.test/?utm_source=x', {
      headers: { 'user-agent': chrome },
    });
    expect(await response.json()).toMatchObject({ source: 'x' });
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });
});
