import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { follow, logIn, openDemo, settle } from './demo-shop.ts';
import type { Json } from './demo-shop.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A headless browser says that it is one, and would be a machine. */
const newDevice = (): Promise<BrowserContext> =>
  browser.newContext({
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  });

it('pays a partner whose click was on one device for the purchase on another, less what is refunded', async () => {
  await using demo = await openDemo('another site');
  const { hw, api, go, shop } = demo;
  const program = await api('POST', '/partner-programs', {
    name: 'Friends of the shop',
    rules: [{ name: 'sales', trigger: 'sale', percent: 30, hold_days: 14 }],
  });
  const partner = await api('POST', '/partners', {
    key: 'ada',
    name: 'Ada <Lovelace>',
    program_id: program['id'],
  });
  const link = await api('POST', '/links', {
    domain: new URL(go).host,
    key: 'ada',
    url: `${shop}/`,
    link_type: 'referral',
    partner_id: partner['id'],
  });

  // The click, and the login that makes the laptop somebody's.
  await using laptop = await newDevice();
  const first = await laptop.newPage();
  await first.goto(`${go}/ada`);
  await settle(first);
  expect((await laptop.cookies(go)).find(({ name }) => name === '_hw_ref')).toMatchObject({
    httpOnly: true,
    sameSite: 'Lax',
  });
  hw.clock.advance({ minutes: 1 });
  await logIn(first, 'cust_1');

  // Days later the same customer buys on the phone, where there was no click.
  hw.clock.advance({ days: 3 });
  await using phone = await newDevice();
  const second = await phone.newPage();
  await second.goto(`${shop}/`);
  await settle(second);
  hw.clock.advance({ minutes: 1 });
  await logIn(second, 'cust_1');
  hw.clock.advance({ minutes: 1 });
  await follow(second, 'Buy');

  await hw.partners.commissions.settle();
  const commissions = `/commissions?partner_id=${String(partner['id'])}`;
  const [held] = await api<Json[]>('GET', commissions);
  expect(held).toMatchObject({ status: 'held', granted: 1470, net: 1470, unit: 'USD', flags: [] });

  await api('POST', '/events', {
    event_type: 'refund',
    person_external_id: 'cust_1',
    refund_of_key: 'order-1',
    amount_cents: 2450,
    currency: 'USD',
  });
  await hw.partners.commissions.settle();
  const [adjusted] = await api<Json[]>('GET', commissions);
  expect(adjusted).toMatchObject({ id: held!['id'], status: 'held', granted: 1470, net: 735 });
  const account = `account_type=partner&account_id=${String(partner['id'])}`;
  expect(
    (await api<Json[]>('GET', `/ledger/entries?${account}`)).map(({ kind, amount }) => [
      kind,
      amount,
    ]),
  ).toEqual([
    ['reversal', -735],
    ['earning', 1470],
  ]);
  await api('POST', '/ledger/adjustments', {
    account: { type: 'partner', id: partner['id'] },
    unit: 'USD',
    amount: 265,
    idempotency_key: 'gift-1',
    description: 'A gift',
  });

  // What the partner sees, by a token of their own.
  const { url } = await api<{ url: string }>('POST', `/partners/${String(partner['id'])}/tokens`);
  const seen = await second.goto(`${go}${url}`);
  expect(seen?.headers()['content-security-policy']).toContain("default-src 'none'");
  expect(await second.getByRole('heading', { level: 1 }).textContent()).toBe('Ada <Lovelace>');
  const rows = await second.getByRole('row').allTextContents();
  expect(rows).toContain('USD7.352.650.00');
  expect(rows).toContain(`http://${new URL(go).host}/ada101`);
  expect((await second.goto(`${go}${url}x`))?.status()).toBe(401);
  expect(link['partner_id']).toBe(partner['id']);
}, 120_000);
