/**
 * Microsoft Advertising, offline conversions by click id: Campaign Management API v13 over REST. Facts: BingAds Python
 * SDK (2026-05). A 200 may carry rejected rows.
 */
import { ok, refuse } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { BuildRefusal, Outcome, Payload } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { rfc3339 } from '../instants.ts';
import { majorUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, payloadOf } from '../payload-json.ts';
import { at, listAt, outcomeOfStatus, plainMessage, textAt } from '../platform-answer.ts';
import { readTokenAnswer, refreshTokenRequest } from '../refresh-token-grant.ts';
import { clickParameter } from '../signal-rules.ts';
import { bareEmail, hashed, phoneE164 } from '../user-data.ts';

const origin = 'https://campaign.api.bingads.microsoft.com/CampaignManagement/v13';
const adjustments = 'adjustments';

export const microsoftOffline = defineConnector({
  type: 'microsoft_offline',
  label: 'Microsoft Advertising (offline conversions)',
  eventTypes: ['lead', 'sale', 'registration', 'refund'],
  requiredSignals: [['msclkid', 'email', 'phone']],
  signals: { msclkid: clickParameter(90) },
  credentials: {
    developer_token: { label: 'Developer token', secret: true },
    customer_id: {
      label: 'Customer id',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
    account_id: {
      label: 'Account id',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
    access_token: {
      label: 'Access token',
      description: 'Good for an hour; a refresh token lasts.',
      secret: true,
      optional: true,
    },
    refresh_token: { label: 'Refresh token', secret: true, optional: true },
    client_id: { label: 'Application (client) id', secret: false, optional: true },
    client_secret: {
      label: 'Client secret',
      description: 'Of web applications; native ones have none.',
      secret: true,
      optional: true,
    },
  },
  // The exact names of the conversion goals.
  settings: eventNameSettings({
    lead: 'Offline Lead',
    sale: 'Offline Sale',
    registration: 'Offline Registration',
  }),
  check({ credentials }) {
    if (credentials.access_token !== undefined || credentials.refresh_token !== undefined)
      return credentials.refresh_token !== undefined && credentials.client_id === undefined
        ? { 'credentials.refresh_token': ['needs client_id too'] }
        : undefined;
    return { 'credentials.access_token': ['is required, or refresh_token with client_id'] };
  },
  ageMax: () => ({ days: 90 }),
  batch: { conversionsMax: 1_000 },
  consent: adPlatformConsent,
  // There is no event id; a click with its goal and time is one conversion.
  deduplicates: ({ signals, refunded }) =>
    refunded !== undefined || signals['msclkid'] !== undefined,
  matchWeights: { msclkid: 0.95, email: 0.5, phone: 0.4 },

  build(conversion, { settings }) {
    const name = eventName(conversion.refunded?.type ?? conversion.type, settings);
    if (conversion.type === 'refund') return buildAdjustment(conversion, name);
    const { money } = conversion;
    const who = whoIs(conversion);
    if (Object.keys(who).length === 0)
      return refuse('payload_invalid', 'none of the signals has a form that Microsoft takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          ...who,
          ConversionName: name,
          ConversionTime: rfc3339(conversion.occurredAt),
          ...(money !== undefined && {
            ConversionValue: majorUnits(money),
            ConversionCurrencyCode: money.currency,
          }),
        }),
      ),
    );
  },

  request(payloads, { accessToken, credentials }) {
    const isAdjustment = payloads[0]?.group === adjustments;
    const operation = isAdjustment ? 'OfflineConversionAdjustments' : 'OfflineConversions';
    return {
      method: 'POST',
      url: `${origin}/${operation}/Apply`,
      headers: {
        authorization: `Bearer ${accessToken ?? credentials.access_token ?? ''}`,
        developertoken: credentials.developer_token,
        customerid: credentials.customer_id,
        customeraccountid: credentials.account_id,
      },
      body: { [operation]: bodies(payloads) },
    };
  },

  classify(response, payloads) {
    if (response.status !== 200) return outcomeOfStatus(response);
    const errors = listAt(response.body, 'PartialErrors').filter((error) => error !== null);
    const byRow = new Map(errors.map((error) => [Number(at(error, 'Index') ?? 0), error]));
    return payloads.map((_, row): Outcome => {
      const error = byRow.get(row);
      if (error === undefined) return { outcome: 'delivered' };
      return {
        outcome: 'rejected',
        code: textAt(error, 'ErrorCode') ?? `${Number(at(error, 'Code') ?? 0)}`,
        message: plainMessage(textAt(error, 'Message') ?? ''),
      };
    });
  },

  oauth: {
    request({ credentials: { refresh_token, client_id, client_secret } }) {
      if (refresh_token === undefined || client_id === undefined) return undefined;
      return refreshTokenRequest('https://login.microsoftonline.com/common/oauth2/v2.0/token', {
        refresh_token,
        client_id,
        ...(client_secret !== undefined && { client_secret }),
        scope: 'https://ads.microsoft.com/msads.manage offline_access',
      });
    },
    read: readTokenAnswer,
  },
});

/** The conversion is found by who and when it was. */
function buildAdjustment(
  { eventId, occurredAt, refunded, ...conversion }: OutgoingConversion,
  name: string,
): Result<Payload, BuildRefusal> {
  if (refunded === undefined)
    return refuse('payload_invalid', 'the conversion that is taken back is not known');
  const { remaining } = refunded;
  const isPart = remaining !== undefined && remaining.amountMinor > 0n;
  return ok(
    payloadOf(
      eventId,
      compact({
        ...whoIs(conversion),
        ConversionName: name,
        ConversionTime: rfc3339(refunded.occurredAt),
        AdjustmentType: isPart ? 'Restate' : 'Retract',
        AdjustmentTime: rfc3339(occurredAt),
        ...(isPart && {
          AdjustmentValue: majorUnits(remaining),
          AdjustmentCurrencyCode: remaining.currency,
        }),
      }),
      adjustments,
    ),
  );
}

function whoIs({ person, signals }: Pick<OutgoingConversion, 'person' | 'signals'>) {
  return compact({
    MicrosoftClickId: signals['msclkid']?.value,
    HashedEmailAddress: hashed(bareEmail(person.email)),
    HashedPhoneNumber: hashed(phoneE164(person.phone)),
  });
}
