import { describe, expect, it } from 'vitest';

import {
  classified,
  conversionOf,
  deliver,
  mary,
  requestOf,
  safari,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';

const sale = conversionOf({
  eventId: 'evt_6001',
  orderId: 'ord_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  signals: { epik: 'dj0yJnU9ZXhhbXBsZUVwaWs' },
  page: { url: 'https://shop.example.com/thanks' },
});

it('asks Pinterest to count a sale with everything that is known of its customer', () => {
  expect(requestOf('pinterest', [sale])).toEqual({
    method: 'POST',
    url: 'https://api.pinterest.com/v5/ad_accounts/549755885175/events',
    headers: { authorization: 'Bearer PIN_TOKEN' },
    body: {
      data: [
        {
          event_name: 'checkout',
          action_source: 'web',
          event_time: 1_795_169_730,
          event_id: 'evt_6001',
          event_source_url: 'https://shop.example.com/thanks',
          user_data: {
            em: ['5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8'],
            ph: ['e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176'],
            fn: ['6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec'],
            ln: ['03a6e0bd58e6195e25e2f15f5831864e152a4e100961c438edab4e8812815bd9'],
            ct: ['0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685'],
            st: ['6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126'],
            zp: ['b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7'],
            country: ['79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621'],
            external_id: ['2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b'],
            click_id: 'dj0yJnU9ZXhhbXBsZUVwaWs',
            client_ip_address: '203.0.113.45',
            client_user_agent: safari,
          },
          custom_data: { value: '49.99', currency: 'USD', order_id: 'ord_9001' },
        },
      ],
    },
  });
});

describe('the stand-in of Pinterest', () => {
  it('counts the good events of a batch that has bad ones', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-11-01T00:00:00Z') };
    expect(await deliver(platforms, 'pinterest', [old, sale])).toMatchObject([
      { outcome: 'rejected', code: 'failed', message: 'data[0].event_time is too old' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.requests('pinterest')).toHaveLength(1);
    expect(platforms.counted('pinterest')).toHaveLength(1);
  });

  it('checks an event of a test and counts nothing', async () => {
    await using platforms = await startWorkedPlatforms();
    expect(await deliver(platforms, 'pinterest', [sale], { test: true })).toEqual([
      { outcome: 'delivered' },
    ]);
    expect(platforms.requests('pinterest')[0]?.query.get('test')).toBe('true');
    expect(platforms.counted('pinterest')).toEqual([]);
  });
});

describe('an answer of Pinterest', () => {
  it.each([
    [
      'success',
      {
        body: {
          num_events_received: 1,
          num_events_processed: 1,
          events: [{ status: 'processed', error_message: null, warning_message: null }],
        },
      },
      { outcome: 'delivered' },
    ],
    [
      'a refusal of the token',
      { status: 401, body: { code: 2, message: 'Authentication failed.' } },
      { outcome: 'credentials' },
    ],
    ['a body that is malformed', { status: 400, body: { code: 1 } }, { outcome: 'rejected' }],
    [
      'too much, until a second of the epoch',
      {
        status: 429,
        headers: { 'x-ratelimit-reset': '1795169790', date: 'Fri, 20 Nov 2026 10:15:30 GMT' },
      },
      { outcome: 'rate_limited', retryAfterSeconds: 60 },
    ],
    ['an outage', { status: 503, body: '' }, { outcome: 'retry' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('pinterest', response)).toMatchObject([outcome]);
  });
});
