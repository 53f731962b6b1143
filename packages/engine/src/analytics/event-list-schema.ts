import * as z from 'zod';

import { idOut, pageQuery, text, uuid } from '../http/fields-schema.ts';
import type { EventType } from '../ingest/event.ts';
import { given } from '../kernel/given.ts';
import { filterQuery, periodQuery, toFilters } from '../reports/report-schema.ts';
import { timelineResponse } from '../visitors/visitor-schema.ts';
import type { ListedEvent, ListEventsInput, ValueChoice } from './list-events.ts';

/** What events are found by, beside their time and their person. */
export const eventListDimensions = [
  'event_type',
  'event_name',
  'page',
  'source',
  'campaign',
  'click_id',
] as const;
type Dimension = (typeof eventListDimensions)[number];

export const eventListQuery = z.strictObject({
  ...periodQuery,
  ...filterQuery(eventListDimensions),
  visitor_id: uuid
    .optional()
    .meta({ description: 'Those of one person, by any of their visitors' }),
  search: text(200).optional().meta({ description: 'A part of the name or of the address' }),
  ...pageQuery(50),
});

const optionalText = z.string().nullable();

export const listedEventResponse = timelineResponse
  .extend({
    visitor_id: idOut.nullable().meta({
      description: 'The visitor that the event was stamped with; of a machine none',
    }),
    person_id: idOut.nullable().meta({ description: 'Who that is now' }),
    touch_id: idOut.nullable(),
    channel: optionalText,
    click_id_type: optionalText.meta({ example: 'gclid' }),
    origin: z.string().meta({ example: 'beacon' }),
    machine: optionalText.meta({ example: 'Googlebot' }),
  })
  .meta({ id: 'ListedEvent' });

/** Several filters of one dimension hold together: what they share is wanted, and none of what one leaves out. */
export function toListEventsInput(query: z.output<typeof eventListQuery>): ListEventsInput {
  const { from, to, days, timezone, visitor_id: visitorId, search, limit, offset, cursor } = query;
  const wanted = new Map<Dimension, Array<string | null>>();
  const unwanted = new Map<Dimension, Array<string | null>>();
  for (const { dimension, values, exclude } of toFilters(query)) {
    const side = exclude === true ? unwanted : wanted;
    const before = side.get(dimension);
    if (exclude === true) side.set(dimension, [...(before ?? []), ...values]);
    else side.set(dimension, before?.filter((value) => values.includes(value)) ?? values);
  }
  const choiceOf = (dimension: Dimension): ValueChoice | undefined =>
    wanted.has(dimension) || unwanted.has(dimension)
      ? { in: wanted.get(dimension), notIn: unwanted.get(dimension) }
      : undefined;
  return {
    ...given({ from, to, days, timezone, visitorId, search, cursor }),
    limit,
    offset,
    ...given({
      type: choiceOf('event_type') as ValueChoice<EventType> | undefined,
      name: choiceOf('event_name'),
      url: choiceOf('page') as ValueChoice<string> | undefined,
      source: choiceOf('source'),
      campaign: choiceOf('campaign'),
      clickId: choiceOf('click_id'),
    }),
  };
}

/** The fields of the use case as the wire names them. */
export const eventListWireNames = {
  type: 'filter',
  name: 'filter',
  url: 'filter',
  source: 'filter',
  campaign: 'filter',
  clickId: 'filter',
} as const;

export function toListedEvent(event: ListedEvent): z.input<typeof listedEventResponse> {
  return {
    id: event.id,
    event_type: event.type,
    event_name: event.name,
    url: event.url,
    referrer: event.referrer,
    source_platform: event.source,
    source_medium: event.medium,
    source_campaign: event.campaign,
    amount_cents: event.amountMinor === null ? null : Number(event.amountMinor),
    currency: event.currency,
    properties: { ...event.properties },
    link_id: event.linkId,
    session_id: event.sessionId,
    visitor_id: event.visitorId,
    occurred_at: event.occurredAt.toISOString(),
    inserted_at: event.occurredAt.toISOString(),
    recorded_at: event.recordedAt.toISOString(),
    person_id: event.personId,
    touch_id: event.touchId,
    channel: event.channel,
    click_id_type: event.clickIdType,
    origin: event.origin,
    machine: event.machine,
  };
}
