import type { Selectable } from 'kysely';

import { timestamp } from '../store/batch-insert.ts';
import type { Statement } from '../store/connection.ts';
import type { Database, Tx } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { Tables } from '../store/tables.ts';
import { toDispatch } from './dispatch-row.ts';
import { historyMax } from './dispatch.ts';
import type { ClaimedDispatch, DispatchResult } from './dispatch.ts';

interface Owner {
  readonly workspaceId: string;
  readonly connector: string;
}

/**
 * Takes the dispatches that are due, the longest waiting first: nobody else gets them before `until`, at which they count
 * as abandoned. Rows that somebody is just claiming are left to them; one that was claimed a moment ago is not due any
 * more when its lock is free.
 */
export async function claimDispatches(
  database: Database,
  { workspaceId, connector }: Owner,
  claim: {
    readonly id: string;
    readonly now: number;
    readonly until: number;
    readonly limit: number;
  },
): Promise<ClaimedDispatch[]> {
  const schema = quote(database.schema);
  const rows = await database.run<ClaimedRow>(
    named(
      database,
      'claim_dispatches',
      `
with due as materialized (
  select id, claim from ${schema}.dispatch
  where workspace_id = $1 and connector = $2 and due_at <= $3::timestamptz
  order by due_at, id limit $4::int4 for update skip locked
)
update ${schema}.dispatch d set status = 'sending', claim = $5::uuid, due_at = $6::timestamptz, updated_at = $3::timestamptz
from due where d.workspace_id = $1 and d.id = due.id returning d.*, due.claim is not null as was_abandoned`,
    ),
    [workspaceId, connector, timestamp(claim.now), claim.limit, claim.id, timestamp(claim.until)],
  );
  return rows.map(toClaimed).toSorted(byTime);
}

/**
 * Notes what became of claimed dispatches, where the claim still holds: what was erased, or taken over because it seemed
 * abandoned, is not this process's any more.
 */
export async function settleDispatches(
  database: Database,
  workspaceId: string,
  now: number,
  results: readonly DispatchResult[],
): Promise<void> {
  if (results.length === 0) return;
  const schema = quote(database.schema);
  await database.run(
    named(
      database,
      'settle_dispatches',
      `
update ${schema}.dispatch d set status = r.status, reason = r.reason, message = r.message, due_at = r.due_at, claim = null,
  attempts = d.attempts + r.asked, updated_at = $2::timestamptz,
  delivered_at = case when r.status = 'delivered' then $2::timestamptz else d.delivered_at end,
  matched_by = case when r.asked = 1 then r.matched_by else d.matched_by end,
  match_quality = case when r.asked = 1 then r.match_quality else d.match_quality end,
  reference = coalesce(r.reference, d.reference), follow_up_at = coalesce(r.follow_up_at, d.follow_up_at),
  history = case when r.attempt is null then d.history
    when jsonb_array_length(d.history) < ${historyMax} then d.history || r.attempt
    else (d.history - 0) || r.attempt end
from jsonb_to_recordset($3::jsonb) as r(
  id uuid, claim uuid, status text, reason text, message text, due_at timestamptz, asked int4, attempt jsonb,
  matched_by text, match_quality real, reference text, follow_up_at timestamptz)
where d.workspace_id = $1 and d.id = r.id and d.claim = r.claim`,
    ),
    [workspaceId, timestamp(now), JSON.stringify(results.map(toWire))],
  );
}

/** What waits for a connector that somebody has mended is due at once, and has all its time again. */
export async function releaseDispatches(
  tx: Tx,
  { workspaceId, connector }: Owner,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('dispatch')
    .set({ due_at: at, tried_since: at })
    .where('workspace_id', '=', workspaceId)
    .where('connector', '=', connector)
    .where('status', '=', 'pending')
    .execute();
}

/** Skips what is due of a connector that sends nothing. */
export async function skipDispatches(
  database: Database,
  { workspaceId, connector }: Owner,
  now: number,
  { reason, message }: { readonly reason: string; readonly message: string },
): Promise<number> {
  const schema = quote(database.schema);
  const [row] = await database.run<{ count: number }>(
    named(
      database,
      'skip_dispatches',
      `
with skipped as (
  update ${schema}.dispatch set status = 'skipped', reason = $4, message = $5, due_at = null, claim = null, updated_at = $3::timestamptz
  where workspace_id = $1 and connector = $2 and due_at <= $3::timestamptz returning 1)
select count(*)::int4 as count from skipped`,
    ),
    [workspaceId, connector, timestamp(now), reason, message],
  );
  return row?.count ?? 0;
}

function named(database: Database, name: string, text: string): Statement {
  return { name: `${database.schema}.${name}`, text };
}

function toWire(result: DispatchResult) {
  const { dispatch, dueAt, followUpAt, attempt } = result;
  return {
    id: dispatch.id,
    claim: dispatch.claim,
    status: result.status,
    reason: result.reason,
    message: result.message,
    due_at: timestamp(dueAt),
    asked: attempt === undefined ? 0 : 1,
    attempt,
    matched_by: result.matchedBy,
    match_quality: result.matchQuality,
    reference: result.reference,
    follow_up_at: timestamp(followUpAt),
  };
}

type ClaimedRow = Selectable<Tables['dispatch']> & { readonly was_abandoned: boolean };

function toClaimed(row: ClaimedRow): ClaimedDispatch {
  return {
    ...toDispatch(row),
    claim: row.claim!,
    signals: row.signals ?? {},
    consent: row.consent ?? undefined,
    userAgent: row.user_agent ?? undefined,
    wasAbandoned: row.was_abandoned,
  };
}

function byTime(left: ClaimedDispatch, right: ClaimedDispatch): number {
  return left.occurredAt.getTime() - right.occurredAt.getTime() || (left.id < right.id ? -1 : 1);
}
