import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  classified,
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  mary,
  occurredAt,
  requestOf,
  safari,
  startWorkedPlatforms,
} from '../../../../../test/support/platforms/exercise.ts';
import type { Platforms } from '../../../../../test/support/platforms/stand-in.ts';
import { without } from '../../kernel/without.ts';
import { redactRequest } from '../redact-request.ts';

const sale = conversionOf({
  eventId: 'evt_1001',
  orderId: 'ord_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  page: {
    url: 'https://shop.example.com/thanks?order=9001',
    referrer: 'https://shop.example.com/checkout',
  },
  signals: {
    _fbp: 'fb.1.1794992401234.1098115397',
    fbclid: 'IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk',
  },
});

const signUp = conversionOf({
  eventId: 'evt_1003',
  type: 'registration',
  money: { amountMinor: 5_000n, currency: 'JPY' },
  person: {
    email: 'John.Smith+shop@Example.com',
    phone: '0044 20 7946 0958',
    countryCode: 'GB',
    externalId: 'CUST-77',
  },
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  page: { url: 'https://www.example.com/signup' },
});

let platforms: Platforms;
beforeAll(async () => {
  platforms = await startWorkedPlatforms();
});
afterAll(async () => {
  await platforms[Symbol.asyncDispose]();
});

describe('a request to Meta', () => {
  it('has a sale with everything that is known of its customer', () => {
    expect(requestOf('meta', [sale])).toEqual({
      method: 'POST',
      url: 'https://graph.facebook.com/v26.0/123456789012345/events',
      headers: { authorization: 'Bearer META_TOKEN' },
      body: {
        data: [
          {
            event_name: 'Purchase',
            event_time: 1_795_169_730,
            event_id: 'evt_1001',
            action_source: 'website',
            event_source_url: 'https://shop.example.com/thanks?order=9001',
            referrer_url: 'https://shop.example.com/checkout',
            user_data: {
              em: ['5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8'],
              ph: ['e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176'],
              fn: ['6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec'],
              ln: ['825e66cf3a9a1ab140083fc38941c75ce6e41b49991e839f15b071b53dad639b'],
              ct: ['0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685'],
              st: ['6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126'],
              zp: ['b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7'],
              country: ['79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621'],
              external_id: ['2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b'],
              client_ip_address: '203.0.113.45',
              client_user_agent: safari,
              fbp: 'fb.1.1794992401234.1098115397',
              fbc: 'fb.1.1794992400000.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk',
            },
            custom_data: { value: 49.99, currency: 'USD', order_id: 'ord_9001' },
          },
        ],
      },
    });
  });

  it('has a registration in yen, for the test events', () => {
    const settings = { test_event_code: 'TEST12345' };
    expect(requestOf('meta', [signUp], { settings, test: true }).body).toEqual({
      data: [
        {
          event_name: 'CompleteRegistration',
          event_time: 1_795_169_730,
          event_id: 'evt_1003',
          action_source: 'website',
          event_source_url: 'https://www.example.com/signup',
          user_data: {
            em: ['ce9a349e570d738e02bfa7da71fb826a63c955597700b6ef64d1071f36cfa3eb'],
            ph: ['35e206e5dec4c89b9e8b71b8c32724a5bb518483ac5a20c6617d738375b3b823'],
            country: ['0b407281768f0e833afef47ed464b6571d01ca4d53c12ce5c51d1462f4ad6677'],
            external_id: ['0e103e5e09e5d2d255fbbbd08e7deb4d3d96a7922bfeb479d0d76fafd25d4efc'],
            client_ip_address: '203.0.113.45',
            client_user_agent: safari,
          },
          custom_data: { value: 5_000, currency: 'JPY' },
        },
      ],
      test_event_code: 'TEST12345',
    });
  });

  it('says that a conversion without a page was made by a server', () => {
    const renewal = { ...sale, page: {}, device: {} };
    expect(requestOf('meta', [renewal]).body).toMatchObject({
      data: [{ action_source: 'system_generated' }],
    });
  });

  it('carries a proof of the app secret where one is stored', () => {
    const request = requestOf('meta', [sale], { credentials: { app_secret: 'APP_SECRET' } });
    expect(request.body).toMatchObject({
      appsecret_proof: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    // Whoever has the token could use it.
    expect(redactRequest(request, []).body).toMatchObject({ appsecret_proof: '[secret]' });
  });

  it('is refused for a purchase without an amount, and for a test without a code', () => {
    const free = without(sale, 'money');
    const meta = connectorOf('meta');
    expect(meta.build(free, contextOf('meta'))).toMatchObject({ code: 'payload_invalid' });
    expect(meta.build(sale, contextOf('meta', { test: true }))).toMatchObject({
      code: 'configuration_incomplete',
    });
  });
});

describe('the stand-in of Meta', () => {
  it('counts what the worked requests say, and a repeat once', async () => {
    expect(await deliver(platforms, 'meta', [sale, signUp, sale])).toEqual([
      { outcome: 'delivered' },
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('meta').map(({ key }) => key)).toEqual([
      'Purchase evt_1001',
      'CompleteRegistration evt_1003',
    ]);
    expect(platforms.arrivals('meta')).toBe(3);
  });

  it('refuses a whole batch for one old event, and is sent the others again', async () => {
    const fresh = Array.from({ length: 7 }, (_, index) => ({ ...sale, eventId: `evt_${index}` }));
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-11-01T00:00:00Z') };
    const outcomes = await deliver(platforms, 'meta', [
      ...fresh.slice(0, 5),
      old,
      ...fresh.slice(5),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 5 }, () => 'delivered'),
      'rejected',
      ...Array.from({ length: 2 }, () => 'delivered'),
    ]);
    expect(outcomes[5]).toMatchObject({ code: '100.2804003' });
  });

  it('stops everything for a wrong token, and for a pixel that is not there', async () => {
    const credentials = { access_token: 'EXPIRED' };
    expect(await deliver(platforms, 'meta', [sale], { credentials })).toMatchObject([
      { outcome: 'credentials', code: '190' },
    ]);
    const elsewhere = { pixel_id: '1' };
    expect(await deliver(platforms, 'meta', [sale], { credentials: elsewhere })).toMatchObject([
      { outcome: 'credentials', code: '100.33' },
    ]);
  });
});

describe('an answer of Meta', () => {
  const graphError = (status: number, error: Readonly<Record<string, unknown>>) => ({
    status,
    body: { error: { type: 'OAuthException', fbtrace_id: 'x', ...error } },
  });

  it.each([
    [
      'success',
      { status: 200, body: { events_received: 1, messages: [], fbtrace_id: 'AbC' } },
      { outcome: 'delivered' },
    ],
    [
      'an undecryptable token with HTTP 500',
      graphError(500, { message: 'The access token could not be decrypted', code: 190 }),
      { outcome: 'credentials', code: '190' },
    ],
    [
      'the limit of the app with HTTP 400',
      graphError(400, {
        message: 'Application request limit reached',
        code: 4,
        is_transient: true,
      }),
      { outcome: 'rate_limited', code: '4' },
    ],
    [
      'an event that is too old',
      graphError(400, {
        message: 'Invalid parameter',
        code: 100,
        error_subcode: 2_804_003,
        is_transient: false,
        error_user_title: 'Event Timestamp Too Old',
        error_user_msg: 'within 7 days',
      }),
      { outcome: 'rejected', code: '100.2804003', message: 'within 7 days' },
    ],
    [
      'an object that does not exist',
      graphError(400, {
        message: "Unsupported post request. Object with ID '1' does not exist",
        type: 'GraphMethodException',
        code: 100,
        error_subcode: 33,
      }),
      { outcome: 'credentials', code: '100.33' },
    ],
    [
      'an unknown error',
      graphError(500, { message: 'An unknown error occurred', code: 1 }),
      { outcome: 'retry', code: '1' },
    ],
    [
      'a page of HTML',
      { status: 502, body: '<!DOCTYPE html><html><body>Sorry</body></html>' },
      { outcome: 'retry', code: 'http_502' },
    ],
    ['a missing permission', graphError(403, { code: 200 }), { outcome: 'credentials' }],
    ['a dataset that is not ready', graphError(400, { code: 21_009 }), { outcome: 'retry' }],
    ['an unknown code', graphError(400, { code: 987 }), { outcome: 'retry' }],
    ['a success page of a proxy', { status: 200, body: '<html></html>' }, { outcome: 'retry' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('meta', response)).toMatchObject([outcome]);
  });

  it('says in its header after how many minutes a business may call again', () => {
    const usage = '{"1":[{"type":"ads_management","estimated_time_to_regain_access":19}]}';
    const response = {
      ...graphError(400, { code: 80_004 }),
      headers: { 'x-business-use-case-usage': usage },
    };
    expect(classified('meta', response)).toMatchObject([
      { outcome: 'rate_limited', retryAfterSeconds: 19 * 60 },
    ]);
  });

  it('that names no row of a batch sends all of them again', () => {
    const response = graphError(400, { code: 100, error_subcode: 2_804_007 });
    expect(classified('meta', response, 2)).toEqual([{ outcome: 'resend' }, { outcome: 'resend' }]);
  });
});

it('dates a click by when it was clicked, not by when it is sent', () => {
  const { body } = requestOf('meta', [{ ...sale, occurredAt }]);
  expect(JSON.stringify(body)).toContain('"fb.1.1794992400000.IwAR2F4-');
  expect(JSON.stringify(body)).not.toContain('"fbclid"');
});
