/** The example applications, from packed and installed packages, as a browser sees them. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { installPacked } from './packed.ts';
import type { Installed } from './packed.ts';

const { devDependencies } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { devDependencies: Record<string, string> };
const needed = ['express', 'hono', '@hono/node-server'];

/** A headless browser says that it is one, on localhost in its client hints too, and would be a machine. */
const person = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  extraHTTPHeaders: { 'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142"' },
};

let installed: Installed;
let browser: Browser;
beforeAll(async () => {
  [installed, browser] = await Promise.all([
    installPacked(needed.map((name) => `${name}@${devDependencies[name]}`)),
    launchBrowser(),
  ]);
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await installed?.[Symbol.asyncDispose]();
});

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

  it('express-shop gives the credit of an order to the campaign that led to it', async () => {
    const { origin, stop } = await installed.start('express-shop');
    const context = await browser.newContext(person);
    const page = await context.newPage();
    await page.goto(`${origin}/spring`);
    await expect.poll(() => page.url(), { timeout: 10_000 }).not.toContain('hw_click=');
    await page.getByLabel('Email for Spade').fill('ann@example.com');
    await page.getByRole('button', { name: 'Buy Spade' }).click();
    expect(await page.getByRole('heading').textContent()).toBe('Thank you');
    await page.goto(`${origin}/report`);
    expect(await page.getByRole('row').allTextContents()).toEqual([
      expect.stringMatching(/spring\s*29\.00 USD/),
    ]);
    await context.close();
    await stop();
  }, 120_000);
});
