/** Reddit Conversions API v3. Facts: github.com/reddit/reddit-ss-gtm-template (2025-11). */
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { majorUnits, pieceUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, lacks, payloadOf } from '../payload-json.ts';
import { outcomeOfStatus, plainMessage, refusedAsAWhole, textAt } from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import { bareEmail, hashed, ownCase, phoneE164 } from '../user-data.ts';

/** The names that are Reddit's own; any other is sent as a custom event. */
const trackingTypes: ReadonlySet<string> = new Set([
  'LEAD',
  'PURCHASE',
  'SIGN_UP',
  'PAGE_VISIT',
  'VIEW_CONTENT',
  'SEARCH',
  'ADD_TO_CART',
  'ADD_TO_WISHLIST',
]);

export const reddit = defineConnector({
  type: 'reddit',
  label: 'Reddit Conversions API',
  eventTypes: ['lead', 'sale', 'registration'],
  requiredSignals: [
    ['rdt_cid', '_rdt_cid', '_rdt_uuid', 'email', 'phone', 'external_id', 'ip_address'],
    ['rdt_cid', '_rdt_cid', '_rdt_uuid', 'email', 'phone', 'external_id', 'user_agent'],
  ],
  signals: { rdt_cid: clickParameter(90), _rdt_cid: adCookie(90), _rdt_uuid: adCookie(90) },
  credentials: {
    access_token: {
      label: 'Conversion access token',
      description: 'Events Manager › Conversions API. It does not expire.',
      secret: true,
    },
    pixel_id: {
      label: 'Pixel id',
      secret: false,
      pattern: '[A-Za-z0-9_]{1,64}',
      rule: 'must be letters, digits and underscores',
    },
  },
  settings: {
    ...eventNameSettings({ lead: 'LEAD', sale: 'PURCHASE', registration: 'SIGN_UP' }),
    user_agent: {
      type: 'text',
      label: 'User agent',
      description: 'Reddit slows down callers that do not say who they are.',
      default: 'headwater-conversions/1.0',
      pattern: '[\\x20-\\x7e]{8,200}',
      rule: 'must have 8 to 200 printable characters',
    },
    limited_data_use: { type: 'boolean', label: 'Limited data use', default: false },
    test_id: {
      type: 'text',
      label: 'Test id',
      description: 'Events Manager › Event testing; test mode needs it.',
      default: '',
    },
  },
  ageMax: () => ({ days: 7 }),
  aheadMax: { minutes: 5 },
  batch: { conversionsMax: 1_000 },
  consent: adPlatformConsent,
  testMode: 'The event shows up under Event testing and is not counted.',
  matchWeights: {
    'rdt_cid|_rdt_cid': 0.8,
    email: 0.45,
    _rdt_uuid: 0.4,
    phone: 0.3,
    external_id: 0.2,
    ip_address: 0.15,
    user_agent: 0.05,
  },

  build(conversion, { settings, test }) {
    if (test && settings.test_id === '')
      return refuse('configuration_incomplete', 'settings.test_id is required to test');
    const { page, signals } = conversion;
    const clickId = signals['rdt_cid']?.value ?? signals['_rdt_cid']?.value;
    const name = eventName(conversion.type, settings);
    const user = userOf(conversion, settings.limited_data_use);
    if (clickId === undefined && lacks(user, identifying))
      return refuse('payload_invalid', 'none of the signals has a form that Reddit takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          event_at: conversion.occurredAt.getTime(),
          action_source: 'WEBSITE',
          type: trackingTypes.has(name)
            ? { tracking_type: name }
            : { tracking_type: 'CUSTOM', custom_event_name: name },
          event_source_url: page.url,
          click_id: clickId,
          user,
          metadata: metadataOf(conversion),
        }),
      ),
    );
  },

  request(payloads, { credentials, settings, test }) {
    return {
      method: 'POST',
      url: `https://ads-api.reddit.com/api/v3/pixels/${credentials.pixel_id}/conversion_events`,
      headers: {
        authorization: `Bearer ${credentials.access_token}`,
        'user-agent': settings.user_agent,
      },
      body: { data: { ...(test && { test_id: settings.test_id }), events: bodies(payloads) } },
    };
  },

  classify(response, payloads) {
    const { status, body } = response;
    if (status !== 400) return outcomeOfStatus(response);
    return refusedAsAWhole(payloads.length, new Map(), {
      code: 'http_400',
      message: plainMessage(textAt(body, 'error', 'message') ?? textAt(body, 'message') ?? ''),
    });
  },
});

/** The same as `requiredSignals`, in Reddit's words; the click id stands beside the user. */
const identifying = [
  ['uuid', 'email', 'phone_number', 'external_id', 'ip_address'],
  ['uuid', 'email', 'phone_number', 'external_id', 'user_agent'],
];

function userOf({ person, device, signals }: OutgoingConversion, limited: boolean): JsonObject {
  const cookie = signals['_rdt_uuid']?.value;
  return compact({
    email: hashed(bareEmail(person.email)),
    phone_number: hashed(phoneE164(person.phone)),
    external_id: hashed(ownCase(person.externalId)),
    ip_address: device.ipAddress,
    user_agent: device.userAgent,
    // `<ms>.<uuid>`
    uuid: cookie?.slice(cookie.indexOf('.') + 1),
    ...(limited && { data_processing_options: { modes: ['LDU'] } }),
  });
}

function metadataOf({ eventId, money, items = [] }: OutgoingConversion): JsonObject {
  const pieces = items.reduce((sum, { quantity = 1 }) => sum + quantity, 0);
  return compact({
    conversion_id: eventId,
    ...(money !== undefined && { value: majorUnits(money), currency: money.currency }),
    item_count: pieces === 0 ? undefined : pieces,
    products: items.map((item) => {
      const price = pieceUnits(item.priceMinor, money);
      return compact({
        id: item.id,
        name: item.name,
        category: item.category,
        // A quantity says something of a price.
        ...(price !== undefined && { item_price: price, quantity: item.quantity ?? 1 }),
      });
    }),
  });
}
