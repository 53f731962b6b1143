/** The example applications, from packed and installed packages, as a browser sees them. */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { installPacked } from './packed.ts';
import type { Installed } from './packed.ts';
import { person } from './person.ts';

const { devDependencies } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { devDependencies: Record<string, string> };
const needed = ['express', 'hono', '@hono/node-server', '@electric-sql/pglite'];
/** Only these tests need them, and they are large: they are in no list of what the repository installs. */
const next = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'];

/** The same also after a redirect, where Chromium forgets the headers of the context. */
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setUserAgentOverride', {
    userAgent: person.userAgent,
    userAgentMetadata: {
      brands: [{ brand: 'Google Chrome', version: '142' }],
      platform: 'Linux',
      platformVersion: '',
      architecture: 'x86',
      model: '',
      mobile: false,
    },
  });
  return page;
}

let installed: Installed;
let browser: Browser;
beforeAll(async () => {
  [installed, browser] = await Promise.all([
    installPacked([...needed.map((name) => `${name}@${devDependencies[name]}`), ...next]),
    launchBrowser(),
  ]);
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await installed?.[Symbol.asyncDispose]();
}, 60_000);

describe('the example', () => {
  it('static-site has its page views and leads counted by a server on another host', async () => {
    const headwater = await installed.serve();
    const api = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const answer = await fetch(`${headwater.origin}/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${headwater.key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await answer.json()) as T;
    };
    const publishable = await api<{ key: string }>('POST', '/api-keys', {
      kind: 'publishable',
      name: 'Garden tools',
      allowed_hosts: ['garden.test'],
    });
    const site = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://garden.test');
      const name = pathname === '/' ? 'index.html' : pathname.slice(1);
      readFile(join(import.meta.dirname, '..', '..', 'examples', 'static-site', name), 'utf8').then(
        (html) =>
          response
            .setHeader('content-type', 'text/html')
            .end(
              html
                .replace('http://localhost:4400', headwater.origin)
                .replace('hw_pk_…', publishable.key),
            ),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const context = await browser.newContext(person);
    const page = await context.newPage();
    await page.goto(`http://garden.test:${(site.address() as AddressInfo).port}/?utm_source=news`);
    await page.getByRole('link').click();
    await page.getByRole('button', { name: 'Ask for an offer' }).click();

    const seen = async (): Promise<string[]> => {
      const [visitor] = await api<Array<{ id: string }>>('GET', '/visitors');
      if (visitor === undefined) return [];
      const timeline = await api<Array<{ event_type: string }>>(
        'GET',
        `/visitors/${visitor.id}/timeline`,
      );
      return timeline.map((event) => event.event_type).filter((type) => type !== 'engagement');
    };
    await expect
      .poll(async () => (await seen()).sort(), { timeout: 15_000 })
      .toEqual(['lead', 'pageview', 'pageview']);
    await context.close();
    site.closeAllConnections();
    site.close();
    await headwater.stop();
  }, 120_000);

  it('hono-referrals counts the friend who came by the address of an account', async () => {
    const { origin, stop } = await installed.start('hono-referrals');
    const ann = await browser.newContext(person);
    const page = await ann.newPage();
    await page.goto(origin);
    expect(await page.getByRole('heading').textContent()).toBe('Welcome');
    await page.getByLabel('Name').fill('Ann');
    await page.getByRole('button').click();
    const address = await page.getByRole('link').getAttribute('href');

    const ben = await browser.newContext(person);
    const friend = await ben.newPage();
    await friend.goto(address!);
    expect(await friend.getByRole('heading').textContent()).toBe('A friend sent you');
    // The code is remembered on the way to the form.
    await friend.goto(origin);
    await friend.getByLabel('Name').fill('Ben');
    await friend.getByRole('button').click();
    expect(await friend.getByRole('heading').textContent()).toBe('Your account');

    await page.reload();
    expect(await page.getByText('Referred').textContent()).toBe('Referred: 1');
    await ann.close();
    await ben.close();
    await stop();
  }, 120_000);

  it('express-shop has a sale paid at Stripe credited to its campaign, and told to the platform', async () => {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    // What the shop needs around it: Stripe's payment page and the platform that takes conversions.
    const conversions: { data: object }[] = [];
    let shop = { origin: '', webhook: '' };
    const outside = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/conversions') {
        void json(request).then((body) => {
          conversions.push(body as { data: object });
          response.end('{}');
        });
        return;
      }
      const text = JSON.stringify(paidSession(searchParams));
      const time = Math.floor(Date.now() / 1_000);
      const signature = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
      void fetch(`${shop.origin}${shop.webhook}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'stripe-signature': `t=${time},v1=${signature}`,
        },
        body: text,
      }).then(({ ok }) => {
        response.writeHead(ok ? 303 : 500, { location: `${shop.origin}/thanks` }).end();
      });
    }).listen(0);
    await once(outside, 'listening');
    const elsewhere = `http://localhost:${(outside.address() as AddressInfo).port}`;

    const { origin, stop } = await installed.start('express-shop', {
      STRIPE_WEBHOOK_SECRET: secret,
      STRIPE_PAYMENT_LINKS: `${elsewhere}/`,
      CONVERSIONS_URL: `${elsewhere}/conversions`,
    });
    const context = await browser.newContext(person);
    const page = await context.newPage();
    await page.goto(`${origin}/report`);
    shop = { origin, webhook: (await page.locator('code').textContent())! };
    const forged = await fetch(`${origin}${shop.webhook}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(forged.status).toBe(401);

    await page.goto(`${origin}/spring`);
    await expect.poll(() => page.url(), { timeout: 10_000 }).not.toContain('hw_click=');
    await page.getByLabel('Email for Spade').fill('ann@example.com');
    await page.getByRole('button', { name: 'Buy Spade' }).click();
    expect(await page.getByRole('heading').textContent()).toBe('Thank you');
    await page.goto(`${origin}/report`);
    expect(await page.getByRole('row').allTextContents()).toEqual([
      expect.stringMatching(/spring\s*29\.00 USD/),
    ]);
    // Conversions go out once a minute.
    await expect.poll(() => conversions, { timeout: 90_000, interval: 200 }).toHaveLength(1);
    expect(conversions[0]?.data).toMatchObject({
      event_type: 'sale',
      amount_minor: 2_900,
      currency: 'USD',
    });
    await context.close();
    outside.closeAllConnections();
    outside.close();
    await stop();
  }, 180_000);

  it('next-saas lets somebody in by an invitation once, in the role that it gives', async () => {
    const { origin, stop } = await installed.startNext('next-saas');
    const team = await openPage(await browser.newContext());
    // The first request makes the database, which takes its time on a busy machine.
    await team.goto(`${origin}/team`, { timeout: 120_000 });
    await team.getByLabel('Role').selectOption('editor');
    await team.getByRole('button', { name: 'Invite' }).click();
    const address = await team.getByRole('link').getAttribute('href');

    const guest = await openPage(await browser.newContext());
    await guest.goto(`${origin}/signup`);
    // What streams in is shown a moment after the page has loaded.
    await guest.getByText('You need an invitation').waitFor();
    await guest.goto(address!);
    expect(await guest.getByText('You join as').textContent()).toBe('You join as editor.');
    // The invitation is remembered on the way to the form.
    await guest.goto(`${origin}/signup`);
    await guest.getByLabel('Email').fill('ben@example.com');
    await guest.getByRole('button', { name: 'Sign up' }).click();
    expect(await guest.getByText('Role:').textContent()).toBe('Role: editor');
    expect(await guest.getByRole('heading').textContent()).toBe('ben@example.com');
    for (const step of ['link_click', 'invitation', 'registration', 'redemption'])
      await guest.getByRole('listitem').filter({ hasText: step }).first().waitFor();

    const late = await openPage(await browser.newContext());
    await late.goto(address!);
    await late.getByText('Somebody has signed up').waitFor();
    expect((await fetch(`${origin}/no-such-page`)).status).toBe(404);
    await stop();
    // No shorter than what the build, the start and the first page may take by themselves.
  }, 480_000);
});

/** https://docs.stripe.com/api/events/types#event_types-checkout.session.completed, of a payment link's visitor. */
function paidSession(address: URLSearchParams): object {
  return {
    id: 'evt_shop_1',
    object: 'event',
    type: 'checkout.session.completed',
    // Whole seconds: the landing a moment ago is before it.
    created: Math.floor(Date.now() / 1_000),
    livemode: true,
    data: {
      object: {
        id: 'cs_shop_1',
        object: 'checkout.session',
        payment_status: 'paid',
        amount_total: 2_900,
        currency: 'usd',
        payment_intent: 'pi_shop_1',
        client_reference_id: address.get('client_reference_id'),
        customer_details: { email: address.get('prefilled_email') },
      },
    },
  };
}
