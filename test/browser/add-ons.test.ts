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

const call = (code: string) => page.evaluate(code);
const client = '<script src="/hw/js/headwater.js" defer></script>';

describe('interactions', () => {
  const open = async (attributes: string, body: string): Promise<void> => {
    sites.pages.set(
      '*',
      `${client}<script src="/hw/js/headwater-interactions.js" ${attributes} defer></script>
       <script>addEventListener('click', (event) => event.target.closest('a') && event.preventDefault());
         addEventListener('submit', (event) => event.preventDefault())</script>${body}`,
    );
    await page.goto(`${shop}/`);
    await expect.poll(() => sites.received.length).toBe(1);
  };

  it('are not watched unless they are asked for', async () => {
    await open(
      '',
      '<a href="https://docs.example/">Docs</a><form><button data-hw-event="x">Send</button></form>',
    );
    await expectRequests(page, {
      during: async () => {
        await page.click('a');
        await page.click('button');
      },
      sends: [],
    });
  });

  it('tell of links to other hosts, without their queries', async () => {
    await open(
      'data-outbound data-own-hosts="app.test"',
      `<a id="out" href="https://docs.example/guide?token=secret#part"><b>Docs</b></a>
       <a id="own" href="/pricing">Pricing</a> <a id="app" href="http://app.test/">App</a>
       <a id="mail" href="mailto:a@example.com">Mail</a>`,
    );
    await expectRequests(page, {
      during: async () => {
        await page.click('#out b');
        for (const id of ['#own', '#app', '#mail']) await page.click(id);
      },
      sends: [
        {
          event_type: 'custom',
          event_name: 'outbound_click',
          properties: { url: 'https://docs.example/guide', host: 'docs.example' },
        },
      ],
    });
  });

  it('tell which form was sent, and never what is in it', async () => {
    await open(
      'data-forms',
      `<form id="signup" action="/join?step=2"><input name="action" value="secret"><button>Join</button></form>`,
    );
    const [sent] = await expectRequests(page, {
      during: () => page.click('button'),
      sends: [
        { event_name: 'form_submit', properties: { form: 'signup', action: `${shop}/join` } },
      ],
    });
    expect(JSON.stringify(sent)).not.toContain('secret');
  });

  it('tell what attributes name, also of what is added later and of what stops its events', async () => {
    await open(
      'data-attributes',
      `<form data-hw-event="asked"><button>Ask</button></form>
       <script>const button = document.createElement('button');
         button.id = 'late'; button.textContent = 'Buy'; button.dataset.hwEvent = 'chose plan';
         button.dataset.hwEventPlanName = 'pro';
         button.addEventListener('click', (event) => event.stopPropagation());
         document.body.append(button)</script>`,
    );
    await expectRequests(page, {
      during: async () => {
        await page.click('#late');
        await page.click('form button');
      },
      sends: [
        { event_name: 'chose plan', properties: { plan_name: 'pro' } },
        { event_name: 'asked' },
      ],
    });
  });
});

describe('the fingerprint', () => {
  const addOn = '<script src="/hw/js/headwater-fingerprint.js" defer></script>';

  it('is not sent without its add-on, and with it once for each page', async () => {
    sites.pages.set('/without', client);
    sites.pages.set('/with', client + addOn);
    // A page that is left before its answer came is told of again by the next one, under the same ids.
    for (const path of ['/without', '/with']) {
      const answered = page.waitForResponse((response) => response.url().includes('/t/event'));
      await page.goto(`${shop}${path}`);
      await answered;
    }
    await call(`headwater.track('one'); headwater.track('two')`);
    const sent = (): Map<unknown, unknown> =>
      new Map(
        sites.received
          .flatMap(({ beacons }) => beacons)
          .filter((beacon) => beacon['event_type'] !== 'engagement')
          .map((beacon) => [beacon['event_id'], beacon['fingerprint']]),
      );
    await expect.poll(() => sent().size).toBe(4);
    expect([...sent().values()]).toEqual([
      undefined,
      undefined,
      expect.stringMatching(/^[0-9a-f]{16}$/),
      undefined,
    ]);
  });

  it('is not sent where nothing may be kept on the device', async () => {
    sites.pages.set('*', client.replace('defer', 'data-cookieless defer') + addOn);
    await page.goto(`${shop}/`);
    const [sent] = await expectRequests(page, {
      during: () => call(`headwater.track('one')`),
      sends: [{ event_name: 'one' }],
    });
    expect(sent).not.toHaveProperty('fingerprint');
  });
});

describe('a strict content security policy', () => {
  it('is kept by the client, its add-ons and the stub, with the nonce of their tags', async () => {
    const nonce = 'cjRuZDBt';
    sites.pageHeaders['content-security-policy'] = [
      `default-src 'none'`,
      `script-src 'nonce-${nonce}' 'strict-dynamic'`,
      `connect-src 'self'`,
      `base-uri 'none'`,
      `form-action 'none'`,
      `require-trusted-types-for 'script'`,
      `trusted-types 'none'`,
    ].join('; ');
    const tag = (file: string, attributes = ''): string =>
      `<script nonce="${nonce}" src="/hw/js/${file}" ${attributes} defer></script>`;
    sites.pages.set(
      '*',
      `<script nonce="${nonce}">window.violations = [];
         addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
         window.headwater = { q: [['track', ['early']]] };</script>
       <script>window.inline = true</script>
       ${tag('headwater.js')}${tag('headwater-interactions.js', 'data-attributes')}
       ${tag('headwater-fingerprint.js')}<button data-hw-event="pressed">Press</button>`,
    );
    await expectRequests(page, {
      during: async () => {
        await page.goto(`${shop}/`);
        await page.click('button');
      },
      sends: [{ event_type: 'pageview' }, { event_name: 'early' }, { event_name: 'pressed' }],
    });
    // Only the page's own script without a nonce was stopped: the policy is in force.
    expect(await call(`window.violations`)).toEqual(['script-src-elem']);
    expect(await call(`window.inline`)).toBeUndefined();
  });
});
