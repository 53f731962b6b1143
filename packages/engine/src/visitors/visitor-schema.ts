import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  moneyOut,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { textLengthMax } from '../ingest/check-event.ts';
import { identityResponse, personFields, toIdentityResponse } from '../ingest/event-schema.ts';
import { given } from '../kernel/given.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { IdentifiedVisitor, IdentifyVisitorInput } from './identify-visitor.ts';
import type { ResolveVisitorInput } from './resolve-visitor.ts';
import type { VisitorAttribution } from './visitor-attribution.ts';
import type { VisitorEvidence } from './visitor-evidence.ts';
import { visitorStatuses } from './visitor.ts';
import type { PathTouch, SourceView, TimelineEvent, Visitor } from './visitor.ts';

export const visitorIdParams = z.object({ id: uuid });
export const externalIdParams = z.object({ external_id: text(255).meta({ example: 'cust_123' }) });
export const visitorQuery = z.strictObject({
  ...pageQuery(20),
  search: text(255).optional().meta({
    description:
      'The id of a visitor, or the whole of an external id, email or phone number: what is stored encrypted has no parts to find',
  }),
  status: z.enum(visitorStatuses).optional(),
  seen_since: instant.optional().meta({ description: 'Seen at this time or later' }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters')
    .optional()
    .meta({ description: 'ISO 3166-1 alpha-2, of the latest visit on one of their devices' }),
  channel: text(255).optional().meta({ description: 'They have come this way at least once' }),
});
export const timelineQuery = z.strictObject(pageQuery(50));
export const attributionQuery = z.strictObject(pageQuery(200));
export const evidenceQuery = z.strictObject(pageQuery(100)).omit({ offset: true });

export const resolveParams = z
  .strictObject({ ...personFields, occurred_at: instant.nullish() })
  .meta({ id: 'ResolveVisitorParams' });

export const identifyParams = z
  .strictObject({
    visitor_id: uuid.nullish(),
    ...personFields,
    person_name: text(textLengthMax.personName).nullish().meta({ example: 'Alice' }),
    person_metadata: jsonObject.nullish(),
    occurred_at: instant.nullish(),
  })
  .meta({ id: 'IdentifyVisitorParams' });

export const mergeParams = z
  .strictObject({ other_visitor_id: uuid })
  .meta({ id: 'MergeVisitorParams' });

const optionalText = z.string().nullable();
const optionalTime = timestampOut.nullable();

const sourceFields = {
  source: optionalText.meta({ example: 'google' }),
  medium: optionalText.meta({ example: 'cpc' }),
  campaign: optionalText,
  content: optionalText,
  term: optionalText,
  platform: optionalText.meta({ example: 'google_ads' }),
  click_id_type: optionalText.meta({ example: 'gclid' }),
  referrer_host: optionalText,
  confidence: optionalText,
  rule: optionalText.meta({ description: 'The rule that decided' }),
  channel: optionalText.meta({ example: 'Organic Search' }),
};

export const sourceResponse = z.object(sourceFields).meta({ id: 'Source' });

export const visitorResponse = z
  .object({
    id: idOut,
    workspace_id: idOut,
    status: z.enum(['anonymous', 'identified', 'lead', 'customer', 'churned']),
    person_external_id: optionalText,
    person_email: optionalText,
    person_phone: optionalText,
    person_name: optionalText,
    person_metadata: jsonObject,
    geo: jsonObject.meta({
      description: 'Of the latest visit, as far as a database of places knows',
      example: { country: 'DE', city: 'Berlin' },
    }),
    device: jsonObject.meta({
      description: 'Of the latest visit',
      example: { device_type: 'mobile', browser: 'Safari', os: 'iOS' },
    }),
    first_source: sourceResponse.nullable(),
    last_source: sourceResponse.nullable(),
    first_click_id: idOut.nullable(),
    last_click_id: idOut.nullable(),
    merged_ids: z
      .array(idOut)
      .meta({ description: 'Visitors that are this person too; their ids find it' }),
    first_seen_at: optionalTime,
    last_seen_at: optionalTime,
    identified_at: optionalTime,
    converted_at: optionalTime,
    total_sessions: countOut,
    total_pageviews: countOut,
    total_events: countOut,
    ltv_cents: z
      .number()
      .meta({ type: 'integer', description: "Minor units of the workspace's currency" }),
    revenue: z.array(moneyOut).meta({ description: 'Sales less refunds, in every currency' }),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'VisitorResponse' });

export const identifiedResponse = z
  .object({ visitor: visitorResponse.nullable(), identity: identityResponse, event_id: idOut })
  .meta({ id: 'IdentifiedVisitorResponse' });

export const undoneResponse = z
  .object({ winner: visitorResponse.nullable(), loser: visitorResponse.nullable() })
  .meta({ id: 'UndoneMergeResponse' });

export const timelineResponse = z
  .object({
    id: idOut,
    event_type: z.string().meta({ example: 'sale' }),
    event_name: optionalText,
    url: optionalText,
    referrer: optionalText,
    source_platform: optionalText,
    source_medium: optionalText,
    source_campaign: optionalText,
    amount_cents: z
      .number()
      .nullable()
      .meta({ type: ['integer', 'null'], description: 'Minor units of `currency`' }),
    currency: optionalText,
    properties: jsonObject,
    link_id: idOut.nullable(),
    session_id: idOut.nullable(),
    visitor_id: idOut.meta({ description: 'The visitor that the event was stamped with' }),
    occurred_at: timestampOut,
    inserted_at: timestampOut.meta({ description: 'When it happened, as GoodAnalytics names it' }),
    recorded_at: timestampOut,
  })
  .meta({ id: 'TimelineResponse' });

const touchResponse = z
  .object({
    ...sourceFields,
    id: idOut,
    kind: z.string().meta({ example: 'click' }),
    occurred_at: timestampOut,
    visitor_id: idOut,
    session_id: idOut.nullable(),
    link_id: idOut.nullable(),
    url: optionalText,
    referrer: optionalText,
    signals: z.record(z.string(), z.string()),
    consent: jsonObject.nullable().meta({
      description:
        'What was agreed to at this arrival: `granted`, `denied` or `pending` by purpose, and `gpc` where the browser sent Global Privacy Control; `null` where nobody was asked',
      example: { analytics: 'granted', ads: 'denied' },
    }),
  })
  .meta({ id: 'Touch' });

export const attributionResponse = z
  .object({
    attribution_path: z.array(touchResponse).meta({ description: 'Oldest first' }),
    first_source: sourceResponse.nullable(),
    last_source: sourceResponse.nullable(),
    first_seen_at: optionalTime,
    last_seen_at: optionalTime,
  })
  .meta({ id: 'AttributionResponse' });

export const evidenceResponse = z
  .object({
    identifiers: z.array(
      z.object({
        kind: z.string(),
        value: optionalText.meta({ description: 'Only of kinds that may be shown' }),
        visitor_id: idOut,
        event_id: idOut,
        first_seen_at: timestampOut,
      }),
    ),
    merges: z.array(
      z.object({
        id: idOut,
        winner_id: idOut,
        loser_id: idOut,
        event_id: idOut.meta({ description: 'The event that named both' }),
        reason: z.string(),
        actor: optionalText,
        occurred_at: timestampOut,
        recorded_at: timestampOut,
        undone_at: optionalTime,
      }),
    ),
    refusals: z.array(
      z.object({
        reason: z.string(),
        visitor_id: idOut,
        other_visitor_id: idOut,
        event_id: idOut,
        occurred_at: timestampOut,
      }),
    ),
  })
  .meta({ id: 'EvidenceResponse' });

/** What the fields of the inputs are called on the wire, where that is not only another spelling. */
export const wireNames: Readonly<Record<string, string>> = {
  externalId: 'person_external_id',
  email: 'person_email',
  phone: 'person_phone',
  name: 'person_name',
  personName: 'person_name',
  metadata: 'person_metadata',
  sameAsVisitorId: 'other_visitor_id',
};

export function toResolveInput(
  body: z.output<typeof resolveParams>,
  idempotencyKey: string | undefined,
): ResolveVisitorInput {
  return given({
    anonymousId: body.anonymous_id,
    externalId: body.person_external_id,
    email: body.person_email,
    phone: body.person_phone,
    identifiers: body.identifiers,
    occurredAt: body.occurred_at,
    idempotencyKey,
  });
}

export function toIdentifyInput(
  body: z.output<typeof identifyParams>,
  idempotencyKey: string | undefined,
): IdentifyVisitorInput {
  return {
    ...toResolveInput(body, idempotencyKey),
    ...given({
      visitorId: body.visitor_id,
      name: body.person_name,
      metadata: body.person_metadata,
    }),
  };
}

export function toVisitorResponse(
  workspace: Workspace,
  visitor: Visitor,
): z.input<typeof visitorResponse> {
  const ownCurrency = visitor.lifetimeValue.find((money) => money.currency === workspace.currency);
  return {
    id: visitor.id,
    workspace_id: visitor.workspaceId,
    status: visitor.status,
    person_external_id: visitor.externalId ?? null,
    person_email: visitor.email ?? null,
    person_phone: visitor.phone ?? null,
    person_name: visitor.name ?? null,
    person_metadata: { ...visitor.metadata },
    geo: given({
      country: visitor.place?.countryCode,
      region: visitor.place?.region,
      city: visitor.place?.city,
    }),
    device: given({
      device_type: visitor.device?.deviceType,
      browser: visitor.device?.browser,
      os: visitor.device?.system,
      in_app: visitor.device?.inApp,
      language: visitor.device?.language,
    }),
    first_source: visitor.firstSource === undefined ? null : toSourceResponse(visitor.firstSource),
    last_source: visitor.lastSource === undefined ? null : toSourceResponse(visitor.lastSource),
    first_click_id: visitor.firstClickId ?? null,
    last_click_id: visitor.lastClickId ?? null,
    merged_ids: [...visitor.mergedIds],
    first_seen_at: visitor.firstSeenAt.toISOString(),
    last_seen_at: visitor.lastSeenAt.toISOString(),
    identified_at: visitor.identifiedAt?.toISOString() ?? null,
    converted_at: visitor.convertedAt?.toISOString() ?? null,
    total_sessions: visitor.sessions,
    total_pageviews: visitor.pageviews,
    total_events: visitor.events,
    ltv_cents: Number(ownCurrency?.amountMinor ?? 0n),
    revenue: visitor.lifetimeValue.map(({ currency, amountMinor }) => ({
      currency,
      amount: Number(amountMinor),
    })),
    inserted_at: visitor.firstSeenAt.toISOString(),
    updated_at: visitor.lastSeenAt.toISOString(),
  };
}

export function toIdentifiedResponse(
  workspace: Workspace,
  identified: IdentifiedVisitor,
): z.input<typeof identifiedResponse> {
  return {
    visitor:
      identified.visitor === undefined ? null : toVisitorResponse(workspace, identified.visitor),
    identity: toIdentityResponse(identified.identity),
    event_id: identified.eventId,
  };
}

export function toTimelineResponse(event: TimelineEvent): z.input<typeof timelineResponse> {
  return {
    id: event.id,
    event_type: event.type,
    event_name: event.name ?? null,
    url: event.url ?? null,
    referrer: event.referrer ?? null,
    source_platform: null,
    source_medium: null,
    source_campaign: null,
    amount_cents: event.amountMinor === undefined ? null : Number(event.amountMinor),
    currency: event.currency ?? null,
    properties: { ...event.properties },
    link_id: event.linkId ?? null,
    session_id: event.sessionId ?? null,
    visitor_id: event.visitorId,
    occurred_at: event.occurredAt.toISOString(),
    inserted_at: event.occurredAt.toISOString(),
    recorded_at: event.recordedAt.toISOString(),
  };
}

export function toAttributionResponse({
  visitor,
  path,
}: VisitorAttribution): z.input<typeof attributionResponse> {
  return {
    attribution_path: path.map(toTouchResponse),
    first_source: visitor.firstSource === undefined ? null : toSourceResponse(visitor.firstSource),
    last_source: visitor.lastSource === undefined ? null : toSourceResponse(visitor.lastSource),
    first_seen_at: visitor.firstSeenAt.toISOString(),
    last_seen_at: visitor.lastSeenAt.toISOString(),
  };
}

export function toEvidenceResponse(evidence: VisitorEvidence): z.input<typeof evidenceResponse> {
  return {
    identifiers: evidence.identifiers.map((identifier) => ({
      kind: identifier.kind,
      value: identifier.value ?? null,
      visitor_id: identifier.visitorId,
      event_id: identifier.eventId,
      first_seen_at: identifier.firstSeenAt.toISOString(),
    })),
    merges: evidence.merges.map((merge) => ({
      id: merge.id,
      winner_id: merge.winnerId,
      loser_id: merge.loserId,
      event_id: merge.eventId,
      reason: merge.reason,
      actor: merge.actor ?? null,
      occurred_at: merge.occurredAt.toISOString(),
      recorded_at: merge.recordedAt.toISOString(),
      undone_at: merge.undoneAt?.toISOString() ?? null,
    })),
    refusals: evidence.refusals.map((refusal) => ({
      reason: refusal.reason,
      visitor_id: refusal.visitorId,
      other_visitor_id: refusal.otherVisitorId,
      event_id: refusal.eventId,
      occurred_at: refusal.occurredAt.toISOString(),
    })),
  };
}

export function toSourceResponse(source: SourceView): z.input<typeof sourceResponse> {
  return {
    source: source.source ?? null,
    medium: source.medium ?? null,
    campaign: source.campaign ?? null,
    content: source.content ?? null,
    term: source.term ?? null,
    platform: source.platform ?? null,
    click_id_type: source.clickIdType ?? null,
    referrer_host: source.referrerHost ?? null,
    confidence: source.confidence ?? null,
    rule: source.rule ?? null,
    channel: source.channel ?? null,
  };
}

function toTouchResponse(touch: PathTouch): z.input<typeof touchResponse> {
  return {
    ...toSourceResponse(touch),
    id: touch.id,
    kind: touch.kind,
    occurred_at: touch.occurredAt.toISOString(),
    visitor_id: touch.visitorId,
    session_id: touch.sessionId ?? null,
    link_id: touch.linkId ?? null,
    url: touch.url ?? null,
    referrer: touch.referrer ?? null,
    signals: { ...touch.signals },
    consent: touch.consent === undefined ? null : { ...touch.consent },
  };
}
