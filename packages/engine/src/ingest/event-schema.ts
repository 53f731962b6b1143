import * as z from 'zod';

import { goals } from '../attribution/goal.ts';
import { idOut, instant, jsonObject, text, uuid } from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import { amountMinorMax, isCurrency } from '../kernel/money.ts';
import {
  identifierKindPattern,
  identifierLengthMax,
  identifiersMax,
  textLengthMax,
} from './check-event.ts';
import { eventTypes } from './event.ts';
import type { IdentityOutcome } from './event.ts';
import type { TrackEventInput } from './track-event.ts';

const amountMessage = `must be a whole number of minor units from 0 to ${amountMinorMax}`;
const amount = z
  .int({ error: amountMessage })
  .min(0, { error: amountMessage })
  .max(Number(amountMinorMax), { error: amountMessage })
  .meta({ example: 4999 });

const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine(isCurrency, { error: 'must be an ISO 4217 code, for example USD' })
  .meta({ description: "ISO 4217; without it the workspace's", example: 'USD' });

const identifierParams = z
  .strictObject({
    kind: z
      .string()
      .regex(identifierKindPattern, {
        error: 'must have lower-case letters, digits and underscores, 63 at most',
      })
      .meta({ example: 'loyalty_card' }),
    value: text(identifierLengthMax).meta({ example: '4711' }),
  })
  .meta({ id: 'Identifier' });

/** How a person is named, in events and when visitors are resolved. */
export const personFields = {
  person_external_id: text(textLengthMax.externalId)
    .nullish()
    .meta({ description: "The host application's own id of the person", example: 'cust_123' }),
  person_email: text(textLengthMax.email).nullish().meta({ example: 'alice@example.com' }),
  person_phone: text(textLengthMax.phone)
    .nullish()
    .meta({ description: 'With its country code', example: '+15550100' }),
  anonymous_id: text(textLengthMax.anonymousId)
    .nullish()
    .meta({ description: 'The value of the visitor cookie' }),
  identifiers: z
    .array(identifierParams)
    .max(identifiersMax)
    .nullish()
    .meta({ description: 'Identifiers of other kinds' }),
};

export const eventParams = z
  .strictObject({
    visitor_id: uuid
      .nullish()
      .meta({ description: 'Wins over every other way of naming the person' }),
    ...personFields,
    hw_click: uuid
      .nullish()
      .meta({ description: 'The click id that a landing page was opened with' }),
    ga_id: uuid.nullish().meta({ description: 'The same by its name in GoodAnalytics' }),
    event_type: z.enum(eventTypes),
    event_name: text(textLengthMax.name)
      .nullish()
      .meta({ description: 'What happened, for `custom` events' }),
    properties: jsonObject
      .nullish()
      .meta({ description: 'At most 50 keys', example: { plan: 'pro' } }),
    amount_cents: amount.nullish().meta({ description: 'Minor units of the currency' }),
    currency: currency.nullish(),
    url: text(textLengthMax.url).nullish().meta({ example: 'https://example.com/checkout' }),
    referrer: text(textLengthMax.referrer).nullish(),
    connector_signals: z
      .record(z.string(), text(512))
      .nullish()
      .meta({
        description: 'Click ids and cookies of ad platforms, by their own names',
        example: { _fbp: 'fb.1.1596403881668.1116446470', gclid: 'Cj0KCQjw' },
      }),
    consent: z
      .record(z.string(), z.enum(['granted', 'denied', 'pending']))
      .nullish()
      .meta({
        description:
          'What the person agreed to, by purpose; `ads` decides what goes to ad platforms',
        example: { ads: 'granted' },
      }),
    link_id: uuid
      .nullish()
      .meta({ description: 'The link that it belongs to, where that is known' }),
    referral_link_id: uuid.nullish().meta({ description: 'The same by its name in GoodAnalytics' }),
    partner_id: uuid
      .nullish()
      .meta({ description: 'The partner who sent the person; one who is none counts for nothing' }),
    coupon: text(textLengthMax.coupon)
      .nullish()
      .meta({ description: "A code that was used; with a partner's the conversion is theirs" }),
    referral_click_id: uuid
      .nullish()
      .meta({ description: 'Taken for compatibility; see `hw_click`' }),
    occurred_at: instant.nullish().meta({
      description: 'When it happened, for late and imported events; 24 hours ahead at most',
    }),
    event_id: uuid
      .nullish()
      .meta({ description: "The sender's own id of the event: sent again, it counts once" }),
    idempotency_key: text(textLengthMax.idempotencyKey)
      .nullish()
      .meta({ description: 'Sent again, the event counts once', example: 'order-123' }),
    refund_of: uuid.nullish().meta({
      description:
        'Of a `refund`: the event that it takes back, by its id. Without an amount all of it is taken back',
    }),
    refund_of_key: text(textLengthMax.refundOfKey).nullish().meta({
      description: 'The same by the idempotency key of that event',
      example: 'order-123',
    }),
    refund_of_type: z.enum(goals).nullish().meta({
      description:
        'What a refund that names no event takes back: the latest one of the person. Without it a sale',
    }),
  })
  .refine(namesSomebody, {
    path: ['visitor_id'],
    error:
      'is required, or another name of the person: person_external_id, person_email, person_phone, anonymous_id, hw_click, identifiers',
  })
  .meta({ id: 'EventParams' });

const batchItemsMax = 100;

export const batchParams = z.strictObject({
  events: z
    .array(z.unknown())
    .min(1, { error: 'must have at least one event' })
    .max(batchItemsMax, {
      error: `must have at most ${batchItemsMax} events`,
    }),
});

export const documentedBatchParams = z
  .object({ events: z.array(eventParams).min(1).max(batchItemsMax) })
  .meta({ id: 'BatchEventParams' });

export const identityResponse = z
  .object({
    outcome: z.enum(['none', 'known', 'created', 'linked', 'merged', 'refused']),
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why a merge was refused', example: 'different_external_id' }),
    demoted: z
      .array(z.string())
      .optional()
      .meta({ description: 'Kinds of identifiers that had no say' }),
  })
  .meta({ id: 'IdentityOutcome', description: 'What identity did' });

export const eventResponse = z
  .object({
    event_id: idOut,
    outcome: z.enum(['accepted', 'duplicate']),
    visitor_id: idOut.nullable().meta({ description: 'The person that it belongs to now' }),
    identity: identityResponse,
  })
  .meta({ id: 'EventResponse' });

export const batchResponse = z
  .object({
    results: z.array(
      z.object({
        index: z.number().meta({ type: 'integer' }),
        status: z.enum(['ok', 'error']),
        outcome: z.enum(['accepted', 'duplicate', 'rejected']),
        event_id: idOut.optional(),
        visitor_id: idOut.nullable().optional(),
        identity: identityResponse.optional(),
        error: z.string().optional(),
        code: z.string().optional(),
        errors: z.record(z.string(), z.array(z.string())).optional(),
      }),
    ),
  })
  .meta({ id: 'BatchEventResponse' });

/** What the fields of {@link TrackEventInput} are called on the wire, where that is not only another spelling. */
export const wireNames: Readonly<Record<string, string>> = {
  type: 'event_type',
  name: 'event_name',
  externalId: 'person_external_id',
  email: 'person_email',
  phone: 'person_phone',
  personName: 'person_name',
  clickId: 'hw_click',
  amountMinor: 'amount_cents',
  signals: 'connector_signals',
  refundOf: 'refund_of',
  refundOfKey: 'refund_of_key',
  refundOfType: 'refund_of_type',
};

export function toTrackEventInput(body: z.output<typeof eventParams>): TrackEventInput {
  const input: { -readonly [Field in keyof TrackEventInput]: TrackEventInput[Field] } = {
    type: body.event_type,
  };
  if (body.event_name != null) input.name = body.event_name;
  if (body.visitor_id != null) input.visitorId = body.visitor_id;
  if (body.person_external_id != null) input.externalId = body.person_external_id;
  if (body.person_email != null) input.email = body.person_email;
  if (body.person_phone != null) input.phone = body.person_phone;
  if (body.anonymous_id != null) input.anonymousId = body.anonymous_id;
  if (body.identifiers != null) input.identifiers = body.identifiers;
  const clickId = body.hw_click ?? body.ga_id;
  if (clickId != null) input.clickId = clickId;
  if (body.amount_cents != null) input.amountMinor = BigInt(body.amount_cents);
  if (body.currency != null) input.currency = body.currency;
  if (body.url != null) input.url = body.url;
  if (body.referrer != null) input.referrer = body.referrer;
  if (body.properties != null) input.properties = body.properties;
  const linkId = body.link_id ?? body.referral_link_id;
  if (linkId != null) input.linkId = linkId;
  if (body.partner_id != null) input.partnerId = body.partner_id;
  if (body.coupon != null) input.coupon = body.coupon;
  if (body.connector_signals != null) input.signals = body.connector_signals;
  if (body.consent != null) input.consent = body.consent;
  if (body.occurred_at != null) input.occurredAt = body.occurred_at;
  if (body.event_id != null) input.eventId = body.event_id;
  if (body.idempotency_key != null) input.idempotencyKey = body.idempotency_key;
  if (body.refund_of != null) input.refundOf = body.refund_of;
  if (body.refund_of_key != null) input.refundOfKey = body.refund_of_key;
  if (body.refund_of_type != null) input.refundOfType = body.refund_of_type;
  return input;
}

export function toIdentityResponse(identity: IdentityOutcome): z.input<typeof identityResponse> {
  const { outcome, reason, demoted } = identity;
  if (reason === undefined && demoted === undefined) return { outcome };
  return given({ outcome, reason, demoted: demoted && [...demoted] });
}

function namesSomebody(body: Readonly<Record<string, unknown>>): boolean {
  const names = [
    'visitor_id',
    'person_external_id',
    'person_email',
    'person_phone',
    'anonymous_id',
    'hw_click',
    'ga_id',
  ];
  return (
    names.some((name) => body[name] != null) ||
    (Array.isArray(body['identifiers']) && body['identifiers'].length > 0)
  );
}
