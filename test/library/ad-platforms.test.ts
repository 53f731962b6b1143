import { expect, it } from 'vitest';

import { orThrow } from 'headwater';
import { createTestClock, createTestHeadwater } from 'headwater/testing';

import { goodCredentials, startAllPlatforms } from '../support/platforms/platforms.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

it('a customer of a short link and of ads ends in the right request at every platform', async () => {
  const clock = createTestClock(new Date('2026-11-20T10:00:00Z'));
  await using platforms = await startAllPlatforms({ now: () => clock.now() });
  await using hw = await createTestHeadwater({
    clock,
    links: { domains: ['go.shop.test'] },
    ownHosts: ['shop.test'],
    connectors: { fetch: platforms.fetch },
  });
  for (const [type, credentials] of Object.entries(goodCredentials))
    orThrow(await hw.connectors.enable(type, { credentials }));

  // The short link of an ad at Google.
  const link = orThrow(
    await hw.links.create({ domain: 'go.shop.test', key: 'ad', url: 'https://shop.test/' }),
  );
  const browser = { 'user-agent': chrome, host: 'go.shop.test' };
  const redirect = await hw.handler(
    new Request(`https://${link.domain}/${link.key}?gclid=EAIaIQobChMI`, { headers: browser }),
  );
  expect(redirect.status).toBe(302);
  const landing = redirect.headers.get('location')!;
  const cookie = redirect.headers
    .getSetCookie()
    .map((header) => header.split(';', 1)[0])
    .join('; ');

  // The page where it leads, with what the platforms' own scripts have set.
  const ads = [
    'fbclid=IwAR2abc',
    'ttclid=E.C.P.abc',
    'twclid=2-abc',
    'li_fat_id=7c9e6679-7425-40de-944b-e07fc1f90ae7',
    'msclkid=0e8c1fcc2b1a4f5b9d0a3c7e6f5d4b2a',
    'rdt_cid=5013620937203456789',
    'ScCid=7b1c2d3e-aaaa-4bbb-8ccc-444455556666',
    'epik=dj0yJnU9abc',
  ].join('&');
  // The landing belongs to the click.
  const clickedAt = clock.now();
  clock.advance({ seconds: 5 });
  const seen = await hw.handler(
    new Request('https://go.shop.test/hw/t/event', {
      method: 'POST',
      headers: {
        ...browser,
        cookie: `${cookie}; _fbp=fb.1.1596403881668.1116446470; _ga=GA1.1.1111111111.1794992400`,
      },
      body: JSON.stringify({
        event_type: 'pageview',
        url: `${landing}&${ads}`,
        consent: { ads: 'granted', analytics: 'granted' },
      }),
    }),
  );
  expect(seen.status).toBeLessThan(300);
  const { visitors } = orThrow(await hw.visitors.list());
  expect(visitors).toHaveLength(1);
  const [visitor] = visitors;
  clock.advance({ minutes: 15 });
  orThrow(
    await hw.visitors.identify({
      visitorId: visitor!.id,
      externalId: 'cust_42',
      email: 'jane.doe@example.com',
      phone: '+16505551212',
    }),
  );
  const { eventId } = orThrow(
    await hw.events.submitSale(visitor!, {
      amountMinor: 4_999n,
      currency: 'USD',
      url: 'https://shop.test/thanks',
      consent: { ads: 'granted', analytics: 'granted' },
      properties: { order_id: 'order-1' },
    }),
  );
  clock.advance({ minutes: 1 });
  await hw.connectors.deliverDue();

  const dispatches = orThrow(await hw.connectors.dispatches.list()).dispatches;
  const told = Object.fromEntries(
    dispatches.map(({ connector, status, reason, message }) => [
      connector,
      status === 'delivered' ? status : [status, reason, message],
    ]),
  );
  expect(told).toEqual(
    Object.fromEntries(Object.keys(goodCredentials).map((type) => [type, 'delivered'])),
  );
  const [toMeta] = platforms.requests('meta');
  expect(toMeta!.body).toMatchObject({
    data: [
      {
        event_id: eventId,
        event_name: 'Purchase',
        user_data: {
          fbc: `fb.1.${clickedAt}.IwAR2abc`,
          fbp: 'fb.1.1596403881668.1116446470',
        },
        custom_data: { value: 49.99, currency: 'USD', order_id: 'order-1' },
      },
    ],
  });
  const [toGoogle] = platforms.requests('google_data_manager');
  expect(JSON.stringify(toGoogle!.body)).toContain('"gclid":"EAIaIQobChMI"');
  expect(JSON.stringify(toGoogle!.body)).toContain('CONSENT_GRANTED');
}, 60_000);
