import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { expectRequests } from './expect-requests.ts';
import { startSites } from './sites.ts';
import type { Sites } from './sites.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const token = /^[0-9a-z]{22}$/;
const clickId = '01931f00-0000-7000-8000-000000000001';

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
    '<script src="/hw/js/headwater.js" data-auto-pageview="true" defer></script><p>Shop</p>',
  );
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await sites[Symbol.asyncDispose]();
});

/** Runs in the page, where `headwater` is a global. */
const call = (code: string) => page.evaluate(code);

describe('page views', () => {
  it('sends the page that is open, once', async () => {
    await expectRequests(page, {
      during: () =>
        page.goto(`${shop}/pricing?plan=pro`, { referer: 'https://news.example/story' }),
      sends: [
        {
          event_type: 'pageview',
          url: `${shop}/pricing?plan=pro`,
          referrer: 'https://news.example/story',
          event_id: expect.stringMatching(uuid),
          anonymous_id: expect.stringMatching(token),
          occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
          sent_at: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
    });
    expect(sites.received[0]).toMatchObject({
      path: '/hw/t/event',
      contentType: expect.stringMatching(/^text\/plain/),
    });
  });

  it('counts single-page navigation with the page before as referrer', async () => {
    await page.goto(`${shop}/`);
    await expectRequests(page, {
      during: () =>
        call(
          `history.pushState({}, '', '/a'); history.pushState({}, '', '/b?x=1'); history.pushState({}, '', '/b?x=2')`,
        ),
      sends: [
        { url: `${shop}/a`, referrer: `${shop}/` },
        { url: `${shop}/b?x=1`, referrer: `${shop}/a` },
        { url: `${shop}/b?x=2`, referrer: `${shop}/b?x=1` },
      ],
    });
    await expectRequests(page, {
      during: () => page.goBack(),
      sends: [{ url: `${shop}/b?x=1`, referrer: `${shop}/b?x=2` }],
    });
  });

  it('counts a changed fragment once, though two events tell of it', async () => {
    await page.goto(`${shop}/`);
    await expectRequests(page, {
      during: () => call(`location.hash = '#/settings'`),
      sends: [{ url: `${shop}/#/settings`, referrer: `${shop}/` }],
    });
    await expectRequests(page, { during: () => call(`headwater.pageview()`), sends: [] });
  });

  it('does not count state, scroll positions and fragments that a framework replaces', async () => {
    await page.goto(`${shop}/`);
    await expectRequests(page, {
      during: () =>
        call(
          `history.replaceState({ scroll: 10 }, ''); history.replaceState({}, '', '/'); history.replaceState({}, '', '#top')`,
        ),
      sends: [],
    });
    await expectRequests(page, {
      during: () => call(`history.replaceState({}, '', '/welcome')`),
      sends: [{ url: `${shop}/welcome` }],
    });
  });

  it('does not count the same address twice in a row', async () => {
    await page.goto(`${shop}/a`);
    await expectRequests(page, {
      during: () =>
        call(`history.pushState({}, '', '/a'); headwater.pageview(); headwater.pageview('/a')`),
      sends: [],
    });
  });

  it('leaves navigation and the first page view alone where they are switched off', async () => {
    sites.pages.set(
      '*',
      '<script src="/hw/js/headwater.js" data-auto-pageview="false" data-spa="false" defer></script>',
    );
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/`);
        await call(`history.pushState({}, '', '/a')`);
        await call(`headwater.pageview(); headwater.pageview('/virtual')`);
      },
      sends: [{ url: `${shop}/a` }, { url: `${shop}/virtual`, referrer: `${shop}/a` }],
    });
  });

  it('counts a page that is rendered ahead, and the click that led to it, once it is seen', async () => {
    await page.addInitScript(
      `Object.defineProperty(document, 'prerendering', { value: true, configurable: true })`,
    );
    await expectRequests(page, { during: () => page.goto(`${shop}/?via=alice`), sends: [] });
    await expectRequests(page, {
      during: () => call(`document.dispatchEvent(new Event('prerenderingchange'))`),
      sends: [{ key: 'alice' }, { event_type: 'pageview', url: `${shop}/?via=alice` }],
    });
  });

  it('counts a page that comes back from the cache of the browser', async () => {
    await page.goto(`${shop}/a`);
    await expectRequests(page, {
      during: () =>
        call(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
          dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`),
      sends: [{ event_type: 'pageview', url: `${shop}/a` }],
    });
  });
});

describe('events', () => {
  beforeEach(async () => {
    await page.goto(`${shop}/checkout`);
  });

  it('sends own events with their properties', async () => {
    await expectRequests(page, {
      during: () =>
        call(`headwater.track('signed_up', { plan: 'pro', seats: 3, trial: true, coupon: null })`),
      sends: [
        {
          event_type: 'custom',
          event_name: 'signed_up',
          properties: { plan: 'pro', seats: 3, trial: true, coupon: null },
          url: `${shop}/checkout`,
        },
      ],
    });
  });

  it('sends leads and sales with amount and currency', async () => {
    await expectRequests(page, {
      during: () =>
        call(`headwater.lead({ eventName: 'demo', email: 'alice@example.com' });
          headwater.sale({ amountCents: 4900, currency: 'USD', properties: { order: 'o-1' } })`),
      sends: [
        { event_type: 'lead', event_name: 'demo', person_email: 'alice@example.com' },
        { event_type: 'sale', amount_cents: 4900, currency: 'USD', properties: { order: 'o-1' } },
      ],
    });
  });

  it('sends who the visitor is with the proof of the host', async () => {
    await expectRequests(page, {
      during: () =>
        call(
          `headwater.identify('cust_123', { email: 'alice@example.com', name: 'Alice', proof: 'ab12', metadata: { plan: 'pro' } })`,
        ),
      sends: [
        {
          event_type: 'identify',
          person_external_id: 'cust_123',
          person_email: 'alice@example.com',
          person_name: 'Alice',
          person_metadata: { plan: 'pro' },
          proof: 'ab12',
        },
      ],
    });
  });

  it('sends the cookies of ad platforms that the page can read', async () => {
    await context.addCookies([
      { name: '_fbp', value: 'fb.1.1.2', url: shop },
      { name: '_fbc', value: 'fb.1.1.abc', url: shop },
      { name: 'session', value: 'secret', url: shop },
    ]);
    const [sent] = await expectRequests(page, {
      during: () => call(`headwater.track('x')`),
      sends: [{}],
    });
    expect(sent?.['signals']).toEqual({ _fbp: 'fb.1.1.2', _fbc: 'fb.1.1.abc' });
  });

  it('throws nothing into the page, whatever it is given', async () => {
    await expectRequests(page, {
      during: () =>
        call(`const ring = {}; ring.ring = ring;
          headwater.track('ring', ring); headwater.track('big', { n: 10n }); headwater.sale(null); headwater.sale();
          headwater.identify(); headwater.pageview('http://['); headwater.lead(undefined); headwater.track('good')`),
      sends: [{ event_type: 'identify' }, { event_type: 'lead' }, { event_name: 'good' }],
    });
  });
});

describe('sending', () => {
  it('puts what happens at once into one request, and what happens meanwhile into the next', async () => {
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length).toBe(1);
    await call(`for (let i = 0; i < 20; i++) headwater.track('n' + i)`);
    await expect.poll(() => sites.received.length).toBeGreaterThan(1);
    await call(`headwater.flush()`);
    expect(sites.received).toHaveLength(2);
    expect(sites.received[1]?.beacons.map((beacon) => beacon['event_name'])).toEqual(
      Array.from({ length: 20 }, (_, index) => `n${index}`),
    );
  });

  it('sends again with the same event id after a failure, and not before Retry-After', async () => {
    sites.answers.push({ drop: true }, { status: 503, headers: { 'retry-after': '2' } });
    const start = performance.now();
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length, { timeout: 10_000 }).toBe(3);
    expect(performance.now() - start).toBeGreaterThan(2_000);
    const [first, second, third] = sites.received.map((request) => request.beacons[0]);
    expect(second?.['event_id']).toBe(first?.['event_id']);
    expect(third?.['event_id']).toBe(first?.['event_id']);
    expect(third?.['occurred_at']).toBe(first?.['occurred_at']);
    expect(third?.['sent_at']).not.toBe(first?.['sent_at']);
  });

  it('does not send again what was refused', async () => {
    sites.answers.push({ status: 422 });
    await page.goto(`${shop}/`);
    expect(await call(`headwater.flush()`)).toBe(true);
    await call(`headwater.track('next')`);
    await expect.poll(() => sites.received.length).toBe(2);
    expect(sites.received[1]?.beacons).toMatchObject([{ event_name: 'next' }]);
  });

  it('sends what is not acknowledged when the page goes, and only then by sendBeacon', async () => {
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length).toBe(1);
    await call(`window.beacons = 0; const send = navigator.sendBeacon.bind(navigator);
      navigator.sendBeacon = (...all) => (window.beacons++, send(...all));`);
    await call(`headwater.track('acknowledged')`);
    await call(`headwater.flush()`);
    sites.answers.push({ status: 503, headers: { 'retry-after': '60' } });
    await call(`headwater.track('waiting')`);
    await expect.poll(() => sites.received.length).toBe(3);
    expect(await call(`window.beacons`)).toBe(0);
    await page.goto('about:blank');
    await expect.poll(() => sites.received.length).toBe(4);
    expect(sites.received[3]?.beacons).toMatchObject([{ event_name: 'waiting' }]);
    expect(sites.received[3]?.beacons[0]?.['event_id']).toBe(
      sites.received[2]?.beacons[0]?.['event_id'],
    );
  });

  it('sends a very large event by itself', async () => {
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length).toBe(1);
    await call(
      `headwater.track('small'); headwater.track('large', { text: 'x'.repeat(90000) }); headwater.track('small too')`,
    );
    await expect.poll(() => sites.received.length).toBe(4);
    expect(
      sites.received
        .slice(1)
        .map((request) => request.beacons.map((beacon) => beacon['event_name'])),
    ).toEqual([['small'], ['large'], ['small too']]);
  });
});

describe('the visitor', () => {
  const anonymousIds = () =>
    sites.received.flatMap((request) =>
      request.beacons.map((beacon) => String(beacon['anonymous_id'])),
    );

  it('has one id for all of a page load, and no cookie or storage of ours on the own site', async () => {
    await page.goto(`${shop}/`);
    await call(`headwater.track('a'); headwater.track('b')`);
    await call(`headwater.flush()`);
    expect(new Set(anonymousIds()).size).toBe(1);
    expect(await call(`document.cookie + JSON.stringify(localStorage)`)).toBe('{}');
    await page.reload();
    await expect.poll(() => new Set(anonymousIds()).size).toBe(2);
  });

  it('takes a subdomain for the own site', async () => {
    sites.pages.set(
      '*',
      `<script src="${sites.origin('go.shop.test')}/hw/js/headwater.js" defer></script>`,
    );
    await page.goto(`${sites.origin('www.shop.test')}/`);
    await expect.poll(() => sites.received.length).toBe(1);
    expect(await call(`document.cookie + JSON.stringify(localStorage)`)).toBe('{}');
  });

  it('keeps an id of the page towards another site, in storage and a cookie of the whole site', async () => {
    sites.pages.set(
      '*',
      `<script src="${sites.origin('go.test')}/hw/js/headwater.js" data-key="hw_pk_a&b" defer></script>`,
    );
    await page.goto(`${sites.origin('www.shop.test')}/`);
    await call(`headwater.flush()`);
    const [id] = anonymousIds();
    expect(await call(`document.cookie`)).toBe(`_hw_anon=${id}`);
    expect(sites.received[0]).toMatchObject({
      path: '/hw/t/event?key=hw_pk_a%26b',
      contentType: expect.stringMatching(/^text\/plain/),
    });
    await page.goto(`${sites.origin('app.shop.test')}/`);
    await call(`headwater.flush()`);
    await context.clearCookies();
    await page.reload();
    await call(`headwater.flush()`);
    expect(new Set(anonymousIds())).toEqual(new Set([id]));
  });

  it('gets a new id when the server says that the device has changed hands', async () => {
    sites.pages.set(
      '*',
      `<script src="${sites.origin('go.test')}/hw/js/headwater.js" data-key="k" defer></script>`,
    );
    sites.answers.push({}, { body: { status: 'ok', rotate: true, results: [] } });
    await page.goto(`${shop}/`);
    await call(`headwater.flush()`);
    await call(`headwater.identify('cust_2', { proof: 'x' })`);
    await call(`headwater.flush()`);
    await call(`headwater.track('after')`);
    await expect.poll(() => sites.received.length).toBe(3);
    const [first, second, third] = anonymousIds();
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(await call(`document.cookie`)).toBe(`_hw_anon=${third}`);
  });

  it('goes on with the id that the server has made, where it has made one', async () => {
    sites.pages.set(
      '*',
      `<script src="${sites.origin('go.test')}/hw/js/headwater.js" data-key="k" defer></script>`,
    );
    const anonymous_id = 'AAAAAAAAAAAAAAAAAAAAAA';
    sites.answers.push({ body: { status: 'ok', rotate: true, anonymous_id, results: [] } });
    await page.goto(`${shop}/`);
    await call(`headwater.flush()`);
    await call(`headwater.track('after')`);
    await expect.poll(() => sites.received.length).toBe(2);
    expect(anonymousIds()[1]).toBe(anonymous_id);
    expect(await call(`document.cookie`)).toBe(`_hw_anon=${anonymous_id}`);
  });

  it('is still one id where cookies and storage are switched off', async () => {
    sites.pages.set(
      '*',
      `<script>Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })</script>
       <script src="${sites.origin('go.test')}/hw/js/headwater.js" data-key="k" defer></script>`,
    );
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length).toBe(1);
  });
});

describe('landing', () => {
  it('sends the click id with the first page view and takes it out of the address, without a second page view', async () => {
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?utm_source=x&hw_click=${clickId}&a=b%20c#part`),
      sends: [
        { event_type: 'pageview', url: `${shop}/?utm_source=x&hw_click=${clickId}&a=b%20c#part` },
      ],
    });
    expect(page.url()).toBe(`${shop}/?utm_source=x&a=b%20c#part`);
    await expectRequests(page, {
      during: () => call(`history.pushState({}, '', '/next')`),
      sends: [{ url: `${shop}/next`, referrer: `${shop}/?utm_source=x&a=b%20c#part` }],
    });
  });

  it('keeps the address and the state of a page without a click of ours', async () => {
    await page.goto(`${shop}/?ga_id=UA-1&hw_click=x`);
    await call(`headwater.flush()`);
    expect(page.url()).toBe(`${shop}/?ga_id=UA-1&hw_click=x`);
  });

  it('reports a click for via or ref, lands with its id, and does not report it again for half an hour', async () => {
    sites.answers.push({ body: { status: 'ok', click_id: clickId, ga_id: clickId } });
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?via=alice`, { referer: 'https://blog.example/' }),
      sends: [
        {
          key: 'alice',
          url: `${shop}/?via=alice`,
          referrer: 'https://blog.example/',
          anonymous_id: expect.stringMatching(token),
        },
        { event_type: 'pageview', url: `${shop}/?via=alice&hw_click=${clickId}` },
      ],
    });
    expect(sites.received[0]?.beacons[0]?.['anonymous_id']).toBe(
      sites.received[1]?.beacons[0]?.['anonymous_id'],
    );
    await expectRequests(page, {
      during: () => page.reload(),
      sends: [{ event_type: 'pageview', url: `${shop}/?via=alice` }],
    });
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?ref=bob&hw_click=${clickId}`),
      sends: [{ event_type: 'pageview' }],
    });
  });

  it('reports a click that nobody has acknowledged again at the next page view, as the same click', async () => {
    sites.answers.push({ status: 503 });
    const [first] = await expectRequests(page, {
      during: () => page.goto(`${shop}/?via=alice`, { referer: 'https://blog.example/' }),
      sends: [{ key: 'alice', event_id: expect.stringMatching(uuid) }, { event_type: 'pageview' }],
    });
    const [again] = await expectRequests(page, {
      during: () => call(`history.pushState({}, '', '/pricing')`),
      sends: [{ key: 'alice' }, { event_type: 'pageview', url: `${shop}/pricing` }],
    });
    expect(again).toEqual(first);
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?via=alice`),
      sends: [{ event_type: 'pageview' }],
    });
  });

  it('reports a click again that was on its way when the page went', async () => {
    // Never answered.
    await page.route('**/t/click', () => undefined, { times: 1 });
    const sent = await expectRequests(page, {
      during: async () => {
        await Promise.all([page.waitForRequest('**/t/click'), page.goto(`${shop}/?ref=bob`)]);
        await page.goto(`${shop}/next`);
      },
    });
    const [first, second, ...more] = sent.filter((beacon) => beacon['key'] === 'bob');
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });

  it('does not report a click again that the server refuses', async () => {
    sites.answers.push({ status: 410, body: { status: 'error', code: 'link_expired' } });
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?via=alice`),
      sends: [{ key: 'alice' }, { event_type: 'pageview' }],
    });
    await expectRequests(page, {
      during: () => page.reload(),
      sends: [{ event_type: 'pageview' }],
    });
  });

  it('sends the page view where no link has the key', async () => {
    sites.answers.push({ status: 404, body: { status: 'error', code: 'link_not_found' } });
    await expectRequests(page, {
      during: () => page.goto(`${shop}/?ref=nobody`),
      sends: [{ key: 'nobody' }, { event_type: 'pageview', url: `${shop}/?ref=nobody` }],
    });
  });
});

describe('loading', () => {
  it('plays what the stub has recorded, after the first page view', async () => {
    sites.pages.set(
      '*',
      `<script>
        window.headwater = window.headwater || { q: [] };
        ['init', 'pageview', 'track', 'lead', 'sale', 'identify', 'flush'].forEach(function (name) {
          headwater[name] = headwater[name] || function () { headwater.q.push([name, arguments]); };
        });
        headwater.track('early', { n: 1 });
      </script>
      <script src="/hw/js/headwater.js" defer></script>`,
    );
    await expectRequests(page, {
      during: () => page.goto(`${shop}/`),
      sends: [{ event_type: 'pageview' }, { event_name: 'early', properties: { n: 1 } }],
    });
  });

  it('lets the script after a tag without attributes start it', async () => {
    sites.pages.set(
      '*',
      `<script src="/hw/js/headwater.js"></script>
       <script>headwater.init({ endpoint: '/other/t', autoSpaNavigation: false }).track('hello');</script>`,
    );
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/`);
        await call(`history.pushState({}, '', '/a')`);
      },
      sends: [{ event_type: 'pageview', url: `${shop}/` }, { event_name: 'hello' }],
    });
    expect(sites.received[0]?.path).toBe('/other/t/event');
  });

  it('starts by itself where the tag has no attributes', async () => {
    sites.pages.set('*', '<script src="/hw/js/headwater.js"></script>');
    await expectRequests(page, {
      during: () => page.goto(`${shop}/`),
      sends: [{ event_type: 'pageview' }],
    });
  });

  it('counts once where the script is loaded twice', async () => {
    const tag = '<script src="/hw/js/headwater.js" data-spa="true"></script>';
    sites.pages.set('*', tag + tag);
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/`);
        await call(`history.pushState({}, '', '/a')`);
      },
      sends: [{ url: `${shop}/` }, { url: `${shop}/a` }],
    });
  });

  it('works as a module', async () => {
    sites.pages.set(
      '*',
      `<script type="module">
        import { init } from '/js/index.js';
        const headwater = init({ endpoint: '/hw', autoSpaNavigation: false });
        headwater.track('ready');
        window.same = init({ endpoint: '/elsewhere' }) === headwater;
      </script>`,
    );
    await expectRequests(page, {
      during: () => page.goto(`${shop}/`),
      sends: [{ event_type: 'pageview' }, { event_name: 'ready' }],
    });
    expect(await call(`window.same`)).toBe(true);
  });
});
