import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import {
  classified,
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  mary,
  requestOf,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';
import { googleServiceAccount } from '../../../../../test/support/platforms/google-oauth.ts';
import { refreshAccessToken } from '../refresh-access-token.ts';

const sale = conversionOf({
  eventId: 'evt_2001',
  orderId: 'ord_9001',
  person: mary,
  signals: { gclid: 'Cj0KCQiA0eOPBhCGARIsAFIwTs4x', gbraid: '0AAAAAExampleGbraid' },
  consent: { ad_user_data: 'granted', ad_personalization: 'denied' },
});
const email = 'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69';
const phone = '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8';

describe('a request to the Data Manager API', () => {
  it('has a sale with its click, its customer and their consent', () => {
    expect(requestOf('google', [sale])).toEqual({
      method: 'POST',
      url: 'https://datamanager.googleapis.com/v1/events:ingest',
      headers: { authorization: 'Bearer GOOGLE_TOKEN' },
      body: {
        destinations: [
          {
            operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
            loginAccount: { accountType: 'GOOGLE_ADS', accountId: '9876543210' },
            productDestinationId: '987654321',
          },
        ],
        encoding: 'HEX',
        events: [
          {
            transactionId: 'evt_2001',
            eventTimestamp: '2026-11-20T10:15:30Z',
            eventSource: 'WEB',
            adIdentifiers: { gclid: 'Cj0KCQiA0eOPBhCGARIsAFIwTs4x' },
            userData: { userIdentifiers: [{ emailAddress: email }, { phoneNumber: phone }] },
            consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_DENIED' },
            currency: 'USD',
            conversionValue: 49.99,
          },
        ],
      },
    });
  });

  it('has the address where neither email nor phone number is known', () => {
    const person = { ...mary, email: undefined!, phone: undefined!, firstName: 'Mrs. Mary' };
    const { body } = requestOf('google', [{ ...sale, person }]);
    expect(body).toMatchObject({
      events: [
        {
          userData: {
            userIdentifiers: [
              {
                address: {
                  givenName: '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
                  regionCode: 'US',
                  postalCode: '94025-1234',
                },
              },
            ],
          },
        },
      ],
    });
  });

  it('says nothing of a consent that nobody was asked for', () => {
    expect(JSON.stringify(requestOf('google', [{ ...sale, consent: {} }]).body)).not.toContain(
      'consent',
    );
  });

  it('has only conversions of one action, by their type', async () => {
    await using platforms = await startWorkedPlatforms();
    const settings = { lead_conversion_action_id: '981' };
    const lead = { ...sale, eventId: 'evt_lead', type: 'lead' as const };
    expect(await deliver(platforms, 'google', [sale, lead], { settings })).toMatchObject([
      { outcome: 'delivered', reference: '126365e1-16d0-4c81-9de9-f362711e250a' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('google_data_manager').map(({ key }) => key)).toEqual([
      '987654321 evt_2001',
      '981 evt_lead',
    ]);
  });

  it('is checked and not counted in test mode', async () => {
    await using platforms = await startWorkedPlatforms();
    expect(await deliver(platforms, 'google', [sale], { test: true })).toMatchObject([
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('google_data_manager')).toEqual([]);
  });

  it('says what was bought where the workspace has a feed', async () => {
    const settings = { merchant_id: '5551', feed_label: 'US', feed_language: 'en' };
    const items = [
      { id: 'sku-1', quantity: 2, priceMinor: 1_999n },
      { id: 'sku-2' },
      { id: 'by-weight', quantity: 0.5, priceMinor: 1_001n },
    ];
    const bought = { ...sale, items };
    expect(requestOf('google', [bought], { settings }).body).toMatchObject({
      events: [
        {
          cartData: {
            merchantId: '5551',
            merchantFeedLabel: 'US',
            merchantFeedLanguageCode: 'en',
            items: [
              { merchantProductId: 'sku-1', quantity: '2', unitPrice: 19.99 },
              { merchantProductId: 'sku-2', quantity: '1' },
            ],
          },
        },
      ],
    });
    expect(JSON.stringify(requestOf('google', [bought]).body)).not.toContain('cartData');
    await using platforms = await startWorkedPlatforms();
    expect(await deliver(platforms, 'google', [bought], { settings })).toMatchObject([
      { outcome: 'delivered' },
    ]);
  });

  it('goes out again without the rows that were wrong', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-01-01T00:00:00Z') };
    const outcomes = await deliver(platforms, 'google', [old, sale]);
    expect(outcomes).toMatchObject([
      { outcome: 'rejected', code: 'EVENT_TIME_INVALID' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.requests('google_data_manager')).toHaveLength(2);
  });

  it('stops everything where the conversion action is not there', async () => {
    await using platforms = await startWorkedPlatforms();
    const credentials = { conversion_action_id: '5' };
    expect(await deliver(platforms, 'google', [sale], { credentials })).toMatchObject([
      { outcome: 'credentials', code: 'INVALID_CONVERSION_ACTION_ID' },
    ]);
  });
});

describe('an answer of the Data Manager API', () => {
  const failure = (code: number, status: string, details: readonly unknown[] = []) => ({
    status: code,
    body: { error: { code, status, message: 'There was a problem.', details } },
  });

  it('that names a row with a bad hash rejects that one and sends the other again', () => {
    const details = [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'INVALID_ARGUMENT',
        domain: 'datamanager.googleapis.com',
      },
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [
          {
            field: 'events.events[1].user_data.user_identifiers[0].email_address',
            description: 'The SHA256 encoded value is malformed.',
            reason: 'INVALID_SHA256_FORMAT',
          },
        ],
      },
    ];
    expect(classified('google', failure(400, 'INVALID_ARGUMENT', details), 2)).toMatchObject([
      { outcome: 'resend' },
      { outcome: 'rejected', code: 'INVALID_SHA256_FORMAT' },
    ]);
  });

  it('of 401 asks for a new access token', () => {
    expect(classified('google', failure(401, 'UNAUTHENTICATED'))).toMatchObject([
      { outcome: 'credentials', expired: true, code: 'UNAUTHENTICATED' },
    ]);
  });

  it('of 429 waits as long as it says', () => {
    const response = { ...failure(429, 'RESOURCE_EXHAUSTED'), headers: { 'retry-after': '30' } };
    expect(classified('google', response)).toMatchObject([
      { outcome: 'rate_limited', retryAfterSeconds: 30, code: 'RESOURCE_EXHAUSTED' },
    ]);
  });

  it.each([
    [403, 'PERMISSION_DENIED', 'credentials'],
    [404, 'NOT_FOUND', 'credentials'],
    [500, 'INTERNAL', 'retry'],
    [503, 'UNAVAILABLE', 'retry'],
    [504, 'DEADLINE_EXCEEDED', 'retry'],
  ])('of %s is read by its status %s', (code, status, outcome) => {
    expect(classified('google', failure(code, status))).toMatchObject([{ outcome }]);
  });

  it('is followed up by a diagnosis of the request', () => {
    const { followUp } = connectorOf('google');
    const request = followUp!.request('126365e1', contextOf('google'));
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://datamanager.googleapis.com/v1/requestStatus:retrieve?requestId=126365e1',
    });
    const body = {
      requestStatusPerDestination: [
        {
          destination: { productDestinationId: '987654321' },
          requestStatus: 'PARTIAL_SUCCESS',
          errorInfo: {
            errorCounts: [{ recordCount: '1', reason: 'PROCESSING_ERROR_REASON_INVALID_GCLID' }],
          },
          eventsIngestionStatus: { recordCount: '2' },
        },
      ],
    };
    expect(followUp!.read({ status: 200, headers: {}, body })).toEqual({
      diagnosis: 'processed',
      received: 2,
      problems: [{ code: 'PROCESSING_ERROR_REASON_INVALID_GCLID', conversions: 1 }],
    });
    const waiting = { requestStatusPerDestination: [{ requestStatus: 'PROCESSING' }] };
    expect(followUp!.read({ status: 200, headers: {}, body: waiting })).toEqual({
      diagnosis: 'processing',
    });
  });
});

describe('access to Google', () => {
  const oauth = {
    access_token: undefined,
    refresh_token: 'REFRESH',
    client_id: 'CLIENT',
    client_secret: 'CLIENT_SECRET',
  };

  it('is renewed with the refresh token', async () => {
    await using platforms = await startWorkedPlatforms();
    const google = connectorOf('google');
    const context = contextOf('google', { credentials: oauth });
    expect(await refreshAccessToken(google, context, platforms)).toEqual({
      outcome: 'token',
      accessToken: 'GOOGLE_TOKEN',
      expiresInSeconds: 3_599,
    });
    const revoked = contextOf('google', { credentials: { ...oauth, refresh_token: 'OLD' } });
    expect(await refreshAccessToken(google, revoked, platforms)).toMatchObject({
      outcome: 'credentials',
      code: 'invalid_grant',
    });
  });

  it('is given to a service account for what its key has signed, by Google alone', async () => {
    await using platforms = await startWorkedPlatforms();
    const google = connectorOf('google');
    const { file } = googleServiceAccount();
    const credentials = { access_token: undefined, service_account: file };
    for (const api of ['data_manager', 'google_ads']) {
      const context = contextOf('google', { credentials, settings: { api } });
      expect(await refreshAccessToken(google, context, platforms)).toMatchObject({
        outcome: 'token',
        accessToken: 'GOOGLE_TOKEN',
      });
    }
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const other = JSON.stringify({ ...(JSON.parse(file) as object), private_key });
    const unknown = contextOf('google', {
      credentials: { ...credentials, service_account: other },
    });
    expect(await refreshAccessToken(google, unknown, platforms)).toMatchObject({
      outcome: 'credentials',
      code: 'invalid_grant',
    });
    for (const wrong of ['{}', 'no JSON', '{"client_email":"a@b","private_key":"none"}'])
      expect(() =>
        contextOf('google', { credentials: { ...credentials, service_account: wrong } }),
      ).toThrow('credentials.service_account must be the JSON of a key file');
  });

  it('needs no renewal with a token alone, and is refused with neither', async () => {
    await using platforms = await startWorkedPlatforms();
    const google = connectorOf('google');
    expect(await refreshAccessToken(google, contextOf('google'), platforms)).toBeUndefined();
    expect(() => contextOf('google', { credentials: { access_token: undefined } })).toThrow(
      'credentials.access_token is required',
    );
  });
});
