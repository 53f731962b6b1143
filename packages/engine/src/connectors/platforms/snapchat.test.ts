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
import { redactRequest, secretsOf } from '../redact-request.ts';

const sale = conversionOf({
  eventId: 'evt_7001',
  orderId: 'ord_9001',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  signals: {
    ScCid: 'b5c2e1a0-aaaa-bbbb-cccc-1234567890ab',
    _scid: '3f0e8e5c-dddd-eeee-ffff-abcdefabcdef',
  },
  page: { url: 'https://shop.example.com/thanks' },
});
const events = 'https://tr.snapchat.com/v3/0b1c2d3e-1111-2222-3333-444455556666/events';

describe('a request to Snapchat', () => {
  it('has a sale with everything that is known of its customer', () => {
    expect(requestOf('snapchat', [sale])).toEqual({
      method: 'POST',
      url: `${events}?access_token=SNAP_TOKEN`,
      headers: {},
      body: {
        data: [
          {
            event_name: 'PURCHASE',
            action_source: 'website',
            event_time: 1_795_169_730,
            event_id: 'evt_7001',
            event_source_url: 'https://shop.example.com/thanks',
            user_data: {
              em: ['5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8'],
              ph: ['e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176'],
              fn: '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
              ln: '03a6e0bd58e6195e25e2f15f5831864e152a4e100961c438edab4e8812815bd9',
              ct: '0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685',
              st: '6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126',
              zp: 'e78b2a787abb2ffbd13721c22b603e3b5542a72f7200871e62e6b2e7cb567cca',
              country: '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621',
              external_id: ['2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b'],
              client_ip_address: '203.0.113.45',
              client_user_agent: safari,
              sc_click_id: 'b5c2e1a0-aaaa-bbbb-cccc-1234567890ab',
              sc_cookie1: '3f0e8e5c-dddd-eeee-ffff-abcdefabcdef',
            },
            custom_data: { value: 49.99, currency: 'USD', order_id: 'ord_9001' },
          },
        ],
      },
    });
  });

  it('is logged without the token in its address', () => {
    const secrets = secretsOf(connectorOf('snapchat'), contextOf('snapchat'));
    expect(redactRequest(requestOf('snapchat', [sale]), secrets).url).toBe(
      `${events}?access_token=[secret]`,
    );
  });
});

describe('the stand-in of Snapchat', () => {
  it('counts the worked request, and finds the wrong event of a batch', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...sale, eventId: 'evt_old', occurredAt: new Date('2026-11-01T00:00:00Z') };
    expect(await deliver(platforms, 'snapchat', [sale, old])).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'INVALID' },
    ]);
    expect(await deliver(platforms, 'snapchat', [sale], { test: true })).toMatchObject([
      { outcome: 'delivered' },
    ]);
    expect(platforms.arrivals('snapchat')).toBe(1);
  });
});

describe('an answer of Snapchat', () => {
  it.each([
    ['success', { body: { status: 'OK' } }, { outcome: 'delivered' }],
    [
      'a refusal with HTTP 200',
      { body: { status: 'INVALID', reason: 'event_time' } },
      { outcome: 'rejected', code: 'INVALID', message: 'event_time' },
    ],
    ['a wrong token', { status: 403, body: { status: 'ERROR' } }, { outcome: 'credentials' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('snapchat', response)).toMatchObject([outcome]);
  });
});
