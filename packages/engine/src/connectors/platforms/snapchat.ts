/**
 * Snapchat Conversions API v3. Facts: open-source integrations of 2026-08 (RudderStack, Segment); Snap's own pages could
 * not be read. The token is in the URL, which is why no log has it.
 */
import { ok, refuse } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { eventName, eventNameSettings } from '../event-words.ts';
import { unixSeconds } from '../instants.ts';
import { majorUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, listOf, lacks, payloadOf } from '../payload-json.ts';
import { outcomeOfStatus, plainMessage, refusedAsAWhole, textAt } from '../platform-answer.ts';
import { adCookie, clickParameter } from '../signal-rules.ts';
import {
  countryCode,
  hashed,
  ownCase,
  phoneDigits,
  plainEmail,
  stateCode,
  tightText,
} from '../user-data.ts';

export const snapchat = defineConnector({
  type: 'snapchat',
  label: 'Snapchat Conversions API',
  eventTypes: ['lead', 'sale', 'registration'],
  requiredSignals: [
    ['email', 'phone', 'ip_address'],
    ['email', 'phone', 'user_agent'],
  ],
  signals: { ScCid: clickParameter(90), _scid: adCookie(390) },
  credentials: {
    access_token: {
      label: 'Conversions API token',
      description: 'Business Manager › Business details.',
      secret: true,
    },
    pixel_id: {
      label: 'Snap pixel id',
      secret: false,
      pattern: '[A-Za-z0-9-]{1,64}',
      rule: 'must be letters, digits and dashes',
    },
  },
  settings: {
    ...eventNameSettings({ lead: 'SIGN_UP', sale: 'PURCHASE', registration: 'SIGN_UP' }),
    limited_data_use: { type: 'boolean', label: 'Limited data use', default: false },
  },
  ageMax: () => ({ days: 7 }),
  batch: { conversionsMax: 2_000 },
  consent: adPlatformConsent,
  testMode: 'Snapchat checks the event and counts nothing.',
  matchWeights: {
    ScCid: 0.7,
    email: 0.5,
    phone: 0.5,
    _scid: 0.35,
    external_id: 0.2,
    ip_address: 0.15,
    full_name: 0.05,
    user_agent: 0.05,
  },

  build(conversion, { settings }) {
    const user = userDataOf(conversion);
    if (lacks(user, identifying))
      return refuse('payload_invalid', 'none of the signals has a form that Snapchat takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          event_name: eventName(conversion.type, settings),
          action_source: 'website',
          event_time: unixSeconds(conversion.occurredAt),
          event_id: conversion.eventId,
          event_source_url: conversion.page.url,
          user_data: user,
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

  request(payloads, { credentials, test }) {
    const events = `https://tr.snapchat.com/v3/${credentials.pixel_id}/events`;
    const token = encodeURIComponent(credentials.access_token);
    return {
      method: 'POST',
      url: `${test ? `${events}/validate` : events}?access_token=${token}`,
      headers: {},
      body: { data: bodies(payloads) },
    };
  },

  classify(response, payloads) {
    const { status, body } = response;
    const word = textAt(body, 'status') ?? '';
    const isRefused = /^(?:invalid|error|failed)$/i.test(word);
    if (status !== 400 && !(status === 200 && isRefused)) return outcomeOfStatus(response);
    return refusedAsAWhole(payloads.length, new Map(), {
      code: word === '' ? `http_${status}` : word,
      message: plainMessage(textAt(body, 'reason') ?? ''),
    });
  },
});

/** The same as `requiredSignals`, in Snapchat's words. */
const identifying = [
  ['em', 'ph', 'client_ip_address'],
  ['em', 'ph', 'client_user_agent'],
];

function userDataOf({ person, device, signals }: OutgoingConversion): JsonObject {
  return compact({
    em: listOf(hashed(plainEmail(person.email))),
    ph: listOf(hashed(phoneDigits(person.phone))),
    fn: hashed(tightText(person.firstName)),
    ln: hashed(tightText(person.lastName)),
    ct: hashed(tightText(person.city)),
    st: hashed(stateCode(person.state)),
    zp: hashed(tightText(person.postalCode)),
    country: hashed(countryCode(person.countryCode)),
    external_id: listOf(hashed(ownCase(person.externalId))),
    client_ip_address: device.ipAddress,
    client_user_agent: device.userAgent,
    sc_click_id: signals['ScCid']?.value,
    sc_cookie1: signals['_scid']?.value,
  });
}

function customDataOf({ money, orderId, items = [] }: OutgoingConversion): JsonObject {
  const pieces = items.reduce((sum, { quantity = 1 }) => sum + quantity, 0);
  return compact({
    ...(money !== undefined && { value: majorUnits(money), currency: money.currency }),
    order_id: orderId,
    content_ids: items.map(({ id }) => id),
    brands: items.flatMap(({ brand }) => brand ?? []),
    content_category: items.flatMap(({ category }) => category ?? []),
    num_items: pieces === 0 ? undefined : pieces,
  });
}
