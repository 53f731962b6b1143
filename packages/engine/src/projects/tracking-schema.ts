import * as z from 'zod';

import { instant, jsonObject, text } from '../http/fields-schema.ts';
import type { TrackedInput } from './track-for-project.ts';
import { projectLimits, trackedActions } from './project.ts';

const userId = z.union([text(255), z.int().transform(String)], {
  error: 'must be a text of 1 to 255 characters, or a whole number',
});

/** An event as the tracking endpoint takes it. */
export const trackedEventParams = z
  .strictObject({
    event_type: text(projectLimits.nameLengthMax).meta({ example: 'user_registered' }),
    user_id: userId.meta({
      description: "The product's own id of the user, which is the visitor's external id",
      example: 'usr_123',
    }),
    event_id: text(255).meta({
      description: 'Counts once for each project, type and action, however often it comes',
      example: '550e8400-e29b-41d4-a716-446655440000',
    }),
    occurred_at: instant.nullish().meta({
      description: 'Without it when the server receives the event; 10 minutes ahead at most',
    }),
    metadata: jsonObject
      .nullish()
      .meta({ description: 'At most 50 keys', example: { plan: 'pro' } }),
    action: z
      .enum(trackedActions, { error: `must be ${trackedActions.join(' or ')}` })
      .nullish()
      .meta({
        default: 'add',
        description: '`remove` takes back the latest `add` of this user and type',
      }),
  })
  .meta({ id: 'TrackedEvent' });

const startupSlug = z
  .string({ error: 'is required' })
  .meta({ description: 'The slug of the project', example: 'my-startup' });

/** The project is looked for before the event is judged, so here the event may be anything. */
export const trackingParams = z.looseObject({ startup_slug: startupSlug });
export const documentedTrackingParams = trackedEventParams
  .extend({ startup_slug: startupSlug })
  .meta({ id: 'TrackingParams' });

const eventsMax = 100;
export const trackingBatchParams = z.looseObject({ startup_slug: startupSlug });
export const trackingBatchEvents = z.strictObject({
  events: z
    .array(z.unknown(), { error: 'must be a list' })
    .min(1, { error: 'must have at least one event' })
    .max(eventsMax, { error: `must have at most ${eventsMax} events` }),
});
export const documentedTrackingBatchParams = z
  .object({
    startup_slug: startupSlug,
    events: z.array(trackedEventParams).min(1).max(eventsMax),
  })
  .meta({ id: 'TrackingBatchParams' });

export const trackingResponse = z
  .object({
    status: z.literal('accepted'),
    duplicate: z
      .boolean()
      .optional()
      .meta({ description: 'The event was known before, and nothing was counted' }),
  })
  .meta({ id: 'TrackingResponse' });

export const trackingBatchResponse = z
  .object({
    results: z.array(
      z.object({
        index: z.number().meta({ type: 'integer' }),
        status: z.enum(['ok', 'error']),
        outcome: z.enum(['accepted', 'duplicate', 'rejected']),
        error: z.string().optional(),
        code: z.string().optional(),
        errors: z.record(z.string(), z.array(z.string())).optional(),
      }),
    ),
  })
  .meta({ id: 'TrackingBatchResponse' });

export function toTrackedInput(body: z.output<typeof trackedEventParams>): TrackedInput {
  const { occurred_at: occurredAt, metadata, action } = body;
  return {
    eventType: body.event_type,
    userId: body.user_id,
    eventId: body.event_id,
    ...(occurredAt != null && { occurredAt }),
    ...(metadata != null && { metadata }),
    ...(action != null && { action }),
  };
}
