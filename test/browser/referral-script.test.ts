import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { bundleScript } from './sites.ts';

const form = `<!doctype html><title>Sign up</title><script src="/referral.js" defer></script>
<input name="code" data-hw-referral-code><input name="other" data-hw-referral-code value="MINE">`;

describe('the referral helper of a page', () => {
  let browser: Browser;
  let hw: TestHeadwater;
  let url: string;
  let close: () => Promise<void>;
  let device: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://app.test:${(server.address() as AddressInfo).port}`;
    hw = await createTestHeadwater({ ownHosts: [new URL(url).host] });
    const script = bundleScript('referral-script.ts');
    const headwater = toNodeHandler(hw);
    server.on('request', (request, response) => {
      headwater(request, response, () => {
        const isScript = request.url === '/referral.js';
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
        response.end(isScript ? script : form);
      });
    });
    close = async () => {
      server.closeAllConnections();
      server.close();
      await hw.close();
    };
    orThrow(await hw.referrals.createCode({ code: 'FRIENDS', beneficiaryId: 'ann' }));
  });
  afterAll(async () => {
    await browser.close();
    await close();
  });
  beforeEach(async () => {
    device = await browser.newContext({
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    });
    page = await device.newPage();
  });
  afterEach(() => device.close());

  const open = async (path: string): Promise<Record<string, unknown>> => {
    await page.goto(url + path);
    return page.evaluate(
      'headwaterReferral.then((r) => ({ code: r.code, isInvited: r.isInvited, invitation: r.invitation }))',
    );
  };
  const field = (name: string) => page.locator(`[name=${name}]`).inputValue();
  const cookie = async () => (await device.cookies(url)).find(({ name }) => name === '_hw_ref');

  it('fills in a code that can be used, keeps it, and lets go of it after the sign-up', async () => {
    expect(await open('/signup?ref=friends')).toMatchObject({ code: 'FRIENDS', isInvited: false });
    expect([await field('code'), await field('other')]).toEqual(['FRIENDS', 'MINE']);
    expect(await cookie()).toMatchObject({ httpOnly: true, sameSite: 'Lax' });

    expect(await open('/pricing')).toMatchObject({ code: 'FRIENDS' });
    await page.evaluate('headwaterReferral.then((referral) => referral.used())');
    expect(await cookie()).toBeUndefined();
    expect((await open('/signup')).code).toBeUndefined();
    expect(await field('code')).toBe('');
  });

  it("leaves another product's ref alone", async () => {
    expect((await open('/signup?ref=producthunt')).code).toBeUndefined();
    expect(await field('code')).toBe('');
    expect(await cookie()).toBeUndefined();
  });

  it('says whether an invitation lets somebody in', async () => {
    const invitation = orThrow(await hw.invitations.create({ name: 'Editors' }));
    const link = hw.invitations.url(invitation, `${url}/signup`);
    expect(await open(link.slice(url.length))).toMatchObject({
      isInvited: true,
      invitation: 'Editors',
    });
    orThrow(await hw.invitations.revoke(invitation));
    expect(await open(link.slice(url.length))).toMatchObject({ isInvited: false });
  });

  it('tells the page nothing where the server cannot be asked', async () => {
    await page.route('**/t/landing', (route) => route.abort());
    await page.goto(`${url}/signup?ref=friends`);
    expect(await page.evaluate('headwaterReferral.then((r) => r === undefined)')).toBe(true);
  });
});
