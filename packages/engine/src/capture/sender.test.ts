import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import type { Context } from '../context.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import { createLink } from '../links/create-link.ts';
import type { LinkInput } from '../links/create-link.ts';
import { createLinkCache } from '../links/link-cache.ts';
import { createLinkDomains } from '../links/link-domains.ts';
import { createLinkUses } from '../links/link-uses.ts';
import { createPathLinks } from '../links/path-links.ts';
import type { LinkChanges } from '../links/link.ts';
import { updateLink } from '../links/update-link.ts';
import type { GeoOptions } from '../options.ts';
import { createApiKey } from '../workspaces/create-api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createBeacon } from './beacon.ts';
import type { IncomingRequest } from './exchange.ts';
import { createClickRecorder } from './record-click.ts';
import { createDailySalts } from './daily-salt.ts';
import { createRedirect } from './redirect.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0';
const android =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const crawler =
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)';

// In the database that comes with Headwater.
const british = '81.2.69.142';
const german = '5.9.0.1';
const french = '90.0.0.1';
const nowhere = '192.168.1.20';

interface Details {
  readonly userAgent?: string;
  readonly remoteAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let context: TestContext;
let workspace: Workspace;
let key: string;
let recorded: IncomingEvent[];

beforeAll(async () => {
  context = await openTestContext('pglite', { links: { domains: ['go.example'] } });
  workspace = await context.workspaces.first();
  ({ key } = orThrow(
    await createApiKey(context, workspace, { kind: 'publishable', name: 'page', allowedHosts: [] }),
  ));
}, 30_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(() => {
  recorded = [];
});

/** One process: its redirect and its beacons, and what they hand to the pipeline. */
async function open(geo?: GeoOptions | false) {
  const another = context.another({
    links: { domains: ['go.example'] },
    clickPatience: { seconds: 10 },
    ...(geo !== undefined && { geo }),
  });
  const watched: Context = {
    ...another,
    ingest: {
      ...another.ingest,
      submit(event, options) {
        recorded.push(structuredClone(event));
        return another.ingest.submit(event, options);
      },
    },
  };
  await watched.places.ready();
  const linkCache = createLinkCache({ ...watched, size: 100 });
  const salts = createDailySalts(watched);
  const redirect = createRedirect(watched, {
    linkCache,
    recorder: createClickRecorder(watched, undefined),
    salts,
    domains: createLinkDomains(watched),
    pathLinks: createPathLinks({ ...watched, linkCache }),
    uses: createLinkUses(watched.database),
  });
  const beacon = createBeacon(watched, { linkCache, salts });
  return {
    follow: async (target: { readonly key: string }, details: Details = {}, method = 'GET') => {
      const response = await redirect(requestFor(`/${target.key}`, details, method));
      const location = response?.headers.find(([name]) => name === 'location')?.[1];
      return location?.replace(/[?&]hw_click=.*/, '');
    },
    update: async (id: string, changes: LinkChanges) =>
      orThrow(await updateLink(watched, workspace, id, changes)),
    send: (body: unknown, path: string, details: Details = {}) =>
      beacon(requestFor(path, details, 'POST', Buffer.from(JSON.stringify(body)))),
  };
}

function requestFor(
  target: string,
  details: Details,
  method: string,
  body: Uint8Array = new Uint8Array(),
): IncomingRequest {
  const headers: Record<string, string> = {
    'user-agent': details.userAgent ?? chrome,
    'content-type': 'text/plain',
    ...details.headers,
  };
  return {
    method,
    target,
    host: 'go.example',
    scheme: 'https',
    remoteAddress: details.remoteAddress ?? british,
    header: (name) => headers[name],
    body: () => Promise.resolve(body),
  };
}

let made = 0;
async function makeLink(input: Partial<LinkInput> = {}) {
  made += 1;
  return orThrow(
    await createLink(context, workspace, {
      key: `sender-${made}`,
      url: 'https://example.com/',
      ...input,
    }),
  );
}

describe('an event', () => {
  it('knows the device and the place of a click, and keeps no more of the address than its network', async () => {
    const { follow } = await open();
    await follow(await makeLink(), { userAgent: iphone });
    expect(recorded).toMatchObject([
      {
        type: 'link_click',
        device: { deviceType: 'mobile', browser: 'Safari', system: 'iOS', inApp: 'Instagram' },
        place: { countryCode: 'GB', country: 'United Kingdom' },
        ipPrefix: '81.2.69.0/24',
      },
    ]);
    expect(recorded[0]).not.toHaveProperty('machine');
    expect(JSON.stringify(recorded)).not.toContain(british);
  });

  it('names a machine and what it is for, apart from people', async () => {
    const { follow } = await open();
    await follow(await makeLink(), { userAgent: crawler });
    expect(recorded).toMatchObject([
      {
        machine: 'GPTBot',
        createsVisitor: false,
        device: { deviceType: 'bot', machine: { name: 'GPTBot', category: 'ai_crawler' } },
        place: { countryCode: 'GB' },
      },
    ]);
  });

  it('takes an agent that signs its requests for no person', async () => {
    const { follow } = await open();
    const headers = { 'signature-agent': '"https://chatgpt.com"' };
    await follow(await makeLink(), { headers });
    expect(recorded).toMatchObject([{ machine: 'ChatGPT Agent', createsVisitor: false }]);
  });

  it('knows the device and the place of a page view and of a reported click', async () => {
    const { send } = await open();
    const { key: linkKey } = await makeLink();
    const headers = { 'sec-ch-ua': '"Chromium";v="140", "Brave";v="140"' };
    await send({ url: 'https://shop.example/' }, `/hw/t/event?key=${key}`, { headers });
    await send({ key: linkKey, url: 'https://shop.example/' }, `/hw/t/click?key=${key}`, {
      userAgent: android,
      remoteAddress: german,
    });
    expect(recorded).toMatchObject([
      { type: 'pageview', device: { browser: 'Brave' }, place: { countryCode: 'GB' } },
      { type: 'link_click', device: { system: 'Android' }, place: { countryCode: 'DE' } },
    ]);
    expect(JSON.stringify(recorded)).not.toMatch(/81\.2\.69\.142|5\.9\.0\.1"/);
  });

  it('has no place where nobody knows it, and where places are switched off', async () => {
    const target = await makeLink();
    await (await open()).follow(target, { remoteAddress: nowhere });
    await (await open(false)).follow(target);
    expect(recorded).toHaveLength(2);
    for (const event of recorded) expect(event).not.toHaveProperty('place');
  });
});

describe('a link with destinations by country', () => {
  const targets = {
    de: 'https://example.de/angebot?a=1',
    GB: 'https://example.co.uk/offer',
  };

  it('leads to the one of the country, before that of the device', async () => {
    const { follow } = await open();
    const target = await makeLink({
      geoTargeting: targets,
      iosUrl: 'https://apps.example/ios',
      androidUrl: 'https://apps.example/android',
    });
    expect(await follow(target)).toBe('https://example.co.uk/offer');
    expect(await follow(target, { userAgent: iphone })).toBe('https://example.co.uk/offer');
    expect(await follow(target, { remoteAddress: german })).toBe('https://example.de/angebot?a=1');
    expect(await follow(target, { remoteAddress: '2a01:4f8::1' })).toBe(
      'https://example.de/angebot?a=1',
    );
  });

  it('leads by device, and then to its url, from everywhere else', async () => {
    const { follow } = await open();
    const target = await makeLink({ geoTargeting: targets, iosUrl: 'https://apps.example/ios' });
    for (const remoteAddress of [french, nowhere]) {
      expect(await follow(target, { remoteAddress })).toBe('https://example.com/');
      expect(await follow(target, { remoteAddress, userAgent: iphone })).toBe(
        'https://apps.example/ios',
      );
    }
  });

  it('adds campaign and click to that destination too', async () => {
    const target = await makeLink({ geoTargeting: targets, utmSource: 'news' });
    const { follow } = await open();
    expect(await follow(target, { remoteAddress: german })).toBe(
      'https://example.de/angebot?a=1&utm_source=news',
    );
    expect(recorded).toHaveLength(1);
  });

  it('leads machines and HEAD to the same', async () => {
    const { follow } = await open();
    const target = await makeLink({ geoTargeting: targets });
    expect(await follow(target, { userAgent: crawler })).toBe('https://example.co.uk/offer');
    expect(await follow(target, {}, 'HEAD')).toBe('https://example.co.uk/offer');
  });

  it('follows a changed target at once', async () => {
    const { follow, update } = await open();
    const target = await makeLink({ geoTargeting: targets });
    expect(await follow(target)).toBe('https://example.co.uk/offer');
    await update(target.id, { geoTargeting: { GB: 'https://example.co.uk/new' } });
    expect(await follow(target)).toBe('https://example.co.uk/new');
    expect(await follow(target, { remoteAddress: german })).toBe('https://example.com/');
  });

  it('believes the header of a content delivery network where that is trusted', async () => {
    const target = await makeLink({ geoTargeting: targets });
    const headers = { 'cf-ipcountry': 'DE' };
    const trusting = await open({ headers: 'cloudflare' });
    expect(await trusting.follow(target, { headers })).toBe('https://example.de/angebot?a=1');
    const wary = await open();
    expect(await wary.follow(target, { headers })).toBe('https://example.co.uk/offer');
  });

  it('leads everybody to its url where places are switched off', async () => {
    const { follow } = await open(false);
    expect(await follow(await makeLink({ geoTargeting: targets }))).toBe('https://example.com/');
  });

  it('refuses a code that is no country, and says what is meant by UK', async () => {
    const refused = await createLink(context, workspace, {
      url: 'https://example.com/',
      geoTargeting: { UK: 'https://example.co.uk/' },
    });
    expect(refused).toMatchObject({
      ok: false,
      errors: { geoTargeting: ['"UK" (ISO 3166-1 has GB) is not a two-letter country code'] },
    });
  });
});
