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

const single = conversionOf({
  eventId: 'evt_3001',
  person: mary,
  device: { ipAddress: '2001:db8::1', userAgent: safari },
  signals: { li_fat_id: 'df5gf5-gh6t7-ph4j7h-fgf6n1' },
});
const byEmail = conversionOf({
  eventId: 'evt_3003',
  money: { amountMinor: 5_000n, currency: 'JPY' },
  person: { email: ' aBc@gmail.com ' },
});
const byName = conversionOf({
  eventId: 'evt_3004',
  money: { amountMinor: 1_000n, currency: 'EUR' },
  person: {
    firstName: 'Mike',
    lastName: 'Smith',
    company: 'Microsoft',
    title: 'Software Engineer',
  },
  device: { ipAddress: '203.0.113.45' },
});

const headers = {
  authorization: 'Bearer LI_TOKEN',
  'linkedin-version': '202610',
  'x-restli-protocol-version': '2.0.0',
};

describe('a request to LinkedIn', () => {
  it('is the bare event where there is one', () => {
    expect(requestOf('linkedin', [single])).toEqual({
      method: 'POST',
      url: 'https://api.linkedin.com/rest/conversionEvents',
      headers,
      body: {
        conversion: 'urn:lla:llaPartnerConversion:104012',
        conversionHappenedAt: 1_795_169_730_000,
        conversionValue: { currencyCode: 'USD', amount: '49.99' },
        eventId: 'evt_3001',
        user: {
          userIds: [
            {
              idType: 'SHA256_EMAIL',
              idValue: '5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8',
            },
            {
              idType: 'LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID',
              idValue: 'df5gf5-gh6t7-ph4j7h-fgf6n1',
            },
          ],
          userInfo: { firstName: 'Mary', lastName: "O'Neil-Smith", countryCode: 'US' },
          externalIds: ['cust_42'],
        },
      },
    });
  });

  it('is a batch with its header where there are several', () => {
    expect(requestOf('linkedin', [byEmail, byName])).toEqual({
      method: 'POST',
      url: 'https://api.linkedin.com/rest/conversionEvents',
      headers: { ...headers, 'x-restli-method': 'BATCH_CREATE' },
      body: {
        elements: [
          {
            conversion: 'urn:lla:llaPartnerConversion:104012',
            conversionHappenedAt: 1_795_169_730_000,
            conversionValue: { currencyCode: 'JPY', amount: '5000' },
            eventId: 'evt_3003',
            user: {
              userIds: [
                {
                  idType: 'SHA256_EMAIL',
                  idValue: '48ddb93f0b30c475423fe177832912c5bcdce3cc72872f8051627967ef278e08',
                },
              ],
            },
          },
          {
            conversion: 'urn:lla:llaPartnerConversion:104012',
            conversionHappenedAt: 1_795_169_730_000,
            conversionValue: { currencyCode: 'EUR', amount: '10.00' },
            eventId: 'evt_3004',
            user: {
              userIds: [{ idType: 'PLAINTEXT_IP_ADDRESS', idValue: '203.0.113.45' }],
              userInfo: {
                firstName: 'Mike',
                lastName: 'Smith',
                companyName: 'Microsoft',
                title: 'Software Engineer',
              },
            },
          },
        ],
      },
    });
  });

  it('has an empty list of ids where only the name is known', () => {
    const nameOnly = { ...byName, device: {} };
    expect(requestOf('linkedin', [nameOnly]).body).toMatchObject({ user: { userIds: [] } });
  });

  it('names the rule of the type', () => {
    const settings = { lead_conversion_rule_id: '104013' };
    const lead = { ...single, type: 'lead' as const };
    expect(requestOf('linkedin', [lead], { settings }).body).toMatchObject({
      conversion: 'urn:lla:llaPartnerConversion:104013',
    });
  });

  it('is refused where there is only an IPv6 address', () => {
    const nobody = conversionOf({ device: { ipAddress: '2001:db8::1' } });
    expect(connectorOf('linkedin').build(nobody, contextOf('linkedin'))).toMatchObject({
      code: 'payload_invalid',
    });
  });
});

describe('the stand-in of LinkedIn', () => {
  it('counts a single event and a batch', async () => {
    await using platforms = await startWorkedPlatforms();
    expect(await deliver(platforms, 'linkedin', [single])).toEqual([{ outcome: 'delivered' }]);
    expect(await deliver(platforms, 'linkedin', [byEmail, byName])).toEqual([
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.counted('linkedin')).toHaveLength(3);
  });

  it('names the wrong rows of a batch, and is sent the others again', async () => {
    await using platforms = await startWorkedPlatforms();
    const old = { ...byName, eventId: 'evt_old', occurredAt: new Date('2026-01-01T00:00:00Z') };
    expect(await deliver(platforms, 'linkedin', [byEmail, old, byName])).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'UNPROCESSABLE' },
      { outcome: 'delivered' },
    ]);
    expect(platforms.requests('linkedin')).toHaveLength(2);
  });

  it.each([
    ['a version that is gone', { settings: { api_version: '202404' } }, 'NONEXISTENT_VERSION'],
    ['a revoked token', { credentials: { access_token: 'OLD' } }, 'INVALID_ACCESS_TOKEN'],
    ['a rule for tags', { credentials: { conversion_rule_id: '104099' } }, 'BAD_REQUEST'],
  ])('stops everything for %s', async (_, options, code) => {
    await using platforms = await startWorkedPlatforms();
    expect(await deliver(platforms, 'linkedin', [single], options)).toMatchObject([
      { outcome: 'credentials', code },
    ]);
  });
});

describe('an answer of LinkedIn', () => {
  it.each([
    ['the success of one event', { status: 201, body: '' }, { outcome: 'delivered' }],
    [
      'a revoked token',
      {
        status: 401,
        body: {
          status: 401,
          serviceErrorCode: 65_601,
          code: 'REVOKED_ACCESS_TOKEN',
          message: 'The token used in the request has been revoked by the user',
        },
      },
      { outcome: 'credentials', code: 'REVOKED_ACCESS_TOKEN' },
    ],
    [
      'a rule of the wrong kind',
      {
        status: 400,
        body: {
          message:
            "Incorrect conversions information provided. Conversion's method should be CONVERSIONS_API, indices [0] (0-indexed)",
          status: 400,
        },
      },
      { outcome: 'credentials' },
    ],
    [
      'a version that does not exist',
      {
        status: 426,
        body: {
          status: 426,
          code: 'NONEXISTENT_VERSION',
          message: 'Requested version 20240401 is not active',
        },
      },
      { outcome: 'credentials' },
    ],
    ['an outage', { status: 503, body: '' }, { outcome: 'retry' }],
  ])('that is %s', (_, response, outcome) => {
    expect(classified('linkedin', response)).toMatchObject([outcome]);
  });

  it('has a status for each row of a batch', () => {
    const body = { elements: [{ status: 201 }, { status: 400, error: { message: 'no' } }] };
    expect(classified('linkedin', { status: 200, body }, 2)).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'rejected', code: 'http_400', message: 'no' },
    ]);
  });

  it('names several wrong rows at once', () => {
    const message =
      'Index: 0, ERROR :: /conversionValue/amount :: field is required but not found and has no default value\n' +
      'ERROR :: /user/userInfo/firstName :: field is required\nIndex: 2, ERROR :: /user :: no\n';
    const response = { status: 422, body: { status: 422, message } };
    expect(classified('linkedin', response, 3).map(({ outcome }) => outcome)).toEqual([
      'rejected',
      'resend',
      'rejected',
    ]);
  });
});
