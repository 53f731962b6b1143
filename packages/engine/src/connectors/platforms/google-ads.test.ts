import { describe, expect, it } from 'vitest';

import {
  classified,
  clickedAt,
  conversionOf,
  deliver,
  mary,
  requestOf,
  startWorkedPlatforms,
  usd,
} from '../../../../../test/support/platforms/exercise.ts';

const sale = conversionOf({
  eventId: 'evt_2101',
  orderId: 'ord_9001',
  person: mary,
  signals: { gclid: 'Cj0KCQiA0eOPBhCGARIsAFIwTs4x', wbraid: 'ClwKCAjExampleWbraid' },
  consent: { ad_user_data: 'granted', ad_personalization: 'granted' },
});
const ads = { settings: { api: 'google_ads' } };
const email = 'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69';
const phone = '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8';

describe('a request to the Google Ads API', () => {
  it('has a sale with its click and its customer', () => {
    expect(requestOf('google', [sale], ads)).toEqual({
      method: 'POST',
      url: 'https://googleads.googleapis.com/v25/customers/1234567890:uploadClickConversions',
      headers: {
        authorization: 'Bearer GOOGLE_TOKEN',
        'developer-token': 'DEVTOKEN',
        'login-customer-id': '9876543210',
      },
      body: {
        conversions: [
          {
            conversionAction: 'customers/1234567890/conversionActions/987654321',
            conversionDateTime: '2026-11-20 10:15:30+00:00',
            gclid: 'Cj0KCQiA0eOPBhCGARIsAFIwTs4x',
            conversionValue: 49.99,
            currencyCode: 'USD',
            orderId: 'evt_2101',
            userIdentifiers: [{ hashedEmail: email }, { hashedPhoneNumber: phone }],
            consent: { adUserData: 'GRANTED', adPersonalization: 'GRANTED' },
          },
        ],
        partialFailure: true,
      },
    });
  });

  it('has one braid and nobody beside it', async () => {
    await using platforms = await startWorkedPlatforms();
    const both = conversionOf({ person: mary, signals: { gbraid: 'G', wbraid: 'W' } });
    const { body } = requestOf('google', [both], ads);
    expect(body).toMatchObject({ conversions: [{ wbraid: 'W' }] });
    expect(JSON.stringify(body)).not.toMatch(/gbraid|userIdentifiers/);
    expect(await deliver(platforms, 'google', [both], ads)).toEqual([{ outcome: 'delivered' }]);
  });

  it.each([
    [usd(0n), { adjustmentType: 'RETRACTION' }],
    [
      usd(3_000n),
      {
        adjustmentType: 'RESTATEMENT',
        restatementValue: { adjustedValue: 30, currencyCode: 'USD' },
      },
    ],
  ])('takes back a sale of which %o is left', async (remaining, adjustment) => {
    await using platforms = await startWorkedPlatforms();
    const refunded = {
      eventId: 'evt_2101',
      type: 'sale',
      occurredAt: clickedAt,
      remaining,
    } as const;
    const refund = conversionOf({ eventId: 'evt_r', type: 'refund', refunded });
    expect(await deliver(platforms, 'google', [refund], ads)).toEqual([{ outcome: 'delivered' }]);
    expect(platforms.counted('google_ads')).toMatchObject([
      { kind: 'adjustment', conversion: { ...adjustment, orderId: 'evt_2101' } },
    ]);
  });

  it('says what was bought where the workspace has a feed', async () => {
    await using platforms = await startWorkedPlatforms();
    const settings = {
      api: 'google_ads',
      merchant_id: '5551',
      feed_label: 'US',
      feed_language: 'en',
    };
    const bought = { ...sale, items: [{ id: 'sku-1', quantity: 2, priceMinor: 1_999n }] };
    expect(requestOf('google', [bought], { settings }).body).toMatchObject({
      conversions: [
        {
          cartData: {
            merchantId: '5551',
            feedCountryCode: 'US',
            feedLanguageCode: 'en',
            items: [{ productId: 'sku-1', quantity: 2, unitPrice: 19.99 }],
          },
        },
      ],
    });
    expect(await deliver(platforms, 'google', [bought], { settings })).toMatchObject([
      { outcome: 'delivered' },
    ]);
  });

  it('names repeats by the order where the workspace says so', () => {
    const settings = { api: 'google_ads', transaction_id: 'order_id' };
    expect(requestOf('google', [sale], { settings }).body).toMatchObject({
      conversions: [{ orderId: 'ord_9001' }],
    });
  });
});

describe('an answer of the Google Ads API', () => {
  const rowError = (code: Readonly<Record<string, string>>, index?: number) => ({
    errorCode: code,
    message: 'It failed.',
    location: {
      fieldPathElements: [
        { fieldName: 'conversions', ...(index !== undefined && { index }) },
        { fieldName: 'order_id' },
      ],
    },
  });
  const partial = (...errors: readonly unknown[]) => ({
    body: {
      partialFailureError: {
        code: 3,
        message: 'Partial failure',
        details: [
          {
            '@type': 'type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure',
            errors,
            requestId: 'f4J_sjHfhbgNieU4pkBOqg',
          },
        ],
      },
      results: [{}],
      jobId: '8531753573',
    },
  });
  const upload = (code: string, index?: number) => rowError({ conversionUploadError: code }, index);

  it('is success without a partial failure', () => {
    const body = { results: [{ gclid: 'g' }], jobId: '8531753573' };
    expect(classified('google', { body }, 1, ads)).toEqual([{ outcome: 'delivered' }]);
  });

  it.each([
    ['ORDER_ID_ALREADY_IN_USE', { outcome: 'delivered', duplicate: true }],
    ['CLICK_CONVERSION_ALREADY_EXISTS', { outcome: 'delivered', duplicate: true }],
    ['TOO_RECENT_EVENT', { outcome: 'retry', retryAfterSeconds: 21_600 }],
    ['TOO_RECENT_CONVERSION_ACTION', { outcome: 'retry', retryAfterSeconds: 21_600 }],
    ['CLICK_NOT_FOUND', { outcome: 'rejected', code: 'CLICK_NOT_FOUND' }],
    ['EXPIRED_EVENT', { outcome: 'rejected' }],
    ['NO_CONVERSION_ACTION_FOUND', { outcome: 'credentials' }],
    ['CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS', { outcome: 'credentials' }],
  ])('with the row error %s', (code, outcome) => {
    expect(classified('google', partial(upload(code, 0)), 1, ads)).toMatchObject([outcome]);
  });

  it('of a customer that is not allowlisted stops everything', () => {
    const error = rowError({
      notAllowlistedError: 'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE',
    });
    expect(classified('google', partial(error), 1, ads)).toMatchObject([
      { outcome: 'credentials', code: 'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE' },
    ]);
  });

  it('fails only the rows that it names, and the first where it names none', () => {
    const response = partial(upload('CLICK_NOT_FOUND'), upload('UNPARSEABLE_GCLID', 2));
    expect(classified('google', response, 3, ads)).toMatchObject([
      { outcome: 'rejected', code: 'CLICK_NOT_FOUND' },
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'UNPARSEABLE_GCLID' },
    ]);
  });

  it('that says of no row what was wrong delivers nothing: all go out again, in halves', () => {
    const body = { partialFailureError: { code: 3, message: 'At conversions[1]' }, results: [{}] };
    expect(classified('google', { body }, 2, ads)).toEqual([
      { outcome: 'resend' },
      { outcome: 'resend' },
    ]);
    expect(classified('google', { body }, 1, ads)).toMatchObject([
      { outcome: 'rejected', code: 'PARTIAL_FAILURE', message: 'At conversions[1]' },
    ]);
  });

  it('with HTTP 403 stops everything', () => {
    const body = {
      error: {
        code: 403,
        message: 'Request had insufficient authentication scopes',
        status: 'PERMISSION_DENIED',
      },
    };
    expect(classified('google', { status: 403, body }, 1, ads)).toMatchObject([
      { outcome: 'credentials', code: 'PERMISSION_DENIED' },
    ]);
  });

  it('with a quota says how long to wait', () => {
    const error = {
      errorCode: { quotaError: 'RESOURCE_TEMPORARILY_EXHAUSTED' },
      details: { quotaErrorDetails: { retryDelay: '45s' } },
    };
    const body = {
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ errors: [error] }] },
    };
    expect(classified('google', { status: 429, body }, 1, ads)).toMatchObject([
      {
        outcome: 'rate_limited',
        code: 'RESOURCE_TEMPORARILY_EXHAUSTED',
        retryAfterSeconds: 45,
      },
    ]);
  });
});
