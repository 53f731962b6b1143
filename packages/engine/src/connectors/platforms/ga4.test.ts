import { describe, expect, it } from 'vitest';

import {
  classified,
  clickedAt,
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  requestOf,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';

const sale = conversionOf({
  eventId: 'evt_9101',
  orderId: 'ord_9001',
  person: { externalId: 'cust_42' },
  signals: { _ga: 'GA1.1.1111111111.1794992400', ga_session_id: '1795169000' },
  page: { url: 'https://shop.example.com/thanks' },
  consent: { ad_user_data: 'granted', ad_personalization: 'denied' },
  items: [{ id: 'sku-1', name: 'Mug', priceMinor: 4_999n, quantity: 1 }],
});

describe('a request to GA4', () => {
  it('has a purchase in the session that it belongs to', () => {
    expect(requestOf('ga4', [sale])).toEqual({
      method: 'POST',
      url: 'https://www.google-analytics.com/mp/collect?measurement_id=G-ABC123DEF4&api_secret=GA_SECRET',
      headers: {},
      body: {
        client_id: '1111111111.1794992400',
        user_id: 'cust_42',
        timestamp_micros: 1_795_169_730_000_000,
        consent: { ad_user_data: 'GRANTED', ad_personalization: 'DENIED' },
        events: [
          {
            name: 'purchase',
            params: {
              transaction_id: 'ord_9001',
              value: 49.99,
              currency: 'USD',
              session_id: '1795169000',
              engagement_time_msec: 1,
              page_location: 'https://shop.example.com/thanks',
              items: [{ item_id: 'sku-1', item_name: 'Mug', price: 49.99, quantity: 1 }],
            },
          },
        ],
      },
    });
  });

  it.each(['GS1.1.1795169000.3.1.1795169730.0.0.0', 'GS2.1.s1795169000$o3$g1$t1795169730'])(
    'finds its session in the cookie %s of the stream',
    (cookie) => {
      const visit = { ...sale, signals: { ...sale.signals } };
      delete (visit.signals as Record<string, unknown>)['ga_session_id'];
      const signals = { ...visit.signals, _ga_ABC123DEF4: { value: cookie, seenAt: clickedAt } };
      expect(requestOf('ga4', [{ ...visit, signals }]).body).toMatchObject({
        events: [{ params: { session_id: '1795169000' } }],
      });
    },
  );

  it('goes to Europe where the workspace says so', () => {
    expect(requestOf('ga4', [sale], { settings: { region: 'eu' } }).url).toMatch(
      /^https:\/\/region1\.google-analytics\.com\/mp\/collect\?/,
    );
  });

  it('has the hashed email and phone number only where the workspace says so', () => {
    const known = { ...sale, person: { email: 'abc@gmail.com' } };
    expect(requestOf('ga4', [known]).body).not.toHaveProperty('user_data');
    expect(requestOf('ga4', [known], { settings: { send_user_data: true } }).body).toMatchObject({
      user_data: {
        sha256_email_address: '48ddb93f0b30c475423fe177832912c5bcdce3cc72872f8051627967ef278e08',
      },
    });
  });

  it('is refused without the client id of a browser', () => {
    const nobody = conversionOf({ signals: { _ga: 'made-up' } });
    expect(connectorOf('ga4').build(nobody, contextOf('ga4'))).toMatchObject({
      code: 'payload_invalid',
    });
  });

  it('takes a purchase back by its transaction', async () => {
    await using platforms = await startWorkedPlatforms();
    const refund = {
      ...sale,
      eventId: 'evt_refund',
      type: 'refund' as const,
      refunded: {
        eventId: 'evt_9101',
        type: 'sale' as const,
        occurredAt: clickedAt,
        orderId: 'ord_9001',
      },
    };
    expect(await deliver(platforms, 'ga4', [refund])).toEqual([{ outcome: 'delivered' }]);
    expect(platforms.counted('ga4')).toMatchObject([
      {
        kind: 'adjustment',
        conversion: { events: [{ name: 'refund', params: { transaction_id: 'ord_9001' } }] },
      },
    ]);
  });
});

describe('the stand-in of GA4', () => {
  it('counts each purchase, one for each request', async () => {
    await using platforms = await startWorkedPlatforms();
    const other = { ...sale, eventId: 'evt_9102', orderId: 'ord_9002' };
    expect(await deliver(platforms, 'ga4', [sale, other, sale])).toEqual([
      { outcome: 'delivered' },
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('ga4')).toHaveLength(2);
  });

  it('says what is wrong in test mode, and counts nothing', async () => {
    await using platforms = await startWorkedPlatforms();
    const early = { ...sale, occurredAt: new Date('2026-11-01T00:00:00Z') };
    expect(await deliver(platforms, 'ga4', [sale, early], { test: true })).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'VALUE_INVALID' },
    ]);
    expect(platforms.counted('ga4')).toEqual([]);
  });

  it('is not asked again about a lead that it never answered', async () => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('ga4', 'silent-success', 'silent-success');
    const options = { timeoutMilliseconds: 100 };
    const lead = { ...sale, type: 'lead' as const };
    expect(await deliver(platforms, 'ga4', [lead], options)).toMatchObject([
      { outcome: 'rejected', code: 'unanswered' },
    ]);
    expect(await deliver(platforms, 'ga4', [sale], options)).toMatchObject([
      { outcome: 'retry', code: 'timeout' },
    ]);
  });
});

it('reads 204 of GA4 as delivered', () => {
  expect(classified('ga4', { status: 204 })).toEqual([{ outcome: 'delivered' }]);
});
