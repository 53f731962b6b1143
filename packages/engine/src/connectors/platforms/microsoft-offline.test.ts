import { describe, expect, it } from 'vitest';

import {
  classified,
  clickedAt,
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  requestOf,
  startWorkedPlatforms,
  usd,
} from '../../../../../test/support/platforms/exercise.ts';

const sale = conversionOf({
  eventId: 'evt_5003',
  person: { email: 'john@contoso.com', phone: '+1 425 555 1234' },
  signals: { msclkid: '1a2b3c4d5e6f7890abcdef1234567890' },
});

describe('a request for an offline conversion', () => {
  it('has its click, its goal and who it was', () => {
    expect(requestOf('microsoft_offline', [sale])).toEqual({
      method: 'POST',
      url: 'https://campaign.api.bingads.microsoft.com/CampaignManagement/v13/OfflineConversions/Apply',
      headers: {
        authorization: 'Bearer MS_OAUTH',
        developertoken: 'MSDEV',
        customerid: '111',
        customeraccountid: '222',
      },
      body: {
        OfflineConversions: [
          {
            MicrosoftClickId: '1a2b3c4d5e6f7890abcdef1234567890',
            ConversionName: 'Offline Sale',
            ConversionTime: '2026-11-20T10:15:30Z',
            ConversionValue: 49.99,
            ConversionCurrencyCode: 'USD',
            HashedEmailAddress: 'ec81f3ac7b2b19675bab9d54cf416f9f18cff87c97da5cca82c0f0891bc40602',
            HashedPhoneNumber: 'c59475d96e9f01d7d18d06cfad84dd02333207f02c0c2c5663ef2782cda0390e',
          },
        ],
      },
    });
  });

  it.each([
    [usd(0n), { AdjustmentType: 'Retract' }],
    [
      usd(1_000n),
      { AdjustmentType: 'Restate', AdjustmentValue: 10, AdjustmentCurrencyCode: 'USD' },
    ],
  ])('takes back a sale of which %o is left', async (remaining, adjustment) => {
    await using platforms = await startWorkedPlatforms();
    const refund = conversionOf({
      type: 'refund',
      signals: { msclkid: 'click' },
      refunded: { eventId: 'evt_5003', type: 'sale', occurredAt: clickedAt, remaining },
    });
    expect(await deliver(platforms, 'microsoft_offline', [refund])).toEqual([
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('microsoft_offline')).toMatchObject([
      {
        kind: 'adjustment',
        conversion: { ...adjustment, ConversionTime: '2026-11-18T09:00:00Z' },
      },
    ]);
  });
});

describe('an offline conversion', () => {
  it('without a click is not sent again when nobody answered', async () => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('microsoft_offline', 'close-after', 'close-after');
    const nameless = { ...sale, signals: {} };
    expect(await deliver(platforms, 'microsoft_offline', [nameless])).toMatchObject([
      { outcome: 'rejected', code: 'unanswered' },
    ]);
    expect(await deliver(platforms, 'microsoft_offline', [sale])).toMatchObject([
      { outcome: 'retry', code: 'closed' },
    ]);
  });

  it('is renewed access with the refresh token of an application', () => {
    const { oauth } = connectorOf('microsoft_offline');
    const credentials = { access_token: undefined, refresh_token: 'R', client_id: 'C' };
    const request = oauth!.request(contextOf('microsoft_offline', { credentials }));
    expect(request).toMatchObject({
      url: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
      body: expect.stringContaining('refresh_token=R&client_id=C'),
    });
    const body = { access_token: 'A', expires_in: 3_600, refresh_token: 'R2' };
    expect(oauth!.read({ status: 200, headers: {}, body })).toEqual({
      outcome: 'token',
      accessToken: 'A',
      expiresInSeconds: 3_600,
      refreshToken: 'R2',
    });
  });
});

describe('an answer for offline conversions', () => {
  it('with HTTP 200 has the rows that were rejected', () => {
    const body = {
      PartialErrors: [
        { Index: 0, Code: 0, ErrorCode: 'InvalidClick', Message: 'It is odd.' },
        null,
      ],
    };
    expect(classified('microsoft_offline', { body }, 2)).toEqual([
      { outcome: 'rejected', code: 'InvalidClick', message: 'It is odd.' },
      { outcome: 'delivered' },
    ]);
  });
});
