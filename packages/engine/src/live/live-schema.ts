import * as z from 'zod';

import { idOut, jsonObject, timestampOut } from '../http/fields-schema.ts';
import type { RecordedEvent } from '../ingest/recorded-event.ts';
import { liveTopics } from './live-message.ts';
import type { LiveMessage, LiveTopic } from './live-message.ts';
import { parseLivePosition } from './live-position.ts';

const topicRule = `must be of ${liveTopics.join(', ')}, with commas between them`;

function isTopic(text: string): text is LiveTopic {
  return (liveTopics as readonly string[]).includes(text);
}

export const liveQuery = z.strictObject({
  topics: z
    .string()
    .default(liveTopics.join(','))
    .transform((text) => text.split(','))
    .refine((topics): topics is LiveTopic[] => topics.every(isTopic), { error: topicRule })
    .meta({ type: 'string', description: topicRule, example: 'link_clicks,events' }),
});

export const liveHeaders = z.object({
  'last-event-id': z
    .string()
    .refine((text) => parseLivePosition(text) !== undefined, {
      error: 'must be the id of a message',
    })
    .optional()
    .meta({
      description: 'Goes on after this message, without a gap and without telling it again',
    }),
});

const optionalText = z.string().nullable();

const recordedEventResponse = z
  .object({
    id: idOut,
    workspace_id: idOut,
    event_type: z.string().meta({ example: 'link_click' }),
    event_name: optionalText,
    url: optionalText,
    referrer: optionalText,
    amount_cents: z
      .number()
      .nullable()
      .meta({ type: ['integer', 'null'], description: 'Minor units of `currency`' }),
    currency: optionalText,
    properties: jsonObject,
    link_id: idOut.nullable(),
    session_id: idOut.nullable(),
    touch_id: idOut.nullable(),
    visitor_id: idOut.nullable().meta({ description: '`null` for bots, crawlers and previews' }),
    origin: z.string().meta({ example: 'redirect' }),
    machine: optionalText,
    occurred_at: timestampOut,
    inserted_at: timestampOut.meta({ description: 'When it happened, as GoodAnalytics names it' }),
    recorded_at: timestampOut.nullable(),
  })
  .meta({ id: 'RecordedEvent' });

const linkClickMessage = z
  .object({
    type: z.literal('link_click'),
    topic: z.string().meta({ description: '`link_clicks:` and the workspace' }),
    workspace_id: idOut,
    link_id: idOut,
    unique: z.boolean().meta({ description: 'The first click of this visitor on this link' }),
    event: recordedEventResponse,
  })
  .meta({ id: 'LinkClickMessage' });

const eventRecordedMessage = z
  .object({
    type: z.literal('event_recorded'),
    topic: z.string().meta({ description: '`events:` and the workspace' }),
    workspace_id: idOut,
    event: recordedEventResponse,
  })
  .meta({ id: 'EventRecordedMessage' });

/** What stands behind `data:` of a message. */
export const liveMessageResponse = z
  .discriminatedUnion('type', [linkClickMessage, eventRecordedMessage])
  .meta({ id: 'LiveMessage' });

export function toLiveMessageResponse(message: LiveMessage): z.input<typeof liveMessageResponse> {
  const { topic, workspaceId } = message;
  const event = toRecordedEventResponse(message.event);
  return message.type === 'link_click'
    ? {
        type: message.type,
        topic,
        workspace_id: workspaceId,
        link_id: message.linkId,
        unique: message.unique,
        event,
      }
    : { type: message.type, topic, workspace_id: workspaceId, event };
}

function toRecordedEventResponse(event: RecordedEvent): z.input<typeof recordedEventResponse> {
  return {
    id: event.id,
    workspace_id: event.workspaceId,
    event_type: event.type,
    event_name: event.name ?? null,
    url: event.url ?? null,
    referrer: event.referrer ?? null,
    amount_cents: event.amountMinor === undefined ? null : Number(event.amountMinor),
    currency: event.currency ?? null,
    properties: { ...event.properties },
    link_id: event.linkId ?? null,
    session_id: event.sessionId ?? null,
    touch_id: event.touchId ?? null,
    visitor_id: event.visitorId ?? null,
    origin: event.origin,
    machine: event.machine ?? null,
    occurred_at: event.occurredAt.toISOString(),
    inserted_at: event.occurredAt.toISOString(),
    recorded_at: event.recordedAt?.toISOString() ?? null,
  };
}
