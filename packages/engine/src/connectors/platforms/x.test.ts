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
import { oauth1Signature } from '../oauth1-signature.ts';
import { redactRequest } from '../redact-request.ts';

const sale = conversionOf({
  eventId: 'evt_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  signals: { twclid: '23opevjjt88psuo13lu8d020qkn' },
});

describe('a request to X', () => {
  it('has a sale with its tag and every identifier', () => {
    expect(requestOf('x', [sale])).toEqual({
      method: 'POST',
      url: 'https://ads-api.x.com/12/measurement/conversions/o8z6j',
      headers: { 'x-pixel-token': 'X_TOKEN' },
      body: {
        conversions: [
          {
            conversion_time: '2026-11-20T10:15:30.000Z',
            event_id: 'tw-o8z6j-o8z21',
            identifiers: [
              { twclid: '23opevjjt88psuo13lu8d020qkn' },
              {
                hashed_email: '5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8',
              },
              {
                hashed_phone_number:
                  '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
              },
              { ip_address: '203.0.113.45', user_agent: safari },
            ],
            conversion_id: 'evt_9001',
            value: '49.99',
            price_currency: 'USD',
          },
        ],
      },
    });
  });

  it('is signed with OAuth 1.0a where there is no pixel token', async () => {
    await using platforms = await startWorkedPlatforms();
    const credentials = {
      pixel_token: undefined,
      consumer_key: 'ck',
      consumer_secret: 'cs',
      oauth_token: 'ot',
      oauth_token_secret: 'os',
    };
    const request = requestOf('x', [sale], { credentials });
    expect(redactRequest(request, []).headers['authorization']).toContain(
      'oauth_signature="[secret]"',
    );
    expect(request.headers['authorization']).toMatch(
      /^OAuth oauth_consumer_key="ck", oauth_nonce="[0-9a-f]{32}", oauth_signature="[^"]+", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1795169760", oauth_token="ot", oauth_version="1.0"$/,
    );
    expect(await deliver(platforms, 'x', [sale], { credentials })).toEqual([
      { outcome: 'delivered' },
    ]);
  });

  it('is refused with neither', () => {
    expect(() => contextOf('x', { credentials: { pixel_token: undefined } })).toThrow(
      'credentials.pixel_token is required',
    );
  });

  it('is refused for an address and a browser alone', () => {
    const nobody = conversionOf({ device: sale.device });
    expect(connectorOf('x').build(nobody, contextOf('x'))).toMatchObject({
      code: 'payload_invalid',
    });
  });
});

/** https://datatracker.ietf.org/doc/html/rfc5849#section-1.2, its request for a photo. */
it('signs the example of RFC 5849', () => {
  const fields = {
    oauth_consumer_key: 'dpf43f3p2l4k3l03',
    oauth_token: 'nnch734d00sl2jdk',
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: '137131202',
    oauth_nonce: 'chapoH',
    file: 'vacation.jpg',
    size: 'original',
  };
  expect(
    oauth1Signature(
      { consumerSecret: 'kd94hf93k423kf44', tokenSecret: 'pfkkdhi9sl3r4s00' },
      { method: 'GET', url: 'http://photos.example.net/photos' },
      fields,
    ),
  ).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
});

describe('the stand-in of X', () => {
  it('counts the worked request, and finds the wrong conversion of a batch', async () => {
    await using platforms = await startWorkedPlatforms();
    const settings = { lead_event_tag_id: 'tw-other-tag' };
    const lead = { ...sale, eventId: 'evt_9002', type: 'lead' as const };
    const more = { ...sale, eventId: 'evt_9003' };
    expect(await deliver(platforms, 'x', [sale, lead, more], { settings })).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'INVALID_PARAMETER' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('x')).toHaveLength(2);
  });
});

describe('an answer of X', () => {
  const refusal = (message: string) => ({
    status: 400,
    body: { errors: [{ code: 'INVALID_PARAMETER', message }] },
  });

  it.each([
    'At least one user identifier must be provided',
    'Hashed_email is not a valid SHA-256 hash',
    'Event_id (tw-o8z6j-o8z21) is not a single event tag (SET)',
    'Conversion count limit is 500',
    'Event ID was not found',
  ])('that says "%s" rejects', (message) => {
    expect(classified('x', refusal(message))).toEqual([
      { outcome: 'rejected', code: 'INVALID_PARAMETER', message },
    ]);
  });

  it('of a limit says until when', () => {
    const response = {
      status: 429,
      headers: { 'x-rate-limit-reset': '1795170630', date: 'Fri, 20 Nov 2026 10:15:30 GMT' },
    };
    expect(classified('x', response)).toMatchObject([
      { outcome: 'rate_limited', retryAfterSeconds: 900 },
    ]);
  });

  it('for a pixel that is not there stops everything', () => {
    expect(classified('x', { status: 404 })).toMatchObject([{ outcome: 'credentials' }]);
  });
});
