import * as z from 'zod';

import {
  countOut,
  idOut,
  jsonObject,
  pageQuery,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import {
  sourceResponse,
  timelineResponse,
  toSourceResponse,
  toTimelineResponse,
} from '../visitors/visitor-schema.ts';
import type { SessionWithEvents } from './get-session.ts';
import type { Session } from './session.ts';

export const sessionParams = z.object({ id: uuid });
export const sessionQuery = z.strictObject(pageQuery(50));

const url = z.string().nullable().meta({ example: 'https://shop.example/pricing' });

export const sessionResponse = z
  .object({
    id: idOut,
    visitor_id: idOut.meta({ description: 'The device that began the visit' }),
    started_at: timestampOut,
    last_event_at: timestampOut,
    duration_seconds: countOut,
    entry_url: url.meta({ description: 'The first page' }),
    exit_url: url.meta({ description: 'The last page' }),
    events: countOut,
    pageviews: countOut,
    engaged_seconds: countOut.meta({ description: 'How long its pages were in front of somebody' }),
    conversions: countOut.meta({ description: 'Leads, sales and registrations' }),
    is_bounce: z.boolean().meta({ description: 'One page at most, and no interaction' }),
    is_engaged: z.boolean().meta({
      description: 'Two pages, or ten seconds of engagement, or a conversion',
    }),
    touch_id: idOut.nullable().meta({ description: 'The arrival that began it' }),
    source: sourceResponse.nullable(),
    geo: jsonObject.meta({ example: { country: 'DE', city: 'Berlin' } }),
    device: jsonObject.meta({ example: { device_type: 'mobile', browser: 'Safari', os: 'iOS' } }),
  })
  .meta({ id: 'SessionResponse' });

export const sessionWithEventsResponse = sessionResponse
  .extend({ timeline: z.array(timelineResponse).meta({ description: 'Newest first' }) })
  .meta({ id: 'SessionWithEventsResponse' });

export function toSessionResponse(session: Session): z.input<typeof sessionResponse> {
  return {
    id: session.id,
    visitor_id: session.visitorId,
    started_at: session.startedAt.toISOString(),
    last_event_at: session.lastEventAt.toISOString(),
    duration_seconds: session.durationSeconds,
    entry_url: session.entryUrl ?? null,
    exit_url: session.exitUrl ?? null,
    events: session.events,
    pageviews: session.pageviews,
    engaged_seconds: Math.floor(session.engagedMilliseconds / 1_000),
    conversions: session.conversions,
    is_bounce: session.isBounce,
    is_engaged: session.isEngaged,
    touch_id: session.touchId ?? null,
    source: session.source === undefined ? null : toSourceResponse(session.source),
    geo: given({
      country: session.place?.countryCode,
      region: session.place?.region,
      city: session.place?.city,
    }),
    device: given({
      device_type: session.device?.deviceType,
      browser: session.device?.browser,
      os: session.device?.system,
      in_app: session.device?.inApp,
      language: session.device?.language,
    }),
  };
}

export function toSessionWithEventsResponse({
  session,
  events,
}: SessionWithEvents): z.input<typeof sessionWithEventsResponse> {
  return { ...toSessionResponse(session), timeline: events.map(toTimelineResponse) };
}
