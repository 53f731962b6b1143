import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { follow, logIn, openDemo, settle } from './demo-shop.ts';
import type { Json } from './demo-shop.ts';

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
    const partner = await api('POST', '/partners', { key: 'alice', name: 'Alice' });
    const link = await api('POST', '/links', {
      domain: new URL(go).host,
      key: 'alice',
      url: shop,
      link_type: 'referral',
      partner_id: partner['id'],
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
