import { describe, expect, it } from 'vitest';

import {
  classified,
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  mary,
  requestOf,
  safari,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';
import { judgeConversion } from '../eligibility.ts';

const sale = conversionOf({
  eventId: 'evt_4001',
  orderId: 'ord_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari, locale: 'en-US' },
  signals: { ttclid: 'E.C.P.CrEBexampleTtclid', _ttp: '2abcDEFghiJKLmnoPQRstuVWX' },
  page: {
    url: 'https://shop.example.com/thanks?order=9001',
    referrer: 'https://shop.example.com/checkout',
  },
  items: [{ id: 'sku-1', name: 'Mug', priceMinor: 4_999n, quantity: 1 }],
});

describe('a request to TikTok', () => {
  it('has a sale with everything that is known of its customer', () => {
    expect(requestOf('tiktok', [sale])).toEqual({
      method: 'POST',
      url: 'https://business-api.tiktok.com/open_api/v1.3/event/track/',
      headers: { 'access-token': 'TT_TOKEN' },
      body: {
        event_source: 'web',
        event_source_id: 'C4A1B2C3D4E5F6G7H8I9',
        data: [
          {
            event: 'Purchase',
            event_time: 1_795_169_730,
            event_id: 'evt_4001',
            user: {
              email: '5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8',
              phone: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
              external_id: '2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b',
              first_name: '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
              last_name: '825e66cf3a9a1ab140083fc38941c75ce6e41b49991e839f15b071b53dad639b',
              city: 'menlopark',
              state: 'ca',
              country: 'us',
              zip_code: 'b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7',
              ttclid: 'E.C.P.CrEBexampleTtclid',
              ttp: '2abcDEFghiJKLmnoPQRstuVWX',
              ip: '203.0.113.45',
              user_agent: safari,
              locale: 'en-US',
            },
            page: {
              url: 'https://shop.example.com/thanks?order=9001',
              referrer: 'https://shop.example.com/checkout',
            },
            properties: {
              value: 49.99,
              currency: 'USD',
              order_id: 'ord_9001',
              content_type: 'product',
              contents: [{ content_id: 'sku-1', content_name: 'Mug', price: 49.99, quantity: 1 }],
            },
          },
        ],
      },
    });
  });

  it('carries the names that the pixel uses, where a workspace says them', () => {
    const settings = { sale_event: 'CompletePayment' };
    expect(requestOf('tiktok', [sale], { settings }).body).toMatchObject({
      data: [{ event: 'CompletePayment' }],
    });
  });

  it('needs the page that it happened on', () => {
    const configuration = contextOf('tiktok');
    const now = sale.occurredAt;
    expect(
      judgeConversion(connectorOf('tiktok'), { ...sale, page: {} }, { now, configuration }),
    ).toMatchObject({ code: 'signals_missing', message: 'needs page_url' });
  });
});

describe('the stand-in of TikTok', () => {
  it('counts the worked request once, and nothing of a test', async () => {
    await using platforms = await startWorkedPlatforms();
    const test = { settings: { test_event_code: 'TEST1' }, test: true };
    expect(await deliver(platforms, 'tiktok', [sale, sale])).toEqual([
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ]);
    expect(await deliver(platforms, 'tiktok', [sale], test)).toEqual([{ outcome: 'delivered' }]);
    expect(platforms.counted('tiktok')).toHaveLength(1);
    expect(platforms.arrivals('tiktok')).toBe(2);
  });

  it('names the row that is wrong with HTTP 200, and is sent the others again', async () => {
    await using platforms = await startWorkedPlatforms();
    const lost = { ...sale, eventId: 'evt_lost', page: { url: 'nowhere' } };
    expect(await deliver(platforms, 'tiktok', [sale, lost])).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: '40002' },
    ]);
  });

  it('stops everything for a wrong token or pixel', async () => {
    await using platforms = await startWorkedPlatforms();
    for (const credentials of [{ access_token: 'OLD' }, { pixel_code: 'OTHER' }])
      expect(await deliver(platforms, 'tiktok', [sale], { credentials })).toMatchObject([
        { outcome: 'credentials' },
      ]);
  });
});

describe('an answer of TikTok', () => {
  it.each([
    ['success', 0, 'OK', { outcome: 'delivered' }],
    ['success with a warning', 0, 'some fields', { outcome: 'delivered', warning: 'some fields' }],
    ['a partial success', 20_001, 'OK', { outcome: 'delivered' }],
    [
      'no permission',
      40_001,
      'No permission to operate pixel code: BU35TSQHT2A1QT375OMG. You must be an admin or operator of this advertiser account.',
      { outcome: 'credentials', code: '40001' },
    ],
    [
      'too many requests',
      40_100,
      'Too many requests. Please retry in some time.',
      { outcome: 'rate_limited' },
    ],
    ['a wrong token', 40_105, 'Access token is incorrect', { outcome: 'credentials' }],
    ['a quota', 51_021, 'Too many requests', { outcome: 'rate_limited' }],
    ['a parameter error', 40_002, 'data.0.event: is required', { outcome: 'rejected' }],
    ['a system error', 50_000, 'System error', { outcome: 'retry' }],
  ])('with HTTP 200 that is %s', (_, code, message, outcome) => {
    const body = { code, message, request_id: 'r', data: {} };
    expect(classified('tiktok', { status: 200, body })).toMatchObject([outcome]);
  });

  it('that is no JSON is an outage', () => {
    expect(classified('tiktok', { status: 200, body: '<html></html>' })).toMatchObject([
      { outcome: 'retry' },
    ]);
  });
});
