/** Any HTTP endpoint: one conversion as JSON, signed as Standard Webhooks where there is a secret. */
import { formatMoney } from '../../kernel/money.ts';
import { ok } from '../../kernel/result.ts';
import { defineConnector } from '../connector.ts';
import type { JsonObject } from '../connector.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { compact, payloadOf } from '../payload-json.ts';
import { outcomeOfStatus } from '../platform-answer.ts';
import { clickParameter } from '../signal-rules.ts';
import { webhookHeaders } from '../standard-webhook.ts';
import { hashed, phoneE164, plainEmail, plainId } from '../user-data.ts';

export const http = defineConnector({
  type: 'http',
  label: 'HTTP endpoint',
  eventTypes: ['lead', 'sale', 'registration', 'refund'],
  requiredSignals: [],
  // Every one that there is.
  signals: { '*': clickParameter(90) },
  credentials: {
    url: {
      label: 'Address',
      description: 'May hold a token, so it is kept like one.',
      secret: true,
      pattern: 'https?://\\S{1,2000}',
      rule: 'must be an http or https address',
    },
    authorization: {
      label: 'Authorization',
      description: 'The value of the Authorization header: Bearer …',
      secret: true,
      optional: true,
    },
    signing_secret: {
      label: 'Signing secret',
      description: 'Signs every request as Standard Webhooks says: 24 to 64 random bytes.',
      secret: true,
      optional: true,
      pattern: 'whsec_[A-Za-z0-9+/]{32,88}={0,2}',
      rule: 'must be whsec_ and the base64 of 24 to 64 bytes',
    },
  },
  settings: {
    person: {
      type: 'choice',
      label: 'What of the person',
      description: 'hashed: SHA-256 of the trimmed, lower-case email and of the phone in E.164.',
      default: 'hashed',
      choices: ['none', 'hashed', 'plain'],
    },
  },
  batch: { conversionsMax: 1 },
  consent: { sending: ['ads'], person: ['ad_user_data'], device: ['ad_user_data'] },
  testMode: 'The same request with "test": true in it.',

  build(conversion, { settings, test }) {
    return ok(
      payloadOf(
        conversion.eventId,
        compact({
          type: conversion.type === 'refund' ? 'conversion.refunded' : 'conversion.created',
          timestamp: conversion.occurredAt.toISOString(),
          ...(test && { test: true }),
          data: dataOf(conversion, settings.person),
        }),
      ),
    );
  },

  request([payload], { credentials, now }) {
    const body = JSON.stringify(payload?.body ?? {});
    // The same on every attempt; the signature's separator is no part of an id.
    const id = `conversion_${(payload?.eventId ?? '').replaceAll('.', '_')}`;
    const { url, authorization, signing_secret: secret } = credentials;
    return {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
        ...(secret === undefined
          ? { 'webhook-id': id }
          : webhookHeaders({ id, sentAt: now, body }, [secret])),
      },
      body,
    };
  },

  // What an endpoint of one's own answers beside its status is its own affair.
  classify: ({ status, headers }) =>
    outcomeOfStatus({ status, headers, body: undefined }, `The answer was ${status}.`),
});

function dataOf(conversion: OutgoingConversion, person: 'none' | 'hashed' | 'plain'): JsonObject {
  const { money, page, refunded } = conversion;
  return compact({
    id: conversion.eventId,
    event_type: conversion.type,
    name: conversion.name,
    occurred_at: conversion.occurredAt.toISOString(),
    order_id: conversion.orderId,
    ...(money !== undefined && {
      amount_minor: Number(money.amountMinor),
      amount: formatMoney(money),
      currency: money.currency,
    }),
    refunded_id: refunded?.eventId,
    ...(person !== 'none' && { person: personOf(conversion, person === 'hashed') }),
    page: compact({ url: page.url, referrer: page.referrer }),
    signals: Object.fromEntries(
      Object.entries(conversion.signals).map(([name, { value }]) => [name, value]),
    ),
    items: (conversion.items ?? []).map((item) =>
      compact({
        id: item.id,
        name: item.name,
        category: item.category,
        brand: item.brand,
        price_minor: item.priceMinor === undefined ? undefined : Number(item.priceMinor),
        quantity: item.quantity ?? 1,
      }),
    ),
  });
}

function personOf({ person }: OutgoingConversion, isHashed: boolean): JsonObject {
  if (isHashed)
    return compact({
      external_id: plainId(person.externalId),
      email_sha256: hashed(plainEmail(person.email)),
      phone_sha256: hashed(phoneE164(person.phone)),
    });
  return compact({
    external_id: person.externalId,
    email: person.email,
    phone: person.phone,
    first_name: person.firstName,
    last_name: person.lastName,
    country: person.countryCode,
  });
}
