import { orThrow } from 'headwater';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { openLiveShop } from './live-shop.ts';
import type { LiveShop } from './live-shop.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
/** User agents of the browsers that apps show links in, on both systems. */
const inApp = [
  [
    'Instagram',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 357.0.0.22.112 (iPhone14,5; iOS 18_1; en_US; en; scale=3.00; 1170x2532; 663811423)',
    { deviceType: 'mobile', system: 'iOS' },
  ],
  [
    'TikTok',
    'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.135 Mobile Safari/537.36 musical_ly_2023708030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/37.8.3 ByteLocale/en ByteFullLocale/en Region/DE BytedanceWebview/d8a21c6',
    { deviceType: 'mobile', system: 'Android' },
  ],
] as const;

interface StoredEvent {
  readonly type: string;
  readonly machine: string | null;
  readonly visitor_id: string | null;
  readonly occurred_at: Date;
}

let browser: Browser;
let live: LiveShop;
let link: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  live = await openLiveShop();
  const { hw, shop, go } = live;
  orThrow(await hw.links.create({ domain: new URL(go).host, key: 'go', url: `${shop}/landing` }));
  link = `${go}/go`;
}, 60_000);
afterAll(async () => {
  await live[Symbol.asyncDispose]();
  await browser.close();
});
beforeEach(async () => {
  for (const table of ['event', 'touch', 'session', 'visitor', 'identity'])
    await live.query(`delete from headwater.${table}`);
});
afterEach(() => context.close());

/** A headless browser says that it is one, and would be a machine. */
const open = async (options: BrowserContextOptions = {}): Promise<void> => {
  context = await browser.newContext({ userAgent: chrome, ...options });
  page = await context.newPage();
};
const settle = async (): Promise<void> => {
  expect(await page.evaluate(`headwater.flush()`)).toBe(true);
};
const events = () =>
  live.query<StoredEvent>(
    'select type, machine, visitor_id, occurred_at from headwater.event order by occurred_at, id',
  );
const typesOfEvents = async () => (await events()).map(({ type }) => type);

describe('what is no visit', () => {
  it('is a link that the browser fetches ahead: it counts once it is followed', async () => {
    await open();
    live.pages.set('/list', `<link rel="prefetch" href="${link}"><a href="${link}">Go</a>`);
    await page.goto(`${live.shop}/list`);
    await expect.poll(() => live.asked).toContain('GET /go prefetch');
    await settle();
    expect(await typesOfEvents()).toEqual(['pageview']);
    await Promise.all([page.waitForURL('**/landing*'), page.click('a')]);
    await settle();
    expect((await typesOfEvents()).toSorted()).toEqual(['link_click', 'pageview', 'pageview']);
  });

  it('is a HEAD request for a link, which only asks where it leads', async () => {
    await open();
    await page.goto(`${live.shop}/`);
    await settle();
    await page.evaluate(
      `fetch('${link}', { method: 'HEAD', mode: 'no-cors', redirect: 'follow' })`,
    );
    expect(live.asked).toContain('HEAD /go');
    expect(await context.cookies(live.go)).toEqual([]);
    expect(await typesOfEvents()).toEqual(['pageview']);
  });

  it('is a link that the people who make the site follow, once they have opted out', async () => {
    await open();
    await page.goto(`${live.go}/hw/docs`).catch(() => undefined);
    await page.evaluate(`fetch('/hw/t/choice', { method: 'POST', body: '{"opt_out":true}' })`);
    await page.goto(link);
    expect(page.url()).toBe(`${live.shop}/landing`);
    await settle();
    expect(await typesOfEvents()).toEqual(['pageview']);
  });
});

describe('the browser inside an app', () => {
  it.each(inApp)(
    'of %s follows the link, and its click and landing are one visit of one person in that app',
    async (app, userAgent, device) => {
      await open({ userAgent });
      await page.goto(link);
      expect(new URL(page.url()).pathname).toBe('/landing');
      await settle();
      const stored = await events();
      expect(stored).toMatchObject([
        { type: 'link_click', machine: null },
        { type: 'pageview', machine: null },
      ]);
      expect(stored[0]?.visitor_id).not.toBeNull();
      const { visitors } = orThrow(await live.hw.visitors.list());
      expect(visitors).toHaveLength(1);
      const { sessions } = orThrow(await live.hw.sessions.list(visitors[0]!.id));
      expect(sessions).toMatchObject([{ pageviews: 1, device: { ...device, inApp: app } }]);
    },
  );

  it('leads to the app of the phone where the link names one', async () => {
    const { hw, shop, go } = live;
    const domain = new URL(go).host;
    const links = { iosUrl: `${shop}/ios`, androidUrl: `${shop}/android` };
    orThrow(await hw.links.create({ domain, key: 'app', url: `${shop}/web`, ...links }));
    const ends: string[] = [];
    for (const userAgent of [inApp[0][1], inApp[1][1], chrome]) {
      await open({ userAgent });
      await page.goto(`${go}/app`);
      ends.push(new URL(page.url()).pathname);
      await settle();
      await context.close();
    }
    expect(ends).toEqual(['/ios', '/android', '/web']);
  });
});

describe('forget', () => {
  it('takes back the cookies of the site that the server set, and nothing is recorded after it', async () => {
    await open();
    const names = async () => (await context.cookies(live.shop)).map(({ name }) => name).toSorted();
    await page.goto(link);
    await settle();
    expect(await names()).toEqual(['_hw_click', '_hw_visitor']);
    await page.evaluate(`headwater.forget()`);
    await expect.poll(names).toEqual(['_hw_optout']);
    await page.evaluate(`headwater.track('after')`);
    await page.goto(`${live.shop}/next`);
    await page.evaluate(`headwater.track('later')`);
    await settle();
    expect(await names()).toEqual(['_hw_optout']);
    expect((await typesOfEvents()).toSorted()).toEqual(['link_click', 'pageview']);
  });
});

describe('without a connection', () => {
  it('what happened is committed once, by the next page of a tab that was closed', async () => {
    await open();
    await page.goto(`${live.shop}/cart`);
    await settle();
    await context.setOffline(true);
    await page.evaluate(`headwater.track('left_behind')`);
    await expect.poll(() => page.evaluate('JSON.stringify(localStorage)')).toContain('left_behind');
    await page.close();
    await context.setOffline(false);
    page = await context.newPage();
    await page.goto(`${live.shop}/later`);
    await settle();
    expect(await typesOfEvents()).toEqual(['pageview', 'custom', 'pageview']);
    expect(new Set((await events()).map((event) => event.visitor_id)).size).toBe(1);
  });
});

describe('the clock of a page', () => {
  it('that is a day ahead does not move what happened, nor does waiting without a connection', async () => {
    await open();
    await page.addInitScript(`{
      const Real = Date;
      const ahead = 86_400_000;
      window.Date = class extends Real {
        constructor(...all) { if (all.length > 0) super(...all); else super(Real.now() + ahead); }
        static now() { return Real.now() + ahead; }
      };
    }`);
    await page.goto(`${live.shop}/`);
    await settle();
    await context.setOffline(true);
    const happened = Date.now();
    await page.evaluate(`headwater.track('offline')`);
    await page.waitForTimeout(3_000);
    await context.setOffline(false);
    await settle();
    const stored = (await events()).find(({ type }) => type === 'custom');
    expect(Math.abs(stored!.occurred_at.getTime() - happened)).toBeLessThan(1_500);
  });
});

describe('without cookies', () => {
  const identityKinds = async () =>
    (await live.query<{ kind: string }>('select kind from headwater.identity')).map(
      ({ kind }) => kind,
    );

  it('a workspace recognises visitors for the day, and sets none', async () => {
    orThrow(await live.hw.workspaces.update({ settings: { cookieless: true } }));
    try {
      await open();
      await page.goto(link);
      await settle();
      await page.goto(`${live.shop}/next`);
      await settle();
      expect(await context.cookies()).toEqual([]);
      const stored = await events();
      expect(stored.map(({ type }) => type)).toEqual(['link_click', 'pageview', 'pageview']);
      expect(new Set(stored.map((event) => event.visitor_id)).size).toBe(1);
      expect(await identityKinds()).toEqual(['cookieless']);
    } finally {
      orThrow(await live.hw.workspaces.update({ settings: { cookieless: null } }));
    }
  });

  it('browsers with Global Privacy Control are measured, and their click ids are not kept', async () => {
    await open({ extraHTTPHeaders: { 'sec-gpc': '1' } });
    await page.goto(`${live.shop}/?utm_source=ads&gclid=abcdefghijk`);
    await settle();
    expect(await context.cookies()).toEqual([]);
    expect(await identityKinds()).toEqual(['cookieless']);
    expect(
      await live.query('select source, click_id_type, url, signals, consent from headwater.touch'),
    ).toMatchObject([
      {
        source: 'google',
        url: `${live.shop}/?utm_source=ads`,
        signals: null,
        consent: { gpc: true },
      },
    ]);
  });
});
