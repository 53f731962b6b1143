import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
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
  sites.pages.set('*', '<script src="/hw/js/headwater.js" defer></script>');
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await sites[Symbol.asyncDispose]();
});

const storage = () => page.evaluate<string>('JSON.stringify(localStorage)');
const requests = async (count: number): Promise<Sites['received']> => {
  await expect.poll(() => sites.received.length, { timeout: 10_000 }).toBe(count);
  return sites.received;
};

describe('what cannot be sent', () => {
  it('is kept on the device while there is no connection, and sent once when it is back', async () => {
    await page.goto(`${shop}/`);
    await requests(1);
    await context.setOffline(true);
    await page.evaluate(`headwater.track('first'); headwater.track('second')`);
    await expect.poll(storage).toContain('second');
    await context.setOffline(false);
    const [, sent] = await requests(2);
    expect(sent?.beacons).toMatchObject([{ event_name: 'first' }, { event_name: 'second' }]);
    await expect.poll(storage).toBe('{}');

    await page.goto(`${shop}/next`);
    const [, , next] = await requests(3);
    expect(next?.beacons).toMatchObject([{ event_type: 'pageview', url: `${shop}/next` }]);
    expect(next?.beacons).toHaveLength(1);
  });

  it('is sent by the next page when its tab was closed', async () => {
    await page.goto(`${shop}/cart`);
    await requests(1);
    await context.setOffline(true);
    await page.evaluate(`headwater.track('left_behind')`);
    await page.close();
    await context.setOffline(false);

    page = await context.newPage();
    await page.goto(`${shop}/later`);
    const [, sent] = await requests(2);
    expect(sent?.beacons).toMatchObject([
      { event_name: 'left_behind', url: `${shop}/cart` },
      { event_type: 'pageview', url: `${shop}/later` },
    ]);
    await expect.poll(storage).toBe('{}');
  });

  it('outlasts an outage of the server over several pages, as the same events', async () => {
    const down = { status: 503, headers: { 'retry-after': '60' } };
    sites.answers.push(down, down, down, down);
    await page.goto(`${shop}/a`);
    await expect.poll(storage).toContain('/a');
    await page.goto(`${shop}/b`);
    await expect.poll(storage).toContain('/b');
    sites.answers.length = 0;
    await page.goto(`${shop}/c`);
    await expect.poll(storage).toBe('{}');
    const sent = sites.received.flatMap((request) => request.beacons);
    const last = sites.received.at(-1)?.beacons;
    expect(last).toMatchObject([{ url: `${shop}/a` }, { url: `${shop}/b` }, { url: `${shop}/c` }]);
    // Whatever was sent more than once is the same event to the server.
    expect(new Set(sent.map((beacon) => beacon['event_id'])).size).toBe(3);
  });

  it('leaves pages alone that another tab keeps there', async () => {
    await page.goto(`${shop}/one`);
    const other = await context.newPage();
    await other.goto(`${shop}/two`);
    await requests(2);
    await context.setOffline(true);
    await page.evaluate(`headwater.track('of_one')`);
    await expect.poll(storage).toContain('of_one');
    await other.evaluate(`headwater.track('of_two')`);
    await expect.poll(storage).toContain('of_two');
    expect(await storage()).toContain('of_one');
  });

  it('is not kept where nothing may be kept on the device', async () => {
    sites.pages.set('*', '<script src="/hw/js/headwater.js" data-cookieless defer></script>');
    await page.goto(`${shop}/`);
    await requests(1);
    await context.setOffline(true);
    await page.evaluate(`headwater.track('waiting')`);
    expect(await page.evaluate(`headwater.flush()`)).toBe(false);
    expect(await storage()).toBe('{}');
    await context.setOffline(false);
    const [, sent] = await requests(2);
    expect(sent?.beacons).toMatchObject([{ event_name: 'waiting' }]);
  });
});
