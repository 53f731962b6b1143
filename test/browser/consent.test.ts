import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { expectRequests } from './expect-requests.ts';
import { startSites } from './sites.ts';
import type { Sites } from './sites.ts';

let browser: Browser;
let sites: Sites;
let context: BrowserContext;
let page: Page;
let shop: string;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  sites = await startSites();
  shop = sites.origin('shop.test');
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await sites[Symbol.asyncDispose]();
});

/** On another site the page keeps an id of its own, so there is something on the device. */
const useTag = (attributes = ''): void => {
  const source = `${sites.origin('go.test')}/hw/js/headwater.js`;
  sites.pages.set('*', `<script src="${source}" data-key="k" ${attributes} defer></script>`);
};
const call = (code: string) => page.evaluate(code);
const kept = () =>
  call(`document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)`);
const choices = () =>
  sites.received.filter(({ path }) => path.includes('/t/choice')).flatMap(({ beacons }) => beacons);

describe('consent', () => {
  it('denied sends and keeps nothing; granted after all counts the open page, and what comes then', async () => {
    useTag('data-consent="denied"');
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/?via=alice`, { referer: 'https://news.example/' });
        await call(`headwater.track('unseen')`);
      },
      sends: [],
    });
    expect(await kept()).toBe('{}{}');
    await expectRequests(page, {
      during: () => call(`headwater.consent('granted'); headwater.track('seen')`),
      sends: [
        { key: 'alice', consent: { analytics: 'granted', ads: 'granted' } },
        {
          event_type: 'pageview',
          url: `${shop}/?via=alice`,
          referrer: 'https://news.example/',
          consent: { analytics: 'granted', ads: 'granted' },
        },
        { event_name: 'seen' },
      ],
    });
    expect(await kept()).toContain('_hw_anon=');
  });

  it('pending holds events in the page alone, until the answer counts for them too', async () => {
    useTag('data-consent="pending"');
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/`);
        await call(`headwater.track('before')`);
      },
      sends: [],
    });
    expect(await kept()).toBe('{}{}');
    await expectRequests(page, {
      during: () => call(`headwater.consent({ analytics: 'granted', ads: 'denied' })`),
      sends: [
        { event_type: 'pageview', consent: { analytics: 'granted', ads: 'denied' } },
        { event_name: 'before', consent: { analytics: 'granted', ads: 'denied' } },
      ],
    });
  });

  it('taken back removes what was kept here and at the server, and stops', async () => {
    useTag('data-consent="granted"');
    await page.goto(`${shop}/`);
    await expect.poll(kept).toContain('_hw_anon=');
    await call(`headwater.flush()`);
    await expectRequests(page, {
      during: () => call(`headwater.consent('denied'); headwater.track('unseen')`),
      sends: [],
    });
    expect(await kept()).toBe('{}{}');
    expect(choices()).toEqual([{ forget: true }]);
  });

  it('is by purpose: without that for ads, no cookie of an ad platform is read', async () => {
    useTag('data-consent="granted"');
    await context.addCookies([{ name: '_fbp', value: 'fb.1.1.2', url: shop }]);
    await page.goto(`${shop}/`);
    const sent = await expectRequests(page, {
      during: () =>
        call(`headwater.track('with'); headwater.consent({ ads: 'denied', personalisation: 'granted' });
          headwater.track('without')`),
      sends: [
        { event_name: 'with', signals: { _fbp: 'fb.1.1.2' } },
        {
          event_name: 'without',
          consent: { analytics: 'granted', ads: 'denied', personalisation: 'granted' },
        },
      ],
    });
    expect(sent[1]).not.toHaveProperty('signals');
  });
});

describe('Global Privacy Control', () => {
  it('is told, keeps nothing on the device, and leaves the cookies of ad platforms alone', async () => {
    useTag();
    await context.addCookies([
      { name: '_fbp', value: 'fb.1.1.2', url: shop },
      { name: '_hw_anon', value: 'a'.repeat(22), domain: '.shop.test', path: '/' },
    ]);
    await page.addInitScript(
      `Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true })`,
    );
    const [sent] = await expectRequests(page, {
      during: () => page.goto(`${shop}/`),
      sends: [{ event_type: 'pageview', consent: { gpc: true } }],
    });
    expect(sent).not.toHaveProperty('signals');
    expect(sent?.['anonymous_id']).not.toBe('a'.repeat(22));
    expect(await kept()).toBe('_fbp=fb.1.1.2{}{}');
  });
});

describe('the opt-out', () => {
  it('of one’s own visits lasts over pages, by a link alone, until it is taken back', async () => {
    useTag();
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/#hw-opt-out`);
        // Otherwise the next page tells the server again what this one may not have told.
        await expect.poll(kept).toBe('{"_hw_optout":"1"}{}');
        await page.goto(`${shop}/next`);
        await call(`headwater.track('own')`);
      },
      sends: [],
    });
    expect(choices()).toEqual([{ opt_out: true, forget: true }]);
    expect(await kept()).toBe('{"_hw_optout":"1"}{}');
    await expectRequests(page, {
      during: () => call(`headwater.optIn()`),
      sends: [{ event_type: 'pageview', url: `${shop}/next` }],
    });
    await expectRequests(page, {
      during: () => page.reload(),
      sends: [{ event_type: 'pageview' }],
    });
  });

  it('is told to the server again by the next page, when the server did not hear of it', async () => {
    useTag();
    await page.goto(`${shop}/`);
    await call(`headwater.flush()`);
    await context.setOffline(true);
    await call(`headwater.optOut()`);
    await context.setOffline(false);
    await page.goto(`${shop}/next`);
    await expect.poll(choices).toEqual([{ opt_out: true, forget: true }]);
  });
});

describe('forget', () => {
  it('removes everything from the device, drops what waits, and really stops', async () => {
    useTag();
    // A click that nobody has acknowledged waits as well.
    sites.answers.push({ status: 503 });
    await page.goto(`${shop}/?via=alice`);
    await expect.poll(kept).toContain('_hw_anon=');
    await call(`headwater.flush()`);
    await context.setOffline(true);
    await call(`headwater.track('waiting')`);
    await expect.poll(kept).toContain('waiting');
    await expectRequests(page, {
      during: async () => {
        await call(`headwater.forget(); headwater.track('after'); headwater.pageview('/after')`);
        await context.setOffline(false);
        await page.goto(`${shop}/next`);
        await call(`headwater.track('later')`);
      },
      sends: [],
    });
    expect(await kept()).toBe('{"_hw_optout":"1"}{}');
    expect(choices()).toEqual([{ opt_out: true, forget: true }]);
  });

  it('tells the server once more when an answer on its way could bring a cookie back', async () => {
    useTag();
    let answer = (): void => undefined;
    const released = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/t/event*', async (route) => {
      await released;
      await route.continue();
    });
    await Promise.all([page.waitForRequest('**/t/event*'), page.goto(`${shop}/`)]);
    await call(`headwater.forget()`);
    await expect.poll(choices).toHaveLength(1);
    answer();
    await expect.poll(choices).toHaveLength(2);
  });
});
