/**
 * TikTok Events API 2.0 (its payload is 2.0, its path v1.3). Facts: business-api.tiktok.com/portal/docs 1771101303285761,
 * ads.tiktok.com/help/article/event-deduplication.
 */
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject, OutcomeReason } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { unixSeconds } from '../instants.ts';
import { majorUnits, pieceUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, lacks, payloadOf } from '../payload-json.ts';
import {
  at,
  later,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
  tooMuch,
} from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import {
  bareName,
  countryCode,
  hashed,
  ownCase,
  phoneE164,
  plainEmail,
  shortPostalCode,
  stateCode,
} from '../user-data.ts';

export const tiktok = defineConnector({
  type: 'tiktok',
  label: 'TikTok Events API',
  eventTypes: ['lead', 'sale', 'registration'],
  requiredSignals: [
    ['ttclid', '_ttp', 'email', 'phone', 'external_id', 'ip_address'],
    ['ttclid', '_ttp', 'email', 'phone', 'external_id', 'user_agent'],
    ['page_url'],
  ],
  signals: { ttclid: clickParameter(28), _ttp: adCookie(390) },
  credentials: {
    access_token: {
      label: 'Access token',
      description: 'Events Manager › the pixel › Settings › Events API.',
      secret: true,
    },
    pixel_code: {
      label: 'Pixel code',
      secret: false,
      pattern: '[A-Za-z0-9]{1,64}',
      rule: 'must be letters and digits',
    },
  },
  settings: {
    // The names since 2024; older pixels may still say CompletePayment and SubmitForm.
    ...eventNameSettings({ lead: 'Lead', sale: 'Purchase', registration: 'CompleteRegistration' }),
    age_max_days: {
      type: 'integer',
      label: 'Oldest conversion in days',
      description: 'TikTok documents none; what is older than its window of attribution is lost.',
      default: 7,
      min: 1,
      max: 28,
    },
    limited_data_use: { type: 'boolean', label: 'Limited data use', default: false },
    test_event_code: {
      type: 'text',
      label: 'Test event code',
      description: 'Events Manager › Test events; test mode needs it.',
      default: '',
    },
  },
  ageMax: ({ settings }) => ({ days: settings.age_max_days }),
  batch: { conversionsMax: 1_000 },
  rates: [{ requests: 1_000, per: { seconds: 1 } }],
  consent: adPlatformConsent,
  testMode: 'The event shows up under Test events and is not counted.',
  matchWeights: {
    ttclid: 0.7,
    email: 0.5,
    phone: 0.5,
    _ttp: 0.35,
    external_id: 0.25,
    ip_address: 0.15,
    user_agent: 0.05,
    full_name: 0.05,
  },

  build(conversion, { settings, test }) {
    if (test && settings.test_event_code === '')
      return refuse('configuration_incomplete', 'settings.test_event_code is required to test');
    const { page } = conversion;
    const user = userOf(conversion);
    if (lacks(user, identifying))
      return refuse('payload_invalid', 'none of the signals has a form that TikTok takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          event: eventName(conversion.type, settings),
          event_time: unixSeconds(conversion.occurredAt),
          event_id: conversion.eventId,
          user,
          page: compact({ url: page.url, referrer: page.referrer }),
          properties: propertiesOf(conversion),
          ...(settings.limited_data_use && { limited_data_use: true }),
        }),
      ),
    );
  },

  request(payloads, { credentials, settings, test }) {
    return {
      method: 'POST',
      url: 'https://business-api.tiktok.com/open_api/v1.3/event/track/',
      headers: { 'access-token': credentials.access_token },
      body: {
        event_source: 'web',
        event_source_id: credentials.pixel_code,
        ...(test && { test_event_code: settings.test_event_code }),
        data: bodies(payloads),
      },
    };
  },

  classify(response, payloads) {
    const { status, body } = response;
    const code = at(body, 'code');
    if (status !== 200 || typeof code !== 'number') {
      const reason = { code: `http_${status}`, message: `The answer was ${status}.` };
      return status === 200 ? later(response, reason) : outcomeOfStatus(response);
    }
    const message = plainMessage(textAt(body, 'message') ?? '');
    const reason = { code: `${code}`, message };
    if (code === 0 || code === 20_001)
      return message === 'OK'
        ? { outcome: 'delivered' }
        : { outcome: 'delivered', warning: message };
    if (throttlingCodes.has(code) || /too many requests|qps limit/i.test(message))
      return tooMuch(response, reason);
    if (credentialCodes.has(code)) return { outcome: 'credentials', ...reason };
    if (code >= 50_000) return later(response, reason);
    return refusedAsAWhole(payloads.length, wrongRow(message, reason), reason);
  },
});

const throttlingCodes: ReadonlySet<number> = new Set([40_100, 40_016, 40_133, 51_021]);
const credentialCodes: ReadonlySet<number> = new Set([
  40_001, 40_101, 40_102, 40_103, 40_104, 40_105,
]);

/** The same as `requiredSignals`, in TikTok's words. */
const identifying = [
  ['ttclid', 'ttp', 'email', 'phone', 'external_id', 'ip'],
  ['ttclid', 'ttp', 'email', 'phone', 'external_id', 'user_agent'],
];

/** A parameter error names the path of the row: `Batch.0.…`, `data.0.…`. */
function wrongRow(message: string, reason: OutcomeReason): ReadonlyMap<number, OutcomeReason> {
  const row = /\b(?:batch|data)\.(\d{1,4})\b/i.exec(message)?.[1];
  return row === undefined ? new Map() : new Map([[Number(row), reason]]);
}

function userOf({ person, device, signals }: OutgoingConversion): JsonObject {
  return compact({
    email: hashed(plainEmail(person.email)),
    phone: hashed(phoneE164(person.phone)),
    external_id: hashed(ownCase(person.externalId)),
    first_name: hashed(bareName(person.firstName)),
    last_name: hashed(bareName(person.lastName)),
    // Where somebody lives is not hashed here, but for the postal code.
    city: bareName(person.city),
    state: stateCode(person.state),
    country: countryCode(person.countryCode),
    zip_code: hashed(shortPostalCode(person.postalCode)),
    ttclid: signals['ttclid']?.value,
    ttp: signals['_ttp']?.value,
    ip: device.ipAddress,
    user_agent: device.userAgent,
    locale: device.locale,
  });
}

function propertiesOf({ money, orderId, items = [] }: OutgoingConversion): JsonObject {
  return compact({
    ...(money !== undefined && { value: majorUnits(money), currency: money.currency }),
    order_id: orderId,
    ...(items.length > 0 && { content_type: 'product' }),
    contents: items.map((item) =>
      compact({
        content_id: item.id,
        content_name: item.name,
        content_category: item.category,
        brand: item.brand,
        price: pieceUnits(item.priceMinor, money),
        quantity: item.quantity ?? 1,
      }),
    ),
  });
}
