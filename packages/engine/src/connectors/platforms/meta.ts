/**
 * Meta Conversions API. Facts: developers.facebook.com/documentation/ads-commerce/conversions-api (pages of 2026-01 and
 * 2026-02), Meta's Node SDK 26.0.0, the Graph API's guide to errors.
 */
import { createHmac } from 'node:crypto';

import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject, Outcome, PlatformResponse } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { unixSeconds } from '../instants.ts';
import { majorUnits, pieceUnits } from '../major-units.ts';
import { browserIdOfMeta, clickIdOfMeta } from '../meta-cookies.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, listOf, payloadOf } from '../payload-json.ts';
import { at, later, plainMessage, refusedAsAWhole, textAt, tooMuch } from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import {
  bareName,
  countryCode,
  hashed,
  latinCity,
  phoneDigits,
  plainEmail,
  shortPostalCode,
  stateCode,
  tightText,
} from '../user-data.ts';

const strong = ['email', 'phone', 'external_id', '_fbc', 'fbclid', '_fbp'];

export const meta = defineConnector({
  type: 'meta',
  label: 'Meta Conversions API',
  eventTypes: ['lead', 'sale', 'registration'],
  // An address or a browser alone says too little; both together do.
  requiredSignals: [
    [...strong, 'ip_address'],
    [...strong, 'user_agent'],
  ],
  signals: { fbclid: clickParameter(90), _fbc: adCookie(90), _fbp: adCookie(90) },
  credentials: {
    access_token: {
      label: 'Access token',
      description: 'Events Manager › Settings › Conversions API › Generate access token.',
      secret: true,
    },
    pixel_id: {
      label: 'Pixel or dataset id',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
    app_secret: {
      label: 'App secret',
      description: 'Only where the app asks for an app secret proof with every call.',
      secret: true,
      optional: true,
    },
  },
  settings: {
    ...eventNameSettings({
      lead: 'Lead',
      sale: 'Purchase',
      registration: 'CompleteRegistration',
    }),
    api_version: {
      type: 'text',
      label: 'Version of the Graph API',
      default: 'v26.0',
      pattern: 'v[0-9]{1,3}\\.[0-9]',
      rule: 'must look like v26.0',
    },
    limited_data_use: {
      type: 'boolean',
      label: 'Limited data use',
      description: 'Meta decides by place where the laws of a state of the US ask for it.',
      default: false,
    },
    test_event_code: {
      type: 'text',
      label: 'Test event code',
      description: 'Events Manager › Test events; test mode needs it.',
      default: '',
    },
  },
  // One event that is older fails the whole request.
  ageMax: () => ({ days: 7 }),
  batch: { conversionsMax: 1_000 },
  consent: adPlatformConsent,
  testMode: 'The event shows up under Test events. Meta still counts it: use a test dataset.',
  matchWeights: {
    email: 0.6,
    '_fbc|fbclid': 0.6,
    phone: 0.5,
    _fbp: 0.3,
    external_id: 0.25,
    ip_address: 0.15,
    full_name: 0.1,
    postal_code: 0.05,
    user_agent: 0.05,
    country: 0.02,
  },

  build(conversion, { settings, test }) {
    const { money, type, page, device } = conversion;
    if (type === 'sale' && money === undefined)
      return refuse('payload_invalid', 'amount is required: Meta takes no purchase without one');
    if (test && settings.test_event_code === '')
      return refuse('configuration_incomplete', 'settings.test_event_code is required to test');
    const userData = userDataOf(conversion);
    if (Object.keys(userData).length === 0)
      return refuse('payload_invalid', 'none of the signals has a form that Meta takes');
    // What a page did needs the page and the browser; the rest happened on servers (a renewal).
    const onWebsite = page.url !== undefined && device.userAgent !== undefined;
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          event_name: eventName(type, settings),
          event_time: unixSeconds(conversion.occurredAt),
          event_id: conversion.eventId,
          action_source: onWebsite ? 'website' : 'system_generated',
          event_source_url: page.url,
          referrer_url: page.referrer,
          user_data: userData,
          custom_data: customDataOf(conversion),
          ...(settings.limited_data_use && {
            data_processing_options: ['LDU'],
            data_processing_options_country: 0,
            data_processing_options_state: 0,
          }),
        }),
      ),
    );
  },

  request(payloads, { credentials, settings, test }) {
    const { access_token: token, app_secret: appSecret, pixel_id: pixelId } = credentials;
    return {
      method: 'POST',
      url: `https://graph.facebook.com/${settings.api_version}/${pixelId}/events`,
      // A token in the URL would end up in logs.
      headers: { authorization: `Bearer ${token}` },
      body: {
        data: bodies(payloads),
        ...(test && { test_event_code: settings.test_event_code }),
        ...(appSecret !== undefined && {
          appsecret_proof: createHmac('sha256', appSecret).update(token).digest('hex'),
        }),
      },
    };
  },

  classify(response, payloads) {
    const { body } = response;
    if (typeof at(body, 'error', 'code') !== 'number') return withoutGraphError(response);
    const code = Number(at(body, 'error', 'code'));
    const subcode = at(body, 'error', 'error_subcode');
    const said = textAt(body, 'error', 'error_user_msg') ?? textAt(body, 'error', 'message') ?? '';
    const reason = {
      code: typeof subcode === 'number' ? `${code}.${subcode}` : `${code}`,
      message: plainMessage(said),
    };
    if (isThrottling(code)) return { ...tooMuch(response, reason), ...regainAfter(response) };
    if (code === 190 || code === 102 || code === 10 || code === 3 || (code >= 200 && code <= 299))
      return { outcome: 'credentials', ...reason };
    if (at(body, 'error', 'is_transient') === true || transientCodes.has(code))
      return later(response, reason);
    if (code !== 100) return later(response, reason);
    // The pixel does not exist, or the token may not use it.
    if (subcode === 33) return { outcome: 'credentials', ...reason };
    return refusedAsAWhole(payloads.length, new Map(), reason);
  },
});

function userDataOf({ person, device, signals }: OutgoingConversion): JsonObject {
  return compact({
    em: listOf(hashed(plainEmail(person.email))),
    ph: listOf(hashed(phoneDigits(person.phone))),
    fn: listOf(hashed(bareName(person.firstName))),
    ln: listOf(hashed(bareName(person.lastName))),
    ct: listOf(hashed(latinCity(person.city))),
    st: listOf(hashed(stateCode(person.state))),
    zp: listOf(hashed(shortPostalCode(person.postalCode))),
    country: listOf(hashed(countryCode(person.countryCode))),
    external_id: listOf(hashed(tightText(person.externalId))),
    client_ip_address: device.ipAddress,
    client_user_agent: device.userAgent,
    fbp: browserIdOfMeta(signals['_fbp']),
    fbc: clickIdOfMeta(signals['fbclid'], signals['_fbc']),
  });
}

function customDataOf({ money, orderId, items = [] }: OutgoingConversion): JsonObject {
  return compact({
    ...(money !== undefined && { value: majorUnits(money), currency: money.currency }),
    order_id: orderId,
    ...(items.length > 0 && { content_type: 'product' }),
    contents: items.map((item) =>
      compact({
        id: item.id,
        quantity: item.quantity ?? 1,
        item_price: pieceUnits(item.priceMinor, money),
        title: item.name,
        brand: item.brand,
        category: item.category,
      }),
    ),
  });
}

/** An answer that is no Graph error: success, or a proxy's page. */
function withoutGraphError(response: PlatformResponse): Outcome {
  const { status, body } = response;
  if (status < 200 || status >= 300) {
    const reason = { code: `http_${status}`, message: `The answer was ${status}.` };
    return status === 429 ? tooMuch(response, reason) : later(response, reason);
  }
  if (typeof at(body, 'events_received') === 'number') return { outcome: 'delivered' };
  return later(response, { code: 'no_answer', message: 'The answer says nothing of events.' });
}

/** Of the app, the user, the page, the custom rule, and of business use cases. */
function isThrottling(code: number): boolean {
  return [4, 17, 32, 613].includes(code) || (code >= 80_000 && code <= 80_014);
}

const transientCodes: ReadonlySet<number> = new Set([1, 2, 341, 368, 5_000, 21_009]);

/** The header says in minutes when a throttled account may call again; of several the longest counts. */
function regainAfter({ headers }: PlatformResponse): { readonly retryAfterSeconds?: number } {
  const minutes = [
    ...(headers['x-business-use-case-usage'] ?? '').matchAll(
      /"estimated_time_to_regain_access"\s*:\s*(\d{1,6})/g,
    ),
  ].map(([, value]) => Number(value));
  const longest = Math.max(0, ...minutes);
  return longest === 0 ? {} : { retryAfterSeconds: longest * 60 };
}
