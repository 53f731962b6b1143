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
  sites.pages.set(
    '*',
    '<!doctype html><body style="height: 10000px"><script src="/hw/js/headwater.js" defer></script>',
  );
  context = await browser.newContext({ viewport: { width: 800, height: 1000 } });
  page = await context.newPage();
  // Time that passes at once: `pass(5000)`.
  await page.addInitScript(`{
    const now = performance.now.bind(performance);
    let passed = 0;
    performance.now = () => now() + passed;
    window.pass = (milliseconds) => { passed += milliseconds; };
  }`);
  await page.goto(`${shop}/article`);
  await call(`headwater.flush()`);
});
afterEach(async () => {
  await context.close();
  await sites[Symbol.asyncDispose]();
});

const call = (code: string) => page.evaluate(code);
/** What a test needs for itself is time as well. */
const about = (milliseconds: number): unknown =>
  expect.toSatisfy((value: number) => value >= milliseconds && value < milliseconds + 2_500);

describe('engagement', () => {
  it('is the time that a page was looked at and how far it was scrolled, told when the next page comes', async () => {
    await call(`scrollTo(0, 4000)`);
    await page.waitForTimeout(200);
    await call(`scrollTo(0, 0); pass(20_000)`);
    await expectRequests(page, {
      during: () => call(`history.pushState({}, '', '/next')`),
      sends: [
        {
          event_type: 'engagement',
          url: `${shop}/article`,
          engaged_ms: about(20_000),
          scroll_depth: 50,
        },
        { event_type: 'pageview', url: `${shop}/next` },
      ],
    });
    await call(`pass(5_000)`);
    await page.goto('about:blank');
    await expect.poll(() => sites.received.length).toBe(3);
    expect(sites.received[2]?.beacons).toMatchObject([
      { event_type: 'engagement', url: `${shop}/next`, engaged_ms: about(5_000), scroll_depth: 10 },
    ]);
  });

  it('leaves out the time without the focus', async () => {
    await call(`pass(4_000); document.hasFocus = () => false; dispatchEvent(new Event('blur'));
      pass(60_000); delete document.hasFocus; dispatchEvent(new Event('focus')); pass(1_000)`);
    await expectRequests(page, {
      during: () => call(`history.pushState({}, '', '/next')`),
      sends: [{ event_type: 'engagement', engaged_ms: about(5_000) }, { event_type: 'pageview' }],
    });
  });

  it('is told when the page is hidden, and the rest of it later', async () => {
    const hide = (state: string) =>
      call(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await call(`pass(6_000)`);
    await expectRequests(page, {
      during: () => hide('hidden'),
      sends: [{ event_type: 'engagement', engaged_ms: about(6_000) }],
    });
    await call(`pass(600_000)`);
    await hide('visible');
    await call(`pass(3_000)`);
    await expectRequests(page, {
      during: () => hide('hidden'),
      sends: [{ event_type: 'engagement', engaged_ms: about(3_000) }],
    });
  });

  it('of less than three seconds is none', async () => {
    await expectRequests(page, {
      during: () => call(`history.pushState({}, '', '/next'); history.pushState({}, '', '/more')`),
      sends: [{ event_type: 'pageview' }, { event_type: 'pageview' }],
    });
  });
});
