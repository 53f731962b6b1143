/**
 * X web conversions. Facts: developer.x.com/en/docs/x-ads-api/measurement/web-conversions. The `event_id` on the wire is
 * the id of an event tag; what X knows repeats by is the `conversion_id`.
 */
import { formatMoney } from '../../kernel/money.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { idOf, ownIdSettings } from '../event-words.ts';
import { pieceDecimal } from '../major-units.ts';
import { oauth1Header } from '../oauth1-signature.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, payloadOf } from '../payload-json.ts';
import {
  at,
  listAt,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
} from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import { hashed, phoneE164, plainEmail } from '../user-data.ts';

export const x = defineConnector({
  type: 'x',
  label: 'X Conversion API',
  eventTypes: ['lead', 'sale', 'registration'],
  // An address or a browser counts only beside one of these.
  requiredSignals: [['twclid', '_twclid', 'email', 'phone']],
  signals: { twclid: clickParameter(90), _twclid: adCookie(90) },
  credentials: {
    pixel_id: {
      label: 'Pixel id',
      secret: false,
      pattern: '[a-z0-9]{1,20}',
      rule: 'must be lower-case letters and digits',
    },
    event_tag_id: {
      label: 'Event tag id',
      description: 'Of a single event tag: tw-<pixel>-<event>.',
      secret: false,
      pattern: 'tw-[a-z0-9]{1,20}-[a-z0-9]{1,20}',
      rule: 'must look like tw-o8z6j-o8z21',
    },
    pixel_token: {
      label: 'Pixel token',
      description: 'Events Manager › Install pixel › Conversion API. Or the four of OAuth 1.0a.',
      secret: true,
      optional: true,
    },
    consumer_key: { label: 'OAuth consumer key', secret: true, optional: true },
    consumer_secret: { label: 'OAuth consumer secret', secret: true, optional: true },
    oauth_token: { label: 'OAuth access token', secret: true, optional: true },
    oauth_token_secret: { label: 'OAuth access token secret', secret: true, optional: true },
  },
  settings: {
    ...ownIdSettings('event_tag_id', 'Event tag id'),
    api_version: {
      type: 'text',
      label: 'Version of the Ads API',
      default: '12',
      pattern: '[0-9]{1,3}',
      rule: 'must be a number',
    },
    age_max_days: {
      type: 'integer',
      label: 'Oldest conversion in days',
      description: 'X documents none.',
      default: 7,
      min: 1,
      max: 90,
    },
  },
  check({ credentials }) {
    const { pixel_token, consumer_key, consumer_secret, oauth_token, oauth_token_secret } =
      credentials;
    const keys = [consumer_key, consumer_secret, oauth_token, oauth_token_secret];
    return pixel_token === undefined && keys.includes(undefined)
      ? {
          'credentials.pixel_token': [
            'is required, or consumer_key, consumer_secret, oauth_token and oauth_token_secret',
          ],
        }
      : undefined;
  },
  ageMax: ({ settings }) => ({ days: settings.age_max_days }),
  batch: { conversionsMax: 500 },
  consent: adPlatformConsent,
  matchWeights: {
    'twclid|_twclid': 0.8,
    email: 0.5,
    phone: 0.35,
    ip_address: 0.1,
    user_agent: 0.05,
  },

  build(conversion, { credentials, settings }) {
    const { money, type, items = [] } = conversion;
    const identifiers = identifiersOf(conversion);
    if (identifiers.length === 0)
      return refuse('payload_invalid', 'none of the signals has a form that X takes');
    const tag = idOf(
      type === 'refund' ? 'sale' : type,
      'event_tag_id',
      settings,
      credentials.event_tag_id,
    );
    const pieces = items.reduce((sum, { quantity = 1 }) => sum + quantity, 0);
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          conversion_time: conversion.occurredAt.toISOString(),
          event_id: tag,
          identifiers,
          conversion_id: conversion.eventId,
          ...(money !== undefined && {
            value: formatMoney(money),
            price_currency: money.currency,
          }),
          number_items: pieces === 0 ? undefined : pieces,
          contents: items.map((item) =>
            compact({
              content_id: item.id,
              content_name: item.name,
              content_type: item.category,
              content_price: pieceDecimal(item.priceMinor, money),
              num_items: item.quantity ?? 1,
            }),
          ),
        }),
      ),
    );
  },

  request(payloads, { credentials, settings, now }) {
    const url = `https://ads-api.x.com/${settings.api_version}/measurement/conversions/${credentials.pixel_id}`;
    const body = { conversions: bodies(payloads) };
    const { pixel_token, consumer_key, consumer_secret, oauth_token, oauth_token_secret } =
      credentials;
    if (pixel_token !== undefined)
      return { method: 'POST', url, headers: { 'x-pixel-token': pixel_token }, body };
    const keys = {
      consumerKey: consumer_key ?? '',
      consumerSecret: consumer_secret ?? '',
      token: oauth_token ?? '',
      tokenSecret: oauth_token_secret ?? '',
    };
    const nonceSeed = JSON.stringify(body);
    const authorization = oauth1Header(keys, { method: 'POST', url, nonceSeed, now });
    return { method: 'POST', url, headers: { authorization }, body };
  },

  classify(response, payloads) {
    const { status, body } = response;
    if (status !== 400) return outcomeOfStatus(response);
    const [error] = listAt(body, 'errors');
    return refusedAsAWhole(payloads.length, new Map(), {
      code: textAt(error, 'code') ?? `${Number(at(error, 'code') ?? 400)}`,
      message: plainMessage(textAt(error, 'message') ?? ''),
    });
  },
});

function identifiersOf({ person, device, signals }: OutgoingConversion): readonly JsonObject[] {
  const known = [
    compact({ twclid: signals['twclid']?.value ?? signals['_twclid']?.value }),
    compact({ hashed_email: hashed(plainEmail(person.email)) }),
    compact({ hashed_phone_number: hashed(phoneE164(person.phone)) }),
  ].filter((identifier) => Object.keys(identifier).length > 0);
  const where = compact({ ip_address: device.ipAddress, user_agent: device.userAgent });
  return known.length === 0 || Object.keys(where).length === 0 ? known : [...known, where];
}
