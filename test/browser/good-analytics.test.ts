/** A page that was written for GoodAnalytics, as its readme has it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { bundleScript } from './sites.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
}, 30_000);
afterAll(() => browser.close());

// Without the word that headless browsers call themselves by.
const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const html = `<!doctype html><title>Shop</title>
<script src="/ga/js/good-analytics.js"></script>
<script>GoodAnalytics.init({ endpoint: "/ga/t" });</script>`;

it('loads the client, tracks, and goes on with the cookies that GoodAnalytics left', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://shop.test:${(server.address() as AddressInfo).port}`;
  const clock = { now: () => Date.now(), advance() {}, set() {} };
  await using hw = await createTestHeadwater({
    basePath: '/ga',
    clock,
    ownHosts: [new URL(origin).host],
  });
  orThrow(await hw.workspaces.update({ settings: { browserSales: true } }));
  const script = bundleScript('good-analytics-script.ts');
  const engine = toNodeHandler(hw);
  server.on('request', (request, response) => {
    if (request.url === '/ga/js/good-analytics.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else
      engine(request, response, () =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(html),
      );
  });

  // Somebody whom GoodAnalytics has known, as its import names them.
  const anonymousId = 'AAAAAAAAAAAAAAAAAAAAAB';
  const known = orThrow(
    await hw.visitors.identify({ anonymousId, externalId: 'cust_123' }),
  ).visitor!;
  const context = await browser.newContext({ userAgent: chrome });
  const click = crypto.randomUUID();
  await context.addCookies([
    { name: '_ga_anon', value: anonymousId, url: origin, httpOnly: true },
    { name: '_ga_good', value: click, url: origin },
  ]);
  const page = await context.newPage();
  const answered = page.waitForResponse(`${origin}/ga/t/event`);
  await page.goto(`${origin}/pricing`);
  await answered;
  const seen = await page.evaluate(async () => {
    const api = (globalThis as unknown as { GoodAnalytics: GoodAnalytics }).GoodAnalytics;
    api.track('custom', { event_name: 'signup', properties: { plan: 'pro' } });
    api.trackLead({ form: 'contact' });
    api.trackSale({ amount_cents: 4900, currency: 'USD' });
    let started = false;
    api.use(() => (started = true));
    return { signals: api.getSignals(), started, again: api.init({}) === api };
  });
  expect(seen).toEqual({
    signals: { ga_id: click, anonymous_id: null, fingerprint: null },
    started: true,
    again: true,
  });

  const types = async (): Promise<string[]> =>
    orThrow(await hw.visitors.timeline(known.id)).events.map(({ type }) => type);
  await expect
    .poll(types, { timeout: 10_000 })
    .toEqual(expect.arrayContaining(['pageview', 'custom', 'lead', 'sale']));
  const { events } = orThrow(await hw.visitors.timeline(known.id));
  expect(events.find(({ type }) => type === 'custom')).toMatchObject({
    name: 'signup',
    properties: { plan: 'pro' },
  });
  expect(events.find(({ type }) => type === 'lead')).toMatchObject({
    properties: { form: 'contact' },
  });
  expect((await context.cookies()).map(({ name }) => name)).toContain('_hw_visitor');

  await page.evaluate(() =>
    (globalThis as unknown as { GoodAnalytics: GoodAnalytics }).GoodAnalytics.forget(),
  );
  await expect
    .poll(async () => (await context.cookies()).map(({ name }) => name), { timeout: 10_000 })
    .toEqual(['_hw_optout']);
  await context.close();
  server.closeAllConnections();
  server.close();
}, 60_000);

interface GoodAnalytics {
  init(options: object): unknown;
  use(module: unknown): unknown;
  track(type: string, fields?: object): void;
  trackLead(fields?: object): void;
  trackSale(fields?: object): void;
  getSignals(): object;
  forget(): void;
}
