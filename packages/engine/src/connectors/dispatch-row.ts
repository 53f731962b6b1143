import type { Dispatch, DispatchAttempt, DispatchStatus } from './dispatch.ts';

/** A row of the table as it is read. */
interface DispatchRow {
  readonly workspace_id: string;
  readonly id: string;
  readonly connector: string;
  readonly event_id: string;
  readonly event_key: string;
  readonly event_type: string;
  readonly visitor_id: string;
  readonly occurred_at: Date;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly status: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly attempts: number;
  readonly tried_since: Date;
  readonly due_at: Date | null;
  readonly delivered_at: Date | null;
  readonly matched_by: string | null;
  readonly match_quality: number | null;
  readonly reference: string | null;
  readonly replays: number;
  readonly history: unknown;
}

/** What is stored was checked when it was written. */
export function toDispatch(row: DispatchRow): Dispatch {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    connector: row.connector,
    eventId: row.event_id,
    eventKey: row.event_key,
    eventType: row.event_type,
    visitorId: row.visitor_id,
    occurredAt: row.occurred_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    status: row.status as DispatchStatus,
    reason: row.reason ?? undefined,
    message: row.message ?? undefined,
    attempts: row.attempts,
    triedSince: row.tried_since,
    dueAt: row.due_at ?? undefined,
    deliveredAt: row.delivered_at ?? undefined,
    matchedBy: row.matched_by ?? undefined,
    matchQuality: row.match_quality ?? undefined,
    reference: row.reference ?? undefined,
    replays: row.replays,
    history: row.history as readonly DispatchAttempt[],
  };
}
