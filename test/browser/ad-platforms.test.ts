import { createHash } from 'node:crypto';

import { orThrow } from 'headwater';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { goodCredentials } from '../support/platforms/platforms.ts';
import { openAdvertisedShop } from './advertised-shop.ts';
import type { AdvertisedShop } from './advertised-shop.ts';

const standIns = [
  'meta',
  'google_data_manager',
  'microsoft',
  'microsoft_offline',
  'tiktok',
  'linkedin',
  'pinterest',
  'snapchat',
  'reddit',
  'x',
  'ga4',
  'http',
] as const;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const email = sha256('jane.doe@example.com');
/** As Microsoft and Reddit take it. */
const emailWithoutDots = sha256('janedoe@example.com');
const fbp = 'fb.1.1596403881668.1116446470';
/** What the ads of the other platforms add to the address that they lead to. */
const clickIds = {
  ttclid: 'E.C.P.abc',
  twclid: '2-abc',
  li_fat_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  msclkid: '0e8c1fcc2b1a4f5b9d0a3c7e6f5d4b2a',
  rdt_cid: '5013620937203456789',
  ScCid: '7b1c2d3e-aaaa-4bbb-8ccc-444455556666',
  epik: 'dj0yJnU9abc',
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What the page has sent is acknowledged, and so committed. */
async function settle(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(`headwater.flush()`)).toBe(true);
}

async function press(page: Page, label: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.getByText(label, { exact: true }).click()]);
  await settle(page);
}

/** An ad at Google leads over a short link to the shop, which asks for consent. */
async function arrive({ hw, go, shop }: AdvertisedShop, answer: string): Promise<Page> {
  orThrow(await hw.links.create({ domain: new URL(go).host, key: 'ad', url: `${shop}/` }));
  // A headless browser says that it is one, and would be a machine.
  const device = await browser.newContext({
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  });
  // What the platforms' own scripts have set.
  await device.addCookies([
    { name: '_fbp', value: fbp, url: shop },
    { name: '_ga', value: 'GA1.1.1111111111.1794992400', url: shop },
  ]);
  const page = await device.newPage();
  await page.goto(`${go}/ad?gclid=EAIaIQobChMI`);
  expect(page.url()).toMatch(/^http:\/\/shop\.test:\d+\/\?gclid=EAIaIQobChMI/);
  await page.getByText(answer).click();
  await settle(page);
  await press(page, 'Pricing');
  return page;
}

/** A day later ads of all the others lead there. Returns between which moments that was. */
async function comeBack({ hw, shop }: AdvertisedShop, page: Page): Promise<[number, number]> {
  hw.clock.advance({ days: 1 });
  const from = hw.clock.now();
  await page.goto(`${shop}/?${new URLSearchParams({ fbclid: 'IwAR2abc', ...clickIds })}`);
  await settle(page);
  return [from, hw.clock.now()];
}

/** The visitor becomes a customer, and the background work comes by. */
async function buy({ hw, shop }: AdvertisedShop, page: Page): Promise<void> {
  hw.clock.advance({ minutes: 5 });
  await press(page, 'Log in');
  await press(page, 'Buy');
  expect(page.url()).toBe(`${shop}/thanks`);
  expect(orThrow(await hw.visitors.list()).visitors).toHaveLength(1);
  hw.clock.advance({ minutes: 1 });
  await hw.connectors.deliverDue();
}

/** What became of the sale at each platform. */
async function outcomes({ hw }: AdvertisedShop): Promise<Record<string, string>> {
  const { dispatches } = orThrow(await hw.connectors.dispatches.list());
  return Object.fromEntries(
    dispatches.map(({ connector, status, reason, message }) => [
      connector,
      status === 'delivered' ? status : `${status}: ${reason}: ${message}`,
    ]),
  );
}

const eachPlatform = (outcome: (type: string) => unknown) =>
  Object.fromEntries(Object.keys(goodCredentials).map((type) => [type, outcome(type)]));

/** What each stand-in has to have been told of the sale, in its platform's own words. */
function expectedBodies(sale: {
  readonly id: string;
  readonly orderId: string;
  readonly fbc: unknown;
}): Record<(typeof standIns)[number], unknown> {
  const { id, orderId, fbc } = sale;
  const money = { value: 49.99, currency: 'USD' };
  const order = { ...money, order_id: orderId };
  return {
    meta: {
      data: [
        {
          event_id: id,
          event_name: 'Purchase',
          user_data: { em: [email], fbc, fbp },
          custom_data: order,
        },
      ],
    },
    google_data_manager: {
      events: [
        {
          transactionId: id,
          adIdentifiers: { gclid: 'EAIaIQobChMI' },
          userData: { userIdentifiers: [{ emailAddress: email }] },
          consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' },
          conversionValue: 49.99,
          currency: 'USD',
        },
      ],
    },
    microsoft: {
      data: [
        {
          eventId: id,
          adStorageConsent: 'G',
          userData: { em: emailWithoutDots, msclkid: clickIds.msclkid },
          customData: { ...money, transactionId: orderId },
        },
      ],
    },
    microsoft_offline: {
      OfflineConversions: [
        {
          MicrosoftClickId: clickIds.msclkid,
          HashedEmailAddress: emailWithoutDots,
          ConversionValue: 49.99,
          ConversionCurrencyCode: 'USD',
        },
      ],
    },
    tiktok: {
      data: [
        {
          event_id: id,
          event: 'Purchase',
          user: { email, ttclid: clickIds.ttclid },
          page: { url: expect.stringMatching(/\/thanks$/) },
          properties: order,
        },
      ],
    },
    linkedin: {
      eventId: id,
      conversionValue: { currencyCode: 'USD', amount: '49.99' },
      user: {
        userIds: [
          { idType: 'SHA256_EMAIL', idValue: email },
          { idType: 'LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID', idValue: clickIds.li_fat_id },
        ],
      },
    },
    pinterest: {
      data: [
        {
          event_id: id,
          user_data: { em: [email], click_id: clickIds.epik },
          custom_data: { ...order, value: '49.99' },
        },
      ],
    },
    snapchat: {
      data: [
        {
          event_id: id,
          user_data: { em: [email], sc_click_id: clickIds.ScCid },
          custom_data: order,
        },
      ],
    },
    reddit: {
      data: {
        events: [
          {
            click_id: clickIds.rdt_cid,
            user: { email: emailWithoutDots },
            metadata: { conversion_id: id, ...money },
          },
        ],
      },
    },
    x: {
      conversions: [
        {
          conversion_id: id,
          identifiers: expect.arrayContaining([
            { twclid: clickIds.twclid },
            { hashed_email: email },
          ]),
          value: '49.99',
          price_currency: 'USD',
        },
      ],
    },
    ga4: {
      client_id: '1111111111.1794992400',
      consent: { ad_user_data: 'GRANTED', ad_personalization: 'GRANTED' },
      events: [{ name: 'purchase', params: { ...money, transaction_id: orderId } }],
    },
    http: { type: 'conversion.created', data: { id } },
  };
}

describe('a sale of a shop that asks for consent', () => {
  it('is told to every platform with its click, the person and the consent of the page', async () => {
    await using demo = await openAdvertisedShop();
    const { platforms } = demo;
    const page = await arrive(demo, 'Accept all');
    const [from, to] = await comeBack(demo, page);
    await buy(demo, page);
    expect(await outcomes(demo)).toEqual(eachPlatform(() => 'delivered'));

    const bodies = expectedBodies({
      id: demo.saleId(),
      orderId: 'order-of-cust_42',
      fbc: expect.stringMatching(/^fb\.1\.\d{13}\.IwAR2abc$/),
    });
    const told = standIns.map((name) => [name, platforms.requests(name).map(({ body }) => body)]);
    // One request each.
    expect(Object.fromEntries(told)).toMatchObject(
      Object.fromEntries(standIns.map((name) => [name, [bodies[name]]])),
    );
    const clickedAt = Number(
      /"fb\.1\.(\d+)\.IwAR2abc"/.exec(platforms.requests('meta')[0]!.rawBody)?.[1],
    );
    expect(clickedAt).toBeGreaterThanOrEqual(from);
    expect(clickedAt).toBeLessThanOrEqual(to);
  }, 60_000);

  it.each([
    ['in the visit of the click', false],
    ['a day later by another ad', true],
  ])(
    'is told to no ad platform where ads were denied: %s',
    async (_name, comesBack) => {
      await using demo = await openAdvertisedShop();
      const { platforms } = demo;
      const page = await arrive(demo, 'Only statistics');
      if (comesBack) await comeBack(demo, page);
      await buy(demo, page);
      // Analytics asks for another consent, which was given.
      expect(await outcomes(demo)).toEqual(
        eachPlatform((type) =>
          type === 'ga4'
            ? 'delivered'
            : expect.stringMatching(/^skipped: consent_denied: consent does not allow /),
        ),
      );
      expect(standIns.filter((name) => platforms.requests(name).length > 0)).toEqual(['ga4']);
      const [toAnalytics] = platforms.requests('ga4');
      expect(toAnalytics!.body).toMatchObject({
        consent: { ad_user_data: 'DENIED', ad_personalization: 'DENIED' },
      });
      expect(toAnalytics!.rawBody).not.toContain('clid');
      expect(toAnalytics!.rawBody).not.toContain(email);
    },
    60_000,
  );
});
