import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestDatabaseSize } from '../../../../test/support/context.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { createHeadwater } from '../engine.ts';
import type { Headwater } from '../engine.ts';
import { isUuid } from '../kernel/id.ts';
import { orThrow } from '../kernel/result.ts';
import type { LinkInput } from '../links/create-link.ts';
import type { DatabaseOption } from '../options.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
const android =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const previewer = 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)';

interface RequestDetails {
  readonly method?: string;
  readonly host?: string;
  readonly scheme?: 'http' | 'https';
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

function request(target: string, details: RequestDetails = {}): IncomingRequest {
  const headers: Readonly<Record<string, string>> = { 'user-agent': chrome, ...details.headers };
  return {
    method: details.method ?? 'GET',
    target,
    host: details.host ?? 'mybrand.link',
    scheme: details.scheme ?? 'https',
    remoteAddress: details.remoteAddress ?? '203.0.113.77',
    header: (name) => headers[name],
    body: () => Promise.resolve(new Uint8Array()),
  };
}

function headerOf(response: OutgoingResponse | undefined, name: string): string | undefined {
  return response?.headers.find(([header]) => header === name)?.[1];
}

function cookieOf(response: OutgoingResponse | undefined, name: string): string | undefined {
  const cookie = response?.headers.find(
    ([header, value]) => header === 'set-cookie' && value.startsWith(`${name}=`),
  );
  return cookie?.[1].slice(name.length + 1).split(';')[0];
}

async function openDatabase(
  size: TestDatabaseSize,
): Promise<{ option: DatabaseOption; close: () => Promise<void> }> {
  if (size === 'postgres') {
    const server = await createPostgresDatabase();
    return {
      option: { url: server.url },
      close: async () => {
        await server[Symbol.asyncDispose]();
      },
    };
  }
  const pglite = await PGlite.create();
  return { option: { pglite }, close: () => pglite.close() };
}

describe.each(testDatabaseSizes)('the redirect on %s', (size) => {
  let hw: Headwater;
  let close: () => Promise<void>;
  let folder: string;
  let now = Date.UTC(2026, 10, 21, 9);
  beforeAll(async () => {
    const database = await openDatabase(size);
    folder = await mkdtemp(join(tmpdir(), 'headwater-redirect-'));
    hw = await createHeadwater({
      database: database.option,
      secret: 'a secret of the tests that is long enough',
      clock: { now: () => now },
      spoolFolder: folder,
      // The machine that runs the tests may be slow: these clicks are meant to be committed.
      clickPatience: { seconds: 10 },
      links: { domains: ['mybrand.link', 'mybrand.link:8443'], appSchemes: ['myapp'] },
    });
    close = database.close;
    await hw.migrate();
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await close();
    await rm(folder, { recursive: true });
  });

  let made = 0;
  async function createLink(input: Partial<LinkInput> = {}) {
    made += 1;
    return orThrow(
      await hw.links.create({ key: `link-${made}`, url: 'https://example.com/page', ...input }),
    );
  }
  const stats = async (id: string) => orThrow(await hw.links.stats(id));
  const clicks = async (id: string, machines = false) =>
    orThrow(await hw.links.clicks(id, { machines })).clicks;

  it('sends a person to the destination with the id of the committed click', async () => {
    const link = await createLink({ utmSource: 'twitter', utmMedium: 'social' });
    const response = await hw.handle(
      request(`/${link.key}`, { headers: { referer: 'https://news.example/article' } }),
    );
    expect(response?.status).toBe(302);
    const location = new URL(headerOf(response, 'location')!);
    const clickId = location.searchParams.get('hw_click');
    expect(isUuid(clickId)).toBe(true);
    expect(location.href).toBe(
      `https://example.com/page?utm_source=twitter&utm_medium=social&hw_click=${clickId}`,
    );
    expect(headerOf(response, 'cache-control')).toBe('private, no-store');
    expect(cookieOf(response, '_hw_click')).toBe(clickId);
    expect(cookieOf(response, '_hw_visitor')).toMatch(/^[\w-]{22}$/);
    expect(
      response?.headers
        .filter(([name]) => name === 'set-cookie')
        .every(([, value]) => value.endsWith('; Secure')),
    ).toBe(true);
    expect(await stats(link.id)).toMatchObject({ clicks: 1, uniqueClicks: 1, machineClicks: 0 });
    expect(await clicks(link.id)).toMatchObject([
      {
        id: clickId,
        url: `https://mybrand.link/${link.key}`,
        referrer: 'https://news.example/article',
        userAgent: chrome,
        ipPrefix: '203.0.113.0/24',
        machine: null,
        occurredAt: new Date(now),
      },
    ]);
  });

  it('keeps no token of an invitation that stands in an address', async () => {
    const link = await createLink();
    const headers = { referer: 'https://shop.example/signup?invitation_token=let-me-in&a=1' };
    await hw.handle(request(`/${link.key}?invitation_token=let-me-in`, { headers }));
    expect(await clicks(link.id)).toMatchObject([
      {
        referrer: 'https://shop.example/signup?a=1',
        url: expect.not.stringContaining('let-me-in'),
      },
    ]);
  });

  it('recognises a visitor by the cookie, and counts people, not addresses', async () => {
    const link = await createLink();
    const first = await hw.handle(request(`/${link.key}`));
    const token = cookieOf(first, '_hw_visitor')!;
    const second = await hw.handle(
      request(`/${link.key}`, { headers: { cookie: `a=b; _hw_visitor=${token}` } }),
    );
    expect(cookieOf(second, '_hw_visitor')).toBe(token);
    await hw.handle(request(`/${link.key}`));
    expect(await stats(link.id)).toMatchObject({ clicks: 3, uniqueClicks: 2 });
    const visitors = (await clicks(link.id)).map(({ visitorId }) => visitorId);
    expect(new Set(visitors).size).toBe(2);
  });

  it('replaces a visitor cookie that we cannot have set', async () => {
    const link = await createLink();
    const response = await hw.handle(
      request(`/${link.key}`, { headers: { cookie: '_hw_visitor=<script>' } }),
    );
    expect(cookieOf(response, '_hw_visitor')).toMatch(/^[\w-]{22}$/);
  });

  it('sets cookies without Secure where there is no TLS', async () => {
    const link = await createLink();
    const response = await hw.handle(request(`/${link.key}`, { scheme: 'http' }));
    expect(headerOf(response, 'set-cookie')).not.toContain('Secure');
  });

  it('passes the click ids of ad platforms on and keeps them', async () => {
    const link = await createLink();
    const response = await hw.handle(
      request(`/${link.key}?gclid=abc123&utm_campaign=spring&custom=1&qr=1&via=x`),
    );
    expect(headerOf(response, 'location')).toMatch(
      /^https:\/\/example\.com\/page\?gclid=abc123&utm_campaign=spring&custom=1&hw_click=[\w-]{36}$/,
    );
    const [click] = await clicks(link.id);
    expect(click).toMatchObject({ properties: { qr: true } });
    const path = (await hw.visitors.attribution(click!.visitorId!)) as unknown;
    expect(JSON.stringify(path)).toContain('gclid');
  });

  it("asks the workspace's rules as they are at the click", async () => {
    const link = await createLink();
    const from = async (details: RequestDetails = {}) => {
      const headers = { referer: 'https://forum.example/', ...details.headers };
      await hw.handle(request(`/${link.key}`, { ...details, headers }));
      const [click] = await clicks(link.id);
      const { path } = orThrow(await hw.visitors.attribution(click!.visitorId!));
      return path.at(-1);
    };
    expect(await from()).toMatchObject({ source: 'forum.example', medium: 'referral' });

    const sourceRules = [
      {
        name: 'forum',
        when: [
          { field: 'referrer_host', is: ['forum.example'] },
          { field: 'path', is: [`/${link.key}`] },
        ],
        set: { source: 'forum', medium: 'community' },
      },
    ] as const;
    orThrow(await hw.workspaces.update({ settings: { sourceRules } }));
    now += 1_000;
    expect(await from()).toMatchObject({
      source: 'forum',
      medium: 'community',
      rule: 'workspace.forum',
    });

    orThrow(await hw.workspaces.update({ settings: { sourceRules: null } }));
    now += 1_000;
    expect(await from()).toMatchObject({ source: 'forum.example', medium: 'referral' });
  });

  it('takes the app of a click without a referrer for its source', async () => {
    const link = await createLink();
    await hw.handle(
      request(`/${link.key}`, { headers: { 'user-agent': `${iphone} Instagram 350.0.0.0` } }),
    );
    const [click] = await clicks(link.id);
    const { path } = orThrow(await hw.visitors.attribution(click!.visitorId!));
    expect(path).toMatchObject([{ source: 'instagram', rule: 'link.in_app.instagram' }]);
  });

  it.each(['qr=true', 'qr=0', 'qr=yes', 'xqr=1', ''])('takes %j for no scan', async (query) => {
    const link = await createLink();
    await hw.handle(request(`/${link.key}?${query}`));
    expect((await clicks(link.id))[0]?.properties).toEqual({});
  });

  it('opens the app on phones', async () => {
    const link = await createLink({
      iosUrl: 'myapp://pricing',
      androidUrl: 'https://play.example/app',
    });
    const goesTo = async (userAgent: string) =>
      headerOf(
        await hw.handle(request(`/${link.key}`, { headers: { 'user-agent': userAgent } })),
        'location',
      );
    expect(await goesTo(iphone)).toMatch(/^myapp:\/\/pricing\?hw_click=/);
    expect(await goesTo(android)).toMatch(/^https:\/\/play\.example\/app\?hw_click=/);
    expect(await goesTo(chrome)).toMatch(/^https:\/\/example\.com\/page\?hw_click=/);
  });

  it('redirects previews, bots and HEAD without counting them as people', async () => {
    const link = await createLink({ utmSource: 'mail' });
    const destination = 'https://example.com/page?utm_source=mail';
    for (const details of [
      { headers: { 'user-agent': previewer } },
      { method: 'HEAD' },
      { headers: { 'user-agent': '' } },
    ]) {
      const response = await hw.handle(request(`/${link.key}`, details));
      expect(response?.status).toBe(302);
      expect(headerOf(response, 'location')).toBe(destination);
      expect(headerOf(response, 'set-cookie')).toBeUndefined();
    }
    expect(await stats(link.id)).toMatchObject({ clicks: 0, uniqueClicks: 0, machineClicks: 2 });
    expect(await clicks(link.id)).toEqual([]);
    expect(
      (await clicks(link.id, true)).map(({ machine, visitorId }) => [machine, visitorId]),
    ).toEqual(
      expect.arrayContaining([
        ['Slackbot-LinkExpanding', null],
        ['unnamed', null],
      ]),
    );
  });

  it.each([
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-moz': 'prefetch' },
  ])('holds a prefetched click back (%j)', async (headers) => {
    const link = await createLink();
    const response = await hw.handle(request(`/${link.key}`, { headers }));
    expect(response?.status).toBe(302);
    expect(isUuid(cookieOf(response, '_hw_click'))).toBe(true);
    expect(await stats(link.id)).toMatchObject({ clicks: 0, uniqueClicks: 0, machineClicks: 0 });
  });

  it('answers 404 for keys that lead nowhere and 410 for links that have expired', async () => {
    const link = await createLink({ expiresAt: new Date(now + 1_000) });
    expect((await hw.handle(request(`/${link.key}`)))?.status).toBe(302);
    now += 1_000;
    expect(await hw.handle(request(`/${link.key}`))).toMatchObject({
      status: 410,
      body: 'Link expired',
    });
    expect(await hw.handle(request('/nobody-knows'))).toMatchObject({
      status: 404,
      body: 'Link not found',
    });
    const archived = await createLink();
    expect((await hw.handle(request(`/${archived.key}`)))?.status).toBe(302);
    await hw.links.archive(archived.id);
    expect((await hw.handle(request(`/${archived.key}`)))?.status).toBe(404);
    const again = await createLink({ key: archived.key, url: 'https://again.example/' });
    expect(headerOf(await hw.handle(request(`/${again.key}`)), 'location')).toContain(
      'https://again.example/',
    );
  });

  it('follows a changed destination at once', async () => {
    const link = await createLink();
    await hw.handle(request(`/${link.key}`));
    await hw.links.update(link.id, { url: 'https://new.example/' });
    expect(headerOf(await hw.handle(request(`/${link.key}`)), 'location')).toContain(
      'https://new.example/',
    );
  });

  it('tells hosts apart by their port', async () => {
    await createLink({ key: 'ported', domain: 'mybrand.link:8443' });
    expect((await hw.handle(request('/ported')))?.status).toBe(404);
    expect((await hw.handle(request('/ported', { host: 'mybrand.link:8443' })))?.status).toBe(302);
  });

  it.each<[string, RequestDetails]>([
    ['/hw', {}],
    ['/healthz', {}],
    ['/', {}],
    ['/a/b', {}],
    ['/favicon.ico', {}],
    ['/link-1', { method: 'POST' }],
    ['/link-1', { host: 'elsewhere.example' }],
    ['http://mybrand.link/link-1', {}],
  ])('leaves %s %j to others', async (target, details) => {
    expect(await hw.handle(request(target, details))).toBeUndefined();
  });

  it('serves nothing on a domain that somebody only claims', async () => {
    await createLink({ domain: 'victim.example', key: 'squat' });
    expect(await hw.handle(request('/squat', { host: 'victim.example' }))).toBeUndefined();
  });

  it('answers with headers of one line, whatever comes with the request', async () => {
    const link = await createLink();
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (query, referer, userAgent) => {
        const headers = { referer, 'user-agent': userAgent, cookie: `_hw_visitor=${query}` };
        const response = await hw.handle(request(`/${link.key}?${query}`, { headers }));
        expect(response?.status).toBe(302);
        for (const [, value] of response!.headers) expect(value).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 40 },
    );
  });

  it('takes a query of 100 kB', async () => {
    const link = await createLink();
    const response = await hw.handle(
      request(`/${link.key}?gclid=abc&x=${'促'.repeat(10)}&long=${'a'.repeat(100_000)}`),
    );
    expect(headerOf(response, 'location')!.length).toBeLessThan(400);
    expect(await stats(link.id)).toMatchObject({ clicks: 1 });
  });
});
