/**
 * GA4 Measurement Protocol. Facts: developers.google.com/analytics/devguides/collection/protocol/ga4. It answers 2xx to
 * anything; only its debug address, the test mode, says what is wrong.
 */
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject } from '../connector.ts';
import { majorUnits, pieceUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { compact, payloadOf } from '../payload-json.ts';
import { listAt, outcomeOfStatus, plainMessage, textAt } from '../platform-answer.ts';
import { adCookie } from '../signal-rules.ts';
import { googleEmail, hashed, ownCase, phoneE164 } from '../user-data.ts';
import { consentOf } from './google-fields.ts';

export const ga4 = defineConnector({
  type: 'ga4',
  label: 'Google Analytics 4',
  eventTypes: ['lead', 'sale', 'registration', 'refund'],
  // A client id of our own making would be a visitor that never was.
  requiredSignals: [['_ga']],
  signals: { _ga: adCookie(400), ga_session_id: adCookie(1), '_ga_*': adCookie(400) },
  credentials: {
    measurement_id: {
      label: 'Measurement id',
      secret: false,
      pattern: 'G-[A-Z0-9]{4,20}',
      rule: 'must look like G-ABC123DEF4',
    },
    api_secret: {
      label: 'API secret',
      description: 'Admin › Data streams › Measurement Protocol API secrets.',
      secret: true,
    },
  },
  settings: {
    region: {
      type: 'choice',
      label: 'Where events are collected',
      default: 'global',
      choices: ['global', 'eu'],
    },
    send_user_data: {
      type: 'boolean',
      label: 'Send hashed email and phone',
      description: 'Only where user-provided data collection is switched on in the property.',
      default: false,
    },
  },
  // Older events are dated to when they arrive.
  ageMax: () => ({ hours: 72 }),
  // Client, time and consent are those of the whole request.
  batch: { conversionsMax: 1, bytesMax: 130_000 },
  consent: { sending: ['analytics'], person: ['analytics'], device: ['analytics'] },
  // Only purchases are known by their transaction.
  deduplicates: ({ type }) => type === 'sale',
  testMode: 'Google checks the event and counts nothing.',
  matchWeights: { _ga: 0.9, external_id: 0.3, email: 0.2 },

  build(conversion, { credentials, settings, test }) {
    const clientId = clientIdOf(conversion.signals['_ga']?.value);
    if (clientId === undefined)
      return refuse('payload_invalid', 'the cookie _ga holds no client id');
    const userData = settings.send_user_data ? userDataOf(conversion) : undefined;
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          client_id: clientId,
          user_id: ownCase(conversion.person.externalId),
          timestamp_micros: conversion.occurredAt.getTime() * 1_000,
          consent: analyticsConsent(conversion),
          user_data: userData,
          ...(test && { validation_behavior: 'ENFORCE_RECOMMENDATIONS' }),
          events: [
            {
              name: names[conversion.type],
              params: paramsOf(conversion, credentials.measurement_id),
            },
          ],
        }),
      ),
    );
  },

  request([payload], { credentials, settings, test }) {
    const host =
      settings.region === 'eu' ? 'region1.google-analytics.com' : 'www.google-analytics.com';
    const query = new URLSearchParams({
      measurement_id: credentials.measurement_id,
      api_secret: credentials.api_secret,
    });
    return {
      method: 'POST',
      url: `https://${host}${test ? '/debug' : ''}/mp/collect?${query.toString()}`,
      headers: {},
      body: payload?.body ?? {},
    };
  },

  classify(response) {
    const [problem] = listAt(response.body, 'validationMessages');
    if (problem === undefined) return outcomeOfStatus(response);
    return {
      outcome: 'rejected',
      code: textAt(problem, 'validationCode') ?? 'invalid',
      message: plainMessage(
        `${textAt(problem, 'fieldPath') ?? ''} ${textAt(problem, 'description') ?? ''}`.trim(),
      ),
    };
  },
});

const names = {
  lead: 'generate_lead',
  sale: 'purchase',
  registration: 'sign_up',
  refund: 'refund',
} as const;

/** `GA1.1.1111111111.1794992400` → `1111111111.1794992400`; whatever has the form already is one. */
function clientIdOf(cookie: string | undefined): string | undefined {
  return /^(?:GA\d\.\d{1,2}\.)?(\d{1,20}\.\d{1,20})$/.exec(cookie ?? '')?.[1];
}

/** Of the stream's own cookie: `GS1.1.<session>.3.…`, and since 2025 `GS2.1.s<session>$o3$…`. */
function sessionIdOf(
  signals: OutgoingConversion['signals'],
  measurementId: string,
): string | undefined {
  const given = signals['ga_session_id']?.value;
  if (given !== undefined) return given;
  const cookie = signals[`_ga_${measurementId.slice('G-'.length)}`]?.value;
  return /^GS\d\.\d\.s?(\d{6,20})\b/.exec(cookie ?? '')?.[1];
}

function analyticsConsent({ consent }: OutgoingConversion): JsonObject {
  const { adUserData, adPersonalization } = consentOf(consent, {
    granted: 'GRANTED',
    denied: 'DENIED',
  });
  return compact({ ad_user_data: adUserData, ad_personalization: adPersonalization });
}

function userDataOf({ person, consent }: OutgoingConversion): JsonObject | undefined {
  if (consent.ad_user_data === 'denied') return undefined;
  return compact({
    sha256_email_address: hashed(googleEmail(person.email)),
    sha256_phone_number: hashed(phoneE164(person.phone)),
  });
}

function paramsOf(conversion: OutgoingConversion, measurementId: string): JsonObject {
  const { eventId, type, money, items = [], refunded } = conversion;
  const sale = type === 'refund' ? refunded : conversion;
  const isPurchase = type === 'sale' || type === 'refund';
  return compact({
    transaction_id: isPurchase ? (sale?.orderId ?? sale?.eventId ?? eventId) : undefined,
    ...(money !== undefined && { value: majorUnits(money), currency: money.currency }),
    session_id: sessionIdOf(conversion.signals, measurementId),
    // Without it the event joins no session.
    engagement_time_msec: 1,
    page_location: conversion.page.url,
    page_referrer: conversion.page.referrer,
    items: items.map((item) =>
      compact({
        item_id: item.id,
        item_name: item.name,
        item_category: item.category,
        item_brand: item.brand,
        price: pieceUnits(item.priceMinor, money),
        quantity: item.quantity ?? 1,
      }),
    ),
  });
}
