import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createBrowserProof, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestClock, TestHeadwater } from 'headwater/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { buildScript } from './sites.ts';

type Json = Record<string, unknown>;

/** The REST API as the owner of the shop calls it. */
type Api = <T = Json>(method: string, path: string, body?: unknown) => Promise<T>;

/** A shop with its own customers, which has Headwater on another site and loads only the script from there. */
interface Demo extends AsyncDisposable {
  readonly hw: TestHeadwater;
  readonly api: Api;
  readonly go: string;
  readonly shop: string;
}

/** Runs like the clocks of the pages do, and can be moved. */
function createRunningClock(): TestClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance({ days = 0, hours = 0, minutes = 0 }) {
      offset += ((days * 24 + hours) * 60 + minutes) * 60_000;
    },
    set(at) {
      offset = at.getTime() - Date.now();
    },
  };
}

async function openDemo(mount: 'another site' | 'own site'): Promise<Demo> {
  const script = buildScript();
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => answer(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shop = `http://shop.test:${port}`;
  const go = `http://${mount === 'own site' ? 'go.shop.test' : 'go.test'}:${port}`;

  const hw = await createTestHeadwater({
    clock: createRunningClock(),
    links: { domains: [new URL(go).host], scheme: 'http' },
    ownHosts: [new URL(shop).host],
  });
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'shop', scopes: ['admin'] }),
  );
  const publishable = orThrow(
    await hw.apiKeys.create({ kind: 'publishable', name: 'pages', allowedHosts: ['shop.test'] }),
  );
  const workspace = await hw.workspaces.first();
  const headwater = toNodeHandler(hw);

  const api: Api = async (method, path, body) => {
    const response = await hw.handler(
      new Request(`${go}/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const value: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(value)}`);
    return value as never;
  };

  const tag =
    mount === 'own site'
      ? '<script src="/hw/js/headwater.js" defer></script>'
      : `<script src="${go}/hw/js/headwater.js" data-key="${publishable.key}" defer></script>`;
  /** A page of the shop; a customer who is logged in is made known to Headwater with a proof. */
  const shopPage = (
    customer: string | undefined,
  ): string => `<!doctype html><title>Shop</title>${tag}
    <nav><a href="/">Home</a> <a href="/pricing">Pricing</a></nav>
    <button onclick="history.pushState({}, '', '/tour')">Tour</button>
    <form method="post" action="/login"><input name="customer"><button>Log in</button></form>
    <form method="post" action="/buy"><button>Buy</button></form>
    ${
      customer === undefined
        ? ''
        : `<script type="module">
      headwater.identify(${JSON.stringify(customer)}, { proof: '${createBrowserProof(workspace, customer)}' });
    </script><p>Hello ${customer}</p>`
    }`;

  async function serveShop(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const customer = /(?:^|; )customer=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    if (request.url === '/login') {
      const name = form.get('customer') ?? '';
      response
        .writeHead(303, { location: '/welcome', 'set-cookie': `customer=${name}; HttpOnly` })
        .end();
    } else if (request.url === '/buy') {
      await api('POST', '/events', {
        event_type: 'sale',
        person_external_id: customer,
        amount_cents: 4900,
        currency: 'USD',
        idempotency_key: 'order-1',
      });
      response.writeHead(303, { location: '/thanks' }).end();
    } else if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
    } else {
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(shopPage(customer));
    }
  }

  answer = (request, response) => {
    const forHeadwater =
      request.headers.host?.startsWith('go.') === true || request.url?.startsWith('/hw/') === true;
    if (request.url === '/hw/js/headwater.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (forHeadwater) headwater(request, response);
    else
      serveShop(request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
  };

  return {
    hw,
    api,
    go,
    shop,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await hw.close();
    },
  };
}

/** What the page has sent is acknowledged, and so committed. */
async function settle(page: Page): Promise<void> {
  expect(await page.evaluate(`headwater.flush()`)).toBe(true);
}

async function follow(page: Page, label: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.getByText(label, { exact: true }).click()]);
  await settle(page);
}

async function logIn(page: Page, customer: string): Promise<void> {
  await page.locator('[name=customer]').fill(customer);
  await follow(page, 'Log in');
  await page.getByText(`Hello ${customer}`).waitFor();
  await settle(page);
}

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A headless browser says that it is one, and would be a machine. */
const newDevice = (): Promise<BrowserContext> =>
  browser.newContext({
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  });

describe('the main job', () => {
  it('knows on two sites and two devices where a sale came from, and takes the merge back', async () => {
    await using demo = await openDemo('another site');
    const { hw, api, go, shop } = demo;
    const link = await api('POST', '/links', {
      domain: new URL(go).host,
      key: 'spring',
      url: `${shop}/?color=blue#top`,
      link_type: 'campaign',
    });

    // The ad of a platform leads to the short link, which leads to the shop.
    await using laptop = await newDevice();
    const first = await laptop.newPage();
    await first.goto(`${go}/spring?gclid=EAIaIQobChMI`);
    expect(first.url()).toMatch(/^http:\/\/shop\.test:\d+\/\?color=blue&gclid=EAIaIQobChMI/);
    await settle(first);
    expect(first.url()).not.toContain('hw_click');
    hw.clock.advance({ minutes: 1 });
    await follow(first, 'Pricing');
    await first.getByText('Tour').click();
    await settle(first);
    hw.clock.advance({ minutes: 1 });
    await logIn(first, 'cust_1');
    expect(await api<Json[]>('GET', '/visitors')).toHaveLength(1);

    // Days later the newsletter brings the same person on another device.
    hw.clock.advance({ days: 3 });
    await using phone = await newDevice();
    const second = await phone.newPage();
    await second.goto(`${shop}/?utm_source=newsletter&utm_medium=email&utm_campaign=weekly`);
    await settle(second);
    expect(await api<Json[]>('GET', '/visitors')).toHaveLength(2);
    hw.clock.advance({ minutes: 1 });
    await logIn(second, 'cust_1');
    hw.clock.advance({ minutes: 1 });
    await follow(second, 'Buy');
    expect(second.url()).toBe(`${shop}/thanks`);

    const people = await api<Json[]>('GET', '/visitors');
    expect(people).toHaveLength(1);
    const visitor = await api<{ id: string } & Json>('GET', '/visitors/by-external-id/cust_1');
    expect(visitor).toMatchObject({
      person_external_id: 'cust_1',
      status: 'customer',
      ltv_cents: 4900,
      revenue: [{ currency: 'USD', amount: 4900 }],
      first_source: { source: 'google', platform: 'google_ads', click_id_type: 'gclid' },
      last_source: { source: 'newsletter', medium: 'email', campaign: 'weekly' },
    });

    const { attribution_path: path } = await api<{ attribution_path: Json[] }>(
      'GET',
      `/visitors/${visitor.id}/attribution`,
    );
    expect(path).toMatchObject([
      { kind: 'click', link_id: link['id'], source: 'google', signals: { gclid: 'EAIaIQobChMI' } },
      { kind: 'campaign', source: 'newsletter', medium: 'email', campaign: 'weekly' },
    ]);

    const timeline = await api<Json[]>('GET', `/visitors/${visitor.id}/timeline`);
    const told = timeline.map((event) => [event['event_type'], event['amount_cents']]).toReversed();
    expect(told.filter(([type]) => type !== 'pageview')).toEqual([
      ['link_click', null],
      ['identify', null],
      ['identify', null],
      ['sale', 4900],
      ['identify', null],
    ]);
    expect(told.filter(([type]) => type === 'pageview')).toHaveLength(7);

    expect(await api('GET', `/links/${String(link['id'])}/stats`)).toMatchObject({
      total_clicks: 1,
      unique_clicks: 1,
      total_sales: 1,
      total_revenue_cents: 4900,
      revenue: [{ currency: 'USD', amount: 4900 }],
    });

    const { merges } = await api<{ merges: Json[] }>('GET', `/visitors/${visitor.id}/evidence`);
    const newest = merges
      .toSorted((a, b) => String(a['occurred_at']).localeCompare(String(b['occurred_at'])))
      .at(-1);
    const undone = await api<{ winner: Json; loser: Json }>(
      'POST',
      `/visitors/merges/${String(newest?.['id'])}/undo`,
    );
    expect(undone).toMatchObject({
      winner: { person_external_id: 'cust_1', first_source: { source: 'google' } },
      loser: {
        person_external_id: null,
        status: 'anonymous',
        first_source: { source: 'newsletter' },
      },
    });
    expect(await api<Json[]>('GET', '/visitors')).toHaveLength(2);
  });
});

describe('on the own site', () => {
  it('recognises a visitor over page loads by a cookie that scripts cannot read, without a key', async () => {
    await using demo = await openDemo('own site');
    const { api, shop } = demo;
    await using device = await newDevice();
    const page = await device.newPage();
    await page.goto(`${shop}/`);
    await settle(page);
    const [cookie] = await device.cookies(shop);
    expect(cookie).toMatchObject({
      name: '_hw_visitor',
      httpOnly: true,
      sameSite: 'Lax',
      domain: 'shop.test',
    });
    await follow(page, 'Pricing');
    await follow(page, 'Home');
    const [visitor, ...others] = await api<Json[]>('GET', '/visitors');
    expect(others).toEqual([]);
    expect(visitor).toMatchObject({ total_pageviews: 3, total_sessions: 1 });
    expect((await device.cookies(shop)).find(({ name }) => name === '_hw_visitor')?.value).toBe(
      cookie?.value,
    );
  });

  it('makes one visitor of many first requests at once', async () => {
    await using demo = await openDemo('own site');
    await using device = await newDevice();
    const page = await device.newPage();
    await page.goto(`${demo.shop}/`);
    await settle(page);
    await device.clearCookies();
    await page.evaluate(`Promise.all(Array.from({ length: 20 }, (_, index) => fetch('/hw/t/event', {
      method: 'POST', body: JSON.stringify({ url: location.href, anonymous_id: 'twenty-at-once', event_name: 'n' + index }),
    })))`);
    expect(await demo.api<Json[]>('GET', '/visitors')).toHaveLength(2);
  });

  it('keeps two customers of one device two people, each with their own further events', async () => {
    await using demo = await openDemo('own site');
    const { hw, api, shop } = demo;
    await using device = await newDevice();
    const page = await device.newPage();
    await page.goto(`${shop}/`);
    await settle(page);
    await logIn(page, 'cust_1');
    const before = (await device.cookies(shop)).find(({ name }) => name === '_hw_visitor');
    hw.clock.advance({ hours: 1 });
    await logIn(page, 'cust_2');
    const after = (await device.cookies(shop)).find(({ name }) => name === '_hw_visitor');
    expect(after?.value).not.toBe(before?.value);
    await follow(page, 'Pricing');
    const [one, two] = await Promise.all(
      ['cust_1', 'cust_2'].map((customer) => api('GET', `/visitors/by-external-id/${customer}`)),
    );
    expect(one?.['id']).not.toBe(two?.['id']);
    const timeline = await api<Json[]>('GET', `/visitors/${String(two?.['id'])}/timeline`);
    expect(timeline.map((event) => event['url'])).toContain(`${shop}/pricing`);
    expect(await api<Json[]>('GET', '/visitors')).toHaveLength(2);
  });

  it('counts the click of a prefetched link once its destination is seen', async () => {
    await using demo = await openDemo('own site');
    const { hw, api, go, shop } = demo;
    const link = await api('POST', '/links', { domain: new URL(go).host, key: 'ahead', url: shop });
    const stats = () => api('GET', `/links/${String(link['id'])}/stats`);
    await using device = await newDevice();
    const page = await device.newPage();
    await page.goto(`${shop}/`);
    await settle(page);
    const userAgent = String(await page.evaluate(`navigator.userAgent`));
    const prefetched = await hw.handler(
      new Request(`${go}/ahead`, {
        headers: { 'user-agent': userAgent, 'sec-purpose': 'prefetch' },
      }),
    );
    expect(await stats()).toMatchObject({ total_clicks: 0 });
    await page.goto(prefetched.headers.get('location') ?? '');
    await settle(page);
    expect(await stats()).toMatchObject({ total_clicks: 1, unique_clicks: 1 });
    await page.goto(prefetched.headers.get('location') ?? '');
    await settle(page);
    expect(await stats()).toMatchObject({ total_clicks: 1 });
    expect(await api<Json[]>('GET', '/visitors')).toHaveLength(1);
  });

  it('tells a referral past the redirect and its landing as one arrival', async () => {
    await using demo = await openDemo('own site');
    const { api, go, shop } = demo;
    const link = await api('POST', '/links', {
      domain: new URL(go).host,
      key: 'alice',
      url: shop,
      link_type: 'referral',
      partner_id: '01931f00-0000-7000-8000-0000000000cc',
    });
    await using device = await newDevice();
    const page = await device.newPage();
    await page.goto(`${shop}/?via=alice`);
    await settle(page);
    await page.reload();
    await settle(page);
    const [visitor] = await api<{ id: string }[]>('GET', '/visitors');
    const { attribution_path: path } = await api<{ attribution_path: Json[] }>(
      'GET',
      `/visitors/${visitor!.id}/attribution`,
    );
    expect(path).toMatchObject([{ kind: 'click', link_id: link['id'] }]);
    expect(await api('GET', `/links/${String(link['id'])}/stats`)).toMatchObject({
      total_clicks: 1,
      unique_clicks: 1,
    });
  });
});
