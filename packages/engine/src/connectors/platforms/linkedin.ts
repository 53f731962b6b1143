/**
 * LinkedIn Conversions API. Facts: learn.microsoft.com/linkedin/marketing (conversions-api-schema li-lms-2026-08,
 * conversions-faq). The type of an event is that of the conversion rule: nothing on the wire names it.
 */
import { ok, refuse } from '../../kernel/result.ts';
import { formatMoney } from '../../kernel/money.ts';
import { defineConnector } from '../connector.ts';
import type { Json, Outcome, OutcomeReason, PlatformResponse } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { idOf, ownIdSettings } from '../event-words.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, listOf, payloadOf } from '../payload-json.ts';
import {
  at,
  listAt,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
} from '../platform-answer.ts';
import { adCookie } from '../signal-rules.ts';
import { hashed, isHashed, plainEmail } from '../user-data.ts';

export const linkedin = defineConnector({
  type: 'linkedin',
  label: 'LinkedIn Conversions API',
  eventTypes: ['lead', 'sale', 'registration'],
  requiredSignals: [['li_fat_id', 'email', 'full_name', 'ip_address']],
  signals: { li_fat_id: adCookie(90) },
  credentials: {
    access_token: {
      label: 'Access token',
      description: 'Campaign Manager › Signals Manager › Direct API, or OAuth with rw_conversions.',
      secret: true,
    },
    conversion_rule_id: {
      label: 'Conversion rule id',
      description: 'Of a rule with the method CONVERSIONS_API that campaigns use.',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
    ad_account_id: {
      label: 'Ad account id',
      description: 'For you; no call needs it.',
      secret: false,
      optional: true,
    },
  },
  settings: {
    ...ownIdSettings('conversion_rule_id', 'Conversion rule id'),
    api_version: {
      type: 'text',
      label: 'Version of the API',
      description: 'Year and month. Each lives for about twelve months.',
      default: '202610',
      pattern: '20[0-9]{2}(?:0[1-9]|1[0-2])',
      rule: 'must be a year and month like 202610',
    },
  },
  ageMax: () => ({ days: 90 }),
  batch: { conversionsMax: 5_000 },
  rates: [
    { requests: 600, per: { minutes: 1 } },
    { requests: 500_000, per: { days: 1 } },
  ],
  consent: adPlatformConsent,
  matchWeights: {
    li_fat_id: 0.75,
    email: 0.6,
    full_name: 0.25,
    ip_address: 0.1,
    external_id: 0.05,
  },

  build(conversion, { credentials, settings }) {
    const { money, person, type } = conversion;
    const rule = idOf(
      type === 'refund' ? 'sale' : type,
      'conversion_rule_id',
      settings,
      credentials.conversion_rule_id,
    );
    const userIds = userIdsOf(conversion);
    const userInfo = namesOf(person);
    if (userIds.length === 0 && userInfo === undefined)
      return refuse('payload_invalid', 'none of the signals has a form that LinkedIn takes');
    const externalId = person.externalId?.trim();
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          conversion: `urn:lla:llaPartnerConversion:${rule}`,
          conversionHappenedAt: conversion.occurredAt.getTime(),
          ...(money !== undefined && {
            conversionValue: { currencyCode: money.currency, amount: formatMoney(money) },
          }),
          eventId: conversion.eventId,
          // `userIds` must be there even where it is empty.
          user: { userIds, ...compact({ userInfo, externalIds: listOf(externalId) }) },
        }),
      ),
    );
  },

  request(payloads, { credentials, settings }) {
    const [only] = payloads;
    const isBatch = payloads.length > 1 || only === undefined;
    return {
      method: 'POST',
      url: 'https://api.linkedin.com/rest/conversionEvents',
      headers: {
        authorization: `Bearer ${credentials.access_token}`,
        'linkedin-version': settings.api_version,
        'x-restli-protocol-version': '2.0.0',
        ...(isBatch && { 'x-restli-method': 'BATCH_CREATE' }),
      },
      body: isBatch ? { elements: bodies(payloads) } : only.body,
    };
  },

  classify(response, payloads) {
    const { status, body } = response;
    if (status >= 200 && status < 300) return rowsOf(response, payloads.length);
    const message = textAt(body, 'message') ?? '';
    const reason = {
      code: textAt(body, 'code') ?? `http_${status}`,
      message: plainMessage(message),
    };
    if (status === 401) return { outcome: 'credentials', ...reason };
    if (status !== 400 && status !== 422) return outcomeOfStatus(response);
    // A rule that takes no conversions from servers takes none of them.
    if (/method should be CONVERSIONS_API/i.test(message))
      return { outcome: 'credentials', ...reason };
    return refusedAsAWhole(payloads.length, wrongRows(message, reason.code), reason);
  },
});

function userIdsOf({ person, device, signals }: OutgoingConversion): readonly Json[] {
  const email = hashed(plainEmail(person.email));
  const clickId = signals['li_fat_id']?.value;
  const address = device.ipAddress;
  return [
    ...(email === undefined ? [] : [{ idType: 'SHA256_EMAIL', idValue: email }]),
    ...(clickId === undefined
      ? []
      : [{ idType: 'LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID', idValue: clickId }]),
    // Of IPv6 LinkedIn knows nothing.
    ...(address !== undefined && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)
      ? [{ idType: 'PLAINTEXT_IP_ADDRESS', idValue: address }]
      : []),
  ];
}

/** Plain text, and only where both names are known. */
function namesOf(person: OutgoingConversion['person']) {
  const firstName = person.firstName?.trim() ?? '';
  const lastName = person.lastName?.trim() ?? '';
  if (firstName === '' || lastName === '' || isHashed(firstName) || isHashed(lastName))
    return undefined;
  return compact({
    firstName,
    lastName,
    companyName: person.company,
    title: person.title,
    countryCode: person.countryCode?.toUpperCase(),
  });
}

/** A batch has a status for each row; a single event has only its own. */
function rowsOf(response: PlatformResponse, count: number): Outcome | readonly Outcome[] {
  const rows = listAt(response.body, 'elements');
  if (rows.length !== count) return { outcome: 'delivered' };
  return rows.map((row): Outcome => {
    const status = at(row, 'status');
    return typeof status === 'number' && status >= 400
      ? outcomeOfStatus({ status, headers: {}, body: row }, textAt(row, 'error', 'message'))
      : { outcome: 'delivered' };
  });
}

/** `Index: 3, ERROR :: /conversionValue/amount :: …`, one for each row that is wrong. */
function wrongRows(message: string, code: string): ReadonlyMap<number, OutcomeReason> {
  const rows = message.split(/(?=Index: \d)/).flatMap((part): [number, OutcomeReason][] => {
    const row = /^Index: (\d{1,4})/.exec(part)?.[1];
    return row === undefined ? [] : [[Number(row), { code, message: plainMessage(part.trim()) }]];
  });
  return new Map(rows);
}
