import * as z from 'zod';

import {
  idOut,
  instant,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { eventTypes } from '../ingest/event.ts';
import type { ListEventsInput, ListedEvent } from './list-events.ts';

const optionalText = z.string().nullable();

export const eventListQuery = z.strictObject({
  ...pageQuery(50),
  from: instant.optional().meta({ description: 'Inclusive. Seven days before the end without it' }),
  to: instant.optional().meta({ description: 'Exclusive' }),
  event_type: z.enum(eventTypes).optional(),
  event_name: text(255).optional(),
  url: text(8192)
    .optional()
    .meta({ description: 'By path: `/promo` is also `https://shop.example/promo/?utm_source=x`' }),
  source: text(255).optional(),
  campaign: text(255).optional(),
  visitor_id: uuid.optional().meta({ description: 'Of one person, by any of their visitors' }),
  search: text(200)
    .optional()
    .meta({ description: 'A part of the name or of the address, in whatever case' }),
});

export const listedEventResponse = z
  .object({
    id: idOut,
    event_type: z.string().meta({ example: 'sale' }),
    event_name: optionalText,
    url: optionalText,
    referrer: optionalText,
    channel: optionalText.meta({ description: 'Of the arrival that began its visit' }),
    source: optionalText,
    medium: optionalText,
    campaign: optionalText,
    click_id_type: optionalText,
    amount_cents: z
      .number()
      .nullable()
      .meta({ type: ['integer', 'null'], description: 'Minor units of `currency`' }),
    currency: optionalText,
    properties: jsonObject,
    link_id: idOut.nullable(),
    session_id: idOut.nullable(),
    visitor_id: idOut.nullable().meta({ description: '`null` for bots, crawlers and previews' }),
    person_id: idOut.nullable().meta({ description: 'The person that the visitor belongs to now' }),
    origin: z.string(),
    machine: optionalText.meta({ description: 'The name of the bot, crawler or preview' }),
    occurred_at: timestampOut,
    recorded_at: timestampOut,
  })
  .meta({ id: 'ListedEvent' });

export function toListEventsInput(query: z.output<typeof eventListQuery>): ListEventsInput {
  const { event_type: type, event_name: name, visitor_id: visitorId, ...rest } = query;
  const { url, source, campaign, ...page } = rest;
  return {
    ...page,
    visitorId,
    ...(type !== undefined && { type: { in: [type] } }),
    ...(name !== undefined && { name: { in: [name] } }),
    ...(url !== undefined && { url: { in: [url] } }),
    ...(source !== undefined && { source: { in: [source] } }),
    ...(campaign !== undefined && { campaign: { in: [campaign] } }),
  };
}

export function toListedEventResponse(event: ListedEvent): z.input<typeof listedEventResponse> {
  return {
    id: event.id,
    event_type: event.type,
    event_name: event.name,
    url: event.url,
    referrer: event.referrer,
    channel: event.channel,
    source: event.source,
    medium: event.medium,
    campaign: event.campaign,
    click_id_type: event.clickIdType,
    amount_cents: event.amountMinor === null ? null : Number(event.amountMinor),
    currency: event.currency,
    properties: { ...event.properties },
    link_id: event.linkId,
    session_id: event.sessionId,
    visitor_id: event.visitorId,
    person_id: event.personId,
    origin: event.origin,
    machine: event.machine,
    occurred_at: event.occurredAt.toISOString(),
    recorded_at: event.recordedAt.toISOString(),
  };
}
