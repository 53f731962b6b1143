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

const sale = conversionOf({
  eventId: 'evt_5001',
  orderId: 'ord_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari, anonymousId: 'anon-7f3' },
  signals: { msclkid: '1a2b3c4d5e6f7890abcdef1234567890' },
  page: { url: 'https://shop.example.com/thanks' },
  consent: { ads: 'granted' },
});

describe('a request to Microsoft', () => {
  it('has a sale with everything that is known of its customer', () => {
    expect(requestOf('microsoft', [sale])).toEqual({
      method: 'POST',
      url: 'https://capi.uet.microsoft.com/v1/97267979/events',
      headers: { authorization: 'Bearer MS_TOKEN' },
      body: {
        data: [
          {
            eventType: 'custom',
            eventName: 'purchase',
            eventId: 'evt_5001',
            eventTime: 1_795_169_730,
            eventSourceUrl: 'https://shop.example.com/thanks',
            adStorageConsent: 'G',
            userData: {
              em: 'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69',
              ph: '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
              externalId: 'cust_42',
              anonymousId: 'anon-7f3',
              msclkid: '1a2b3c4d5e6f7890abcdef1234567890',
              clientIpAddress: '203.0.113.45',
              clientUserAgent: safari,
            },
            customData: {
              value: 49.99,
              currency: 'USD',
              transactionId: 'ord_9001',
              pageType: 'purchase',
              ecommTotalValue: 49.99,
            },
          },
        ],
      },
    });
  });

  it('says nothing of a consent that nobody gave', () => {
    expect(requestOf('microsoft', [{ ...sale, consent: {} }]).body).not.toHaveProperty(
      'data.0.adStorageConsent',
    );
  });

  it('is refused where no value has a form that Microsoft takes', () => {
    const nobody = conversionOf({ person: { email: 'not an address' } });
    expect(connectorOf('microsoft').build(nobody, contextOf('microsoft'))).toMatchObject({
      code: 'payload_invalid',
    });
  });
});

describe('the stand-in of Microsoft', () => {
  it('counts the worked request, and names the rows that are wrong', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-11-01T00:00:00Z') };
    expect(await deliver(platforms, 'microsoft', [old, sale])).toMatchObject([
      { outcome: 'rejected', code: 'ValidationError', message: 'data[0].eventTime: is too old' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('microsoft').map(({ key }) => key)).toEqual(['purchase evt_5001']);
  });
});

describe('an answer of Microsoft', () => {
  it.each([
    ['success', { body: { eventsReceived: 1, traceId: 't' } }, { outcome: 'delivered' }],
    [
      'success with a field that was dropped',
      {
        body: { eventsReceived: 1, error: { details: [{ index: 0, errorMessage: 'em is odd' }] } },
      },
      { outcome: 'delivered', warning: 'em is odd' },
    ],
    [
      'no authorization',
      {
        status: 401,
        body: {
          error: {
            code: 'Unauthorized',
            message: 'You are not authorized to access this resource.',
          },
          traceId: 't',
        },
      },
      { outcome: 'credentials' },
    ],
    ['too much', { status: 429 }, { outcome: 'rate_limited' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('microsoft', response)).toMatchObject([outcome]);
  });
});
