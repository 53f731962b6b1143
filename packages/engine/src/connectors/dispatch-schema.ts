import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import { dispatchStatuses } from './dispatch.ts';
import type { Dispatch, DispatchStatus } from './dispatch.ts';
import type { DispatchFilterInput } from './list-dispatches.ts';
import type { DispatchPreview } from './preview-dispatch.ts';
import type { ReconcileReport } from './reconcile-dispatches.ts';
import type { ReplayInput, ReplayReport } from './replay-dispatches.ts';

export const dispatchIdParams = z.object({ id: uuid });

const filterFields = {
  connector: text(40).optional().meta({ example: 'meta' }),
  status: z.enum(dispatchStatuses).optional(),
  reason: text(100).optional().meta({ description: 'Why it was skipped or has failed' }),
  event_id: uuid.optional().meta({ description: 'The conversion' }),
  from: instant.optional().meta({ description: 'When the conversion happened' }),
  to: instant.optional(),
};

export const dispatchSummaryQuery = z.object(filterFields);
export const dispatchQuery = z.object({
  ...filterFields,
  visitor_id: uuid.optional().meta({ description: 'Any visitor of the person who converted' }),
  ...pageQuery(50),
});

export const dispatchResponse = z
  .object({
    id: idOut,
    connector: z.string(),
    event_id: idOut,
    platform_event_id: idOut.meta({
      description: 'What the platform knows the conversion by, on every attempt',
    }),
    event_type: z.string(),
    visitor_id: idOut,
    occurred_at: timestampOut,
    status: z.enum(dispatchStatuses),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    attempts: countOut,
    due_at: timestampOut.nullable(),
    delivered_at: timestampOut.nullable(),
    matched_by: z
      .string()
      .nullable()
      .meta({ description: 'The click id by which the platform can claim it', example: 'gclid' }),
    match_quality: z
      .number()
      .nullable()
      .meta({ description: '0 to 100: how likely the platform recognises the person, estimated' }),
    reference: z.string().nullable().meta({ description: "The platform's id of the request" }),
    replays: countOut,
    history: z.array(
      z.object({
        at: timestampOut,
        outcome: z.string(),
        status: z.number().optional(),
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    ),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'DispatchResponse' });

export const dispatchSummaryResponse = z.array(
  z.object({
    connector: z.string(),
    status: z.enum(dispatchStatuses),
    reason: z.string().nullable(),
    count: countOut,
  }),
);

export const previewResponse = z
  .object({
    sends: z.boolean(),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    payload: jsonObject.nullable().meta({ description: "The conversion in the platform's words" }),
    request: z
      .object({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()) })
      .nullable()
      .meta({ description: 'Without its secrets' }),
    match: z
      .object({
        score: z.number(),
        present: z.array(z.string()),
        missing: z.array(z.string()),
      })
      .nullable(),
  })
  .meta({ id: 'DispatchPreviewResponse' });

export const replayParams = z
  .strictObject({
    ids: z.array(uuid).max(1_000).optional(),
    ...filterFields,
    preview: z
      .boolean()
      .optional()
      .meta({ description: 'Only counts what would be sent again', default: false }),
  })
  .meta({
    id: 'ReplayParams',
    description: 'Without ids, a status or an event: what has failed or was skipped',
  });

export const replayResponse = z
  .object({
    count: countOut,
    by_connector: z.record(z.string(), z.number()),
    more: z.boolean().meta({ description: 'More are meant than one call takes: call again' }),
  })
  .meta({ id: 'ReplayResponse' });

export const reconcileParams = z
  .strictObject({
    since: instant
      .optional()
      .meta({ description: 'Also conversions from before the connector was switched on' }),
  })
  .meta({ id: 'ReconcileParams' });

export const reconcileResponse = z
  .object({ planned: z.record(z.string(), z.number()) })
  .meta({ id: 'ReconcileResponse', description: 'Conversions that nobody had planned' });

/** What fields of filters are called on the wire, where that is not only another spelling. */
export const dispatchWireNames: Readonly<Record<string, string>> = {
  eventId: 'event_id',
  visitorId: 'visitor_id',
};

export function toFilterInput(query: z.output<typeof dispatchSummaryQuery>): DispatchFilterInput {
  const { connector, status, reason, event_id: eventId, from, to } = query;
  return given({ connector, status, reason, eventId, from, to });
}

export function toReplayInput(body: z.output<typeof replayParams>): ReplayInput {
  return { ...toFilterInput(body), ...given({ ids: body.ids, preview: body.preview }) };
}

export function toDispatchResponse(dispatch: Dispatch): z.input<typeof dispatchResponse> {
  return {
    id: dispatch.id,
    connector: dispatch.connector,
    event_id: dispatch.eventId,
    platform_event_id: dispatch.eventKey,
    event_type: dispatch.eventType,
    visitor_id: dispatch.visitorId,
    occurred_at: dispatch.occurredAt.toISOString(),
    status: dispatch.status,
    reason: dispatch.reason ?? null,
    message: dispatch.message ?? null,
    attempts: dispatch.attempts,
    due_at: dispatch.dueAt?.toISOString() ?? null,
    delivered_at: dispatch.deliveredAt?.toISOString() ?? null,
    matched_by: dispatch.matchedBy ?? null,
    match_quality: dispatch.matchQuality ?? null,
    reference: dispatch.reference ?? null,
    replays: dispatch.replays,
    history: dispatch.history.map((attempt) => ({ ...attempt })),
    inserted_at: dispatch.createdAt.toISOString(),
    updated_at: dispatch.updatedAt.toISOString(),
  };
}

export function toSummaryResponse(
  rows: ReadonlyArray<{
    readonly connector: string;
    readonly status: DispatchStatus;
    readonly reason: string | undefined;
    readonly count: number;
  }>,
): z.input<typeof dispatchSummaryResponse> {
  return rows.map((row) => ({ ...row, reason: row.reason ?? null }));
}

export function toPreviewResponse(preview: DispatchPreview): z.input<typeof previewResponse> {
  const { sends, reason, message, payload, request, match } = preview;
  return {
    sends,
    reason: reason ?? null,
    message: message ?? null,
    payload: payload ?? null,
    request:
      request === undefined
        ? null
        : { method: request.method, url: request.url, headers: { ...request.headers } },
    match:
      match === undefined
        ? null
        : { score: match.score, present: [...match.present], missing: [...match.missing] },
  };
}

export function toReplayResponse(report: ReplayReport): z.input<typeof replayResponse> {
  return { count: report.count, by_connector: { ...report.byConnector }, more: report.more };
}

export function toReconcileResponse({
  planned,
}: ReconcileReport): z.input<typeof reconcileResponse> {
  return { planned: { ...planned } };
}
