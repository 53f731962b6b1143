import { describe, expect, it } from 'vitest';

import {
  classified,
  conversionOf,
  deliver,
  mary,
  requestOf,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';
import { webhookHeaders } from '../standard-webhook.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sale = conversionOf({
  eventId: 'evt_1001',
  orderId: 'ord_9001',
  person: mary,
  signals: { gclid: 'G1' },
  page: { url: 'https://shop.example.com/thanks' },
});

describe('a signature of Standard Webhooks', () => {
  it.each([
    [
      'the library vector',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330,
      '{"test": 2432232314}',
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    ],
    [
      'a conversion',
      'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
      1_795_169_730,
      JSON.stringify({
        type: 'conversion.created',
        timestamp: '2026-11-20T10:15:30.000Z',
        data: { id: 'evt_1001', event_type: 'sale', amount_minor: 4_999, currency: 'USD' },
      }),
      'v1,6gNBSYdFb+Tlnh1/dD833q01AtRJqG9TzQo0hjEY/Bo=',
    ],
  ])('is that of %s', (_, id, seconds, body, signature) => {
    const message = { id, sentAt: new Date(seconds * 1_000), body };
    expect(webhookHeaders(message, [secret])).toEqual({
      'webhook-id': id,
      'webhook-timestamp': `${seconds}`,
      'webhook-signature': signature,
    });
  });

  it('is made with both secrets while they change', () => {
    const message = { id: 'msg_1', sentAt: new Date(0), body: '{}' };
    const signatures = webhookHeaders(message, [secret, 'whsec_bmV3']);
    expect(signatures['webhook-signature']?.split(' ')).toHaveLength(2);
  });
});

describe('a request to an endpoint', () => {
  it('has the conversion in minor units, and nobody in the clear', () => {
    const { url, headers, body } = requestOf('http', [sale]);
    expect(url).toBe('https://hooks.example.net/in');
    expect(headers).toMatchObject({ 'webhook-id': 'conversion_evt_1001' });
    expect(JSON.parse(body as string)).toEqual({
      type: 'conversion.created',
      timestamp: '2026-11-20T10:15:30.000Z',
      data: {
        id: 'evt_1001',
        event_type: 'sale',
        occurred_at: '2026-11-20T10:15:30.000Z',
        order_id: 'ord_9001',
        amount_minor: 4_999,
        amount: '49.99',
        currency: 'USD',
        person: {
          external_id: 'cust_42',
          email_sha256: '5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8',
          phone_sha256: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
        },
        page: { url: 'https://shop.example.com/thanks' },
        signals: { gclid: 'G1' },
      },
    });
  });

  it('is verified by the endpoint, and has one id however often it comes', async () => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('http', 'close-after');
    expect(await deliver(platforms, 'http', [sale])).toMatchObject([
      { outcome: 'retry', code: 'closed' },
    ]);
    expect(await deliver(platforms, 'http', [sale])).toEqual([{ outcome: 'delivered' }]);
    expect(platforms.counted('http').map(({ key }) => key)).toEqual(['conversion_evt_1001']);
    expect(platforms.arrivals('http')).toBe(2);
  });

  it('gives up on an endpoint that is not there until it is', async () => {
    await using platforms = await startWorkedPlatforms();
    const credentials = { url: 'https://nowhere.example/in' };
    expect(await deliver(platforms, 'http', [sale], { credentials })).toMatchObject([
      { outcome: 'retry', code: 'unreachable' },
    ]);
  });
});

describe('an answer of an endpoint', () => {
  it.each([
    ['success', { status: 200, body: 'ok' }, { outcome: 'delivered' }],
    ['410', { status: 410 }, { outcome: 'credentials', code: 'http_410' }],
    ['a redirect', { status: 302 }, { outcome: 'retry' }],
    [
      '503 until a date',
      {
        status: 503,
        headers: {
          'retry-after': 'Fri, 20 Nov 2026 10:17:30 GMT',
          date: 'Fri, 20 Nov 2026 10:15:30 GMT',
        },
      },
      { outcome: 'retry', retryAfterSeconds: 120 },
    ],
    ['422', { status: 422 }, { outcome: 'rejected', code: 'http_422' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('http', response)).toMatchObject([outcome]);
  });
});
