/** Pinterest Conversions API v5. Facts: github.com/pinterest/api-description v5 (5.23.0 of 2025-12, 5.28.0 of 2026-08). */
import { formatMoney } from '../../kernel/money.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject, Outcome } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { unixSeconds } from '../instants.ts';
import { pieceDecimal } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, listOf, lacks, payloadOf } from '../payload-json.ts';
import {
  at,
  listAt,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
} from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import {
  bareName,
  countryCode,
  hashed,
  isHashed,
  lowerName,
  ownCase,
  phoneDigits,
  plainEmail,
  shortPostalCode,
  stateCode,
} from '../user-data.ts';

export const pinterest = defineConnector({
  type: 'pinterest',
  label: 'Pinterest Conversions API',
  eventTypes: ['lead', 'sale', 'registration'],
  // An email, or an address with a browser. A click id alone is not enough.
  requiredSignals: [
    ['email', 'ip_address'],
    ['email', 'user_agent'],
  ],
  signals: { epik: clickParameter(90), _epik: adCookie(90) },
  credentials: {
    access_token: {
      label: 'Conversion access token',
      description: 'Ads Manager › Conversions › Conversion access token.',
      secret: true,
    },
    ad_account_id: {
      label: 'Ad account id',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
  },
  settings: {
    ...eventNameSettings({ lead: 'lead', sale: 'checkout', registration: 'signup' }),
    age_max_days: {
      type: 'integer',
      label: 'Oldest conversion in days',
      description: 'Pinterest documents none.',
      default: 7,
      min: 1,
      max: 30,
    },
  },
  ageMax: ({ settings }) => ({ days: settings.age_max_days }),
  batch: { conversionsMax: 1_000 },
  rates: [{ requests: 5_000, per: { minutes: 1 } }],
  consent: adPlatformConsent,
  testMode: 'Pinterest checks the event and counts nothing.',
  matchWeights: {
    'epik|_epik': 0.7,
    email: 0.5,
    phone: 0.35,
    external_id: 0.2,
    ip_address: 0.15,
    full_name: 0.05,
    user_agent: 0.05,
  },

  build(conversion, { settings }) {
    const user = userDataOf(conversion);
    if (lacks(user, identifying))
      return refuse('payload_invalid', 'none of the signals has a form that Pinterest takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          event_name: eventName(conversion.type, settings),
          action_source: 'web',
          event_time: unixSeconds(conversion.occurredAt),
          event_id: conversion.eventId,
          event_source_url: conversion.page.url,
          user_data: user,
          custom_data: customDataOf(conversion),
        }),
      ),
    );
  },

  request(payloads, { credentials, test }) {
    const events = `https://api.pinterest.com/v5/ad_accounts/${credentials.ad_account_id}/events`;
    return {
      method: 'POST',
      url: test ? `${events}?test=true` : events,
      headers: { authorization: `Bearer ${credentials.access_token}` },
      body: { data: bodies(payloads) },
    };
  },

  /** Both success and 422 have a word on each event, in their order. */
  classify(response, payloads) {
    const { status, body } = response;
    const rows = [...listAt(body, 'events'), ...listAt(body, 'details', 'events')];
    if ((status === 200 || status === 422) && rows.length === payloads.length)
      return rows.map(outcomeOfRow);
    if (status !== 400 && status !== 422) return outcomeOfStatus(response);
    return refusedAsAWhole(payloads.length, new Map(), {
      code: `${Number(at(body, 'code') ?? status)}`,
      message: plainMessage(textAt(body, 'message') ?? ''),
    });
  },
});

/** The same as `requiredSignals`, in Pinterest's words. */
const identifying = [
  ['em', 'client_ip_address'],
  ['em', 'client_user_agent'],
];

function outcomeOfRow(row: unknown): Outcome {
  const error = textAt(row, 'error_message');
  const warning = textAt(row, 'warning_message');
  if (at(row, 'status') === 'failed' || (error !== undefined && error !== ''))
    return { outcome: 'rejected', code: 'failed', message: plainMessage(error ?? '') };
  return warning === undefined || warning === ''
    ? { outcome: 'delivered' }
    : { outcome: 'delivered', warning: plainMessage(warning) };
}

function userDataOf({ person, device, signals }: OutgoingConversion): JsonObject {
  return compact({
    em: listOf(hashed(plainEmail(person.email))),
    ph: listOf(hashed(phoneDigits(person.phone))),
    fn: listOf(hashed(lowerName(person.firstName))),
    ln: listOf(hashed(lowerName(person.lastName))),
    ct: listOf(hashed(bareName(person.city))),
    st: listOf(hashed(stateCode(person.state))),
    zp: listOf(hashed(digitsOnly(shortPostalCode(person.postalCode)))),
    country: listOf(hashed(countryCode(person.countryCode))),
    external_id: listOf(hashed(ownCase(person.externalId))),
    click_id: signals['epik']?.value ?? signals['_epik']?.value,
    client_ip_address: device.ipAddress,
    client_user_agent: device.userAgent,
  });
}

function digitsOnly(code: string | undefined): string | undefined {
  return code === undefined || isHashed(code) ? code : code.replace(/\D/g, '');
}

function customDataOf({ money, orderId, items = [] }: OutgoingConversion): JsonObject {
  return compact({
    ...(money !== undefined && { value: formatMoney(money), currency: money.currency }),
    order_id: orderId,
    contents: items.map((item) =>
      compact({
        id: item.id,
        item_name: item.name,
        item_category: item.category,
        item_brand: item.brand,
        item_price: pieceDecimal(item.priceMinor, money),
        quantity: item.quantity ?? 1,
      }),
    ),
  });
}
