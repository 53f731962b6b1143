/**
 * Microsoft Advertising, UET Conversions API. Facts: learn.microsoft.com/advertising/guides/uet-conversion-api-integration
 * (checked 2026-08).
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
  listAt,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
} from '../platform-answer.ts';
import { clickParameter } from '../signal-rules.ts';
import { bareEmail, hashed, ownCase, phoneE164 } from '../user-data.ts';

export const microsoft = defineConnector({
  type: 'microsoft',
  label: 'Microsoft Advertising (UET)',
  eventTypes: ['lead', 'sale', 'registration'],
  requiredSignals: [['msclkid', 'email', 'phone', 'external_id', 'anonymous_id']],
  signals: { msclkid: clickParameter(90) },
  credentials: {
    access_token: {
      label: 'Conversions API token',
      description: 'Of the UET tag; no token of the Ads API.',
      secret: true,
    },
    tag_id: {
      label: 'UET tag id',
      secret: false,
      pattern: '[0-9]{1,20}',
      rule: 'must be digits',
    },
  },
  settings: eventNameSettings({ lead: 'lead', sale: 'purchase', registration: 'signup' }),
  ageMax: () => ({ days: 7 }),
  batch: { conversionsMax: 1_000 },
  consent: adPlatformConsent,
  matchWeights: {
    msclkid: 0.85,
    email: 0.5,
    phone: 0.4,
    external_id: 0.15,
    ip_address: 0.1,
    anonymous_id: 0.1,
    user_agent: 0.05,
  },

  build(conversion, { settings }) {
    const user = userDataOf(conversion);
    if (lacks(user, identifying))
      return refuse('payload_invalid', 'none of the signals has a form that Microsoft takes');
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          eventType: 'custom',
          eventName: eventName(conversion.type, settings),
          eventId: conversion.eventId,
          eventTime: unixSeconds(conversion.occurredAt),
          eventSourceUrl: conversion.page.url,
          referrerUrl: conversion.page.referrer,
          // What is denied is not sent at all.
          adStorageConsent: conversion.consent.ads === 'granted' ? 'G' : undefined,
          userData: user,
          customData: customDataOf(conversion),
        }),
      ),
    );
  },

  request(payloads, { credentials }) {
    return {
      method: 'POST',
      url: `https://capi.uet.microsoft.com/v1/${credentials.tag_id}/events`,
      headers: { authorization: `Bearer ${credentials.access_token}` },
      body: { data: bodies(payloads) },
    };
  },

  classify(response, payloads) {
    const { status, body } = response;
    const details = listAt(body, 'error', 'details');
    const warning = details.map((detail) => textAt(detail, 'errorMessage') ?? '').join('; ');
    if (status === 200)
      return warning === ''
        ? { outcome: 'delivered' }
        : { outcome: 'delivered', warning: plainMessage(warning) };
    if (status !== 400) return outcomeOfStatus(response);
    const reason = {
      code: textAt(body, 'error', 'code') ?? 'http_400',
      message: plainMessage(textAt(body, 'error', 'message') ?? warning),
    };
    return refusedAsAWhole(payloads.length, wrongRows(details, reason.code), reason);
  },
});

/** The same as `requiredSignals`, in Microsoft's words. */
const identifying = [['msclkid', 'em', 'ph', 'externalId', 'anonymousId']];

function wrongRows(details: readonly unknown[], code: string): ReadonlyMap<number, OutcomeReason> {
  const rows = details.flatMap((detail): [number, OutcomeReason][] => {
    const row = at(detail, 'index');
    const said = `${textAt(detail, 'propertyName') ?? ''}: ${textAt(detail, 'errorMessage') ?? ''}`;
    return typeof row === 'number' ? [[row, { code, message: plainMessage(said) }]] : [];
  });
  return new Map(rows);
}

function userDataOf({ person, device, signals }: OutgoingConversion): JsonObject {
  return compact({
    em: hashed(bareEmail(person.email)),
    ph: hashed(phoneE164(person.phone)),
    externalId: ownCase(person.externalId),
    anonymousId: device.anonymousId,
    msclkid: signals['msclkid']?.value,
    clientIpAddress: device.ipAddress,
    clientUserAgent: device.userAgent,
  });
}

function customDataOf({ type, money, orderId, items = [] }: OutgoingConversion): JsonObject {
  const value = money === undefined ? undefined : majorUnits(money);
  const isSale = type === 'sale';
  return compact({
    value,
    currency: money?.currency,
    transactionId: orderId,
    ...(isSale && { pageType: 'purchase', ecommTotalValue: value }),
    items: items.map((item) =>
      compact({
        id: item.id,
        name: item.name,
        quantity: item.quantity ?? 1,
        price: pieceUnits(item.priceMinor, money),
      }),
    ),
  });
}
