import { describe, expect, it } from 'vitest';

import {
  classified,
  conversionOf,
  deliver,
  requestOf,
  safari,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';

const sale = conversionOf({
  eventId: 'evt_8001',
  person: {
    email: 'Al.ice+Apple@Example.Com',
    phone: '+1 (650) 555-1212',
    externalId: 'cust_42',
  },
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  signals: {
    rdt_cid: '1234567890123456789',
    _rdt_uuid: '1794992400000.3f0e8e5c-4444-5555-6666-abcdefabcdef',
  },
  page: { url: 'https://shop.example.com/thanks' },
  items: [{ id: 'sku-1', name: 'Mug', category: 'Home', quantity: 1 }],
});

describe('a request to Reddit', () => {
  it('has a sale, and says who is calling', () => {
    const settings = { user_agent: 'growth-engine/1.0 (+https://example.com)' };
    expect(requestOf('reddit', [sale], { settings })).toEqual({
      method: 'POST',
      url: 'https://ads-api.reddit.com/api/v3/pixels/a2_abc123/conversion_events',
      headers: {
        authorization: 'Bearer RDT_TOKEN',
        'user-agent': 'growth-engine/1.0 (+https://example.com)',
      },
      body: {
        data: {
          events: [
            {
              event_at: 1_795_169_730_000,
              action_source: 'WEBSITE',
              type: { tracking_type: 'PURCHASE' },
              event_source_url: 'https://shop.example.com/thanks',
              click_id: '1234567890123456789',
              user: {
                email: 'ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976',
                phone_number: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
                external_id: '2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b',
                ip_address: '203.0.113.45',
                user_agent: safari,
                uuid: '3f0e8e5c-4444-5555-6666-abcdefabcdef',
              },
              metadata: {
                conversion_id: 'evt_8001',
                value: 49.99,
                currency: 'USD',
                item_count: 1,
                products: [{ id: 'sku-1', name: 'Mug', category: 'Home' }],
              },
            },
          ],
        },
      },
    });
  });

  it('sends a name of one’s own as a custom event', () => {
    const settings = { lead_event: 'Demo booked' };
    const lead = { ...sale, type: 'lead' as const };
    expect(requestOf('reddit', [lead], { settings }).body).toMatchObject({
      data: {
        events: [{ type: { tracking_type: 'CUSTOM', custom_event_name: 'Demo booked' } }],
      },
    });
  });
});

describe('the stand-in of Reddit', () => {
  it('counts the worked request, and finds the wrong event of a batch', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-11-01T00:00:00Z') };
    const other = { ...sale, eventId: 'evt_8002' };
    expect(await deliver(platforms, 'reddit', [sale, old, other])).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('reddit').map(({ key }) => key)).toEqual(['evt_8001', 'evt_8002']);
  });

  it('takes the events of a test one at a time', async () => {
    await using platforms = await startWorkedPlatforms();
    const test = { settings: { test_id: 't2_test' }, test: true };
    const both = [sale, { ...sale, eventId: 'evt_8002' }];
    expect(await deliver(platforms, 'reddit', both, test)).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('reddit')).toEqual([]);
  });
});

describe('an answer of Reddit', () => {
  it.each([
    [
      'success',
      { body: { data: { message: 'Successfully processed 1 conversion events.' } } },
      { outcome: 'delivered' },
    ],
    [
      'too much',
      {
        status: 429,
        headers: { 'retry-after': '5' },
        body: { error: { code: 429, message: 'Too Many Requests' } },
      },
      { outcome: 'rate_limited', retryAfterSeconds: 5, message: 'Too Many Requests' },
    ],
    [
      'a wrong token, as text',
      { status: 401, body: 'Authorization Required' },
      { outcome: 'credentials' },
    ],
    ['a wrong event', { status: 400, body: {} }, { outcome: 'rejected' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('reddit', response)).toMatchObject([outcome]);
  });
});
