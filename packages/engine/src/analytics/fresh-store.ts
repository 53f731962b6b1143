import { sql } from 'kysely';

import { oldestUnseen } from '../live/live-position.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import { quote } from '../store/migrate.ts';
import type { Reading } from './activity-store.ts';
import type { Fresh } from './fresh.ts';

/**
 * What a snapshot does not see. An event changes its own hour, and every hour of its visit: where that began, ended and
 * came from. A merge changes who its visitors are, in all of their hours.
 *
 * The bound on the column lets its block range index leave out everything older; the snapshot then says exactly which of
 * the rest is new: a transaction that was on its way is, one that had committed is not (docs/adr/0003).
 */
export async function selectFresh(reading: Reading, snapshot: string): Promise<Fresh> {
  const { db, schema: schemaName, workspaceId } = reading;
  const schema = quote(schemaName);
  const { rows } = await sql<{ hour: number | null; visitor_id: string | null }>`
with fresh as materialized (
  select e.occurred_at, e.session_id, e.visitor_id from ${sql.raw(schema)}.event e
  where e.workspace_id = ${workspaceId} and e.transaction_id >= ${oldestUnseen(snapshot)}::int8
    and not pg_visible_in_snapshot(e.transaction_id::text::xid8, ${snapshot}::pg_snapshot)
), visit as (
  select s.started_at, s.last_event_at from ${sql.raw(sessionTotals(schema))} s
  where s.workspace_id = ${workspaceId} and s.id = any(array(select distinct session_id from fresh where session_id is not null))
), merged as (
  select m.id, m.winner_id, m.loser_id from ${sql.raw(schema)}.merge m
  where m.workspace_id = ${workspaceId} and m.transaction_id >= ${oldestUnseen(snapshot)}::int8
    and not pg_visible_in_snapshot(m.transaction_id::text::xid8, ${snapshot}::pg_snapshot)
)
select date_part('epoch', date_trunc('hour', occurred_at, 'UTC')) * 1000 as hour, null::uuid as visitor_id from fresh group by 1
union
select date_part('epoch', h) * 1000, null from visit
cross join lateral generate_series(date_trunc('hour', started_at, 'UTC'), last_event_at, interval '1 hour') h
union select null, visitor_id from fresh where visitor_id is not null
union select null, unnest(array[winner_id, loser_id]) from merged
union select null, mm.visitor_id from merged m
join ${sql.raw(schema)}.merge_member mm on mm.workspace_id = ${workspaceId} and mm.merge_id = m.id`.execute(
    db,
  );
  return {
    hours: new Set(rows.flatMap((row) => row.hour ?? [])),
    visitorIds: rows.flatMap((row) => row.visitor_id ?? []),
  };
}

/** Every visitor of the people that these belong to. */
export async function selectMembers(
  { db, schema: schemaName, workspaceId }: Reading,
  visitorIds: readonly string[],
): Promise<string[]> {
  if (visitorIds.length === 0) return [];
  const visitor = sql.raw(`${quote(schemaName)}.visitor`);
  const { rows } = await sql<{ id: string }>`
with root as materialized (
  select distinct root_id from ${visitor} where workspace_id = ${workspaceId} and id = any(${visitorIds}::uuid[])
)
select root_id as id from root
union
select v.id from root r join ${visitor} v on v.workspace_id = ${workspaceId} and v.root_id = r.root_id and v.root_id <> v.id`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/**
 * The hours in which somebody was active of whom more than the latest activity has changed: who was merged or separated
 * since the snapshot, was seen for the first time by a late event, or became known.
 */
export async function selectHoursOfChanged(reading: Reading, snapshot: string): Promise<number[]> {
  const { db, schema: schemaName, workspaceId } = reading;
  const schema = sql.raw(quote(schemaName));
  const { rows } = await sql<{ hour: number }>`
with fresh as materialized (
  select e.occurred_at, e.visitor_id from ${schema}.event e
  where e.workspace_id = ${workspaceId} and e.transaction_id >= ${oldestUnseen(snapshot)}::int8
    and not pg_visible_in_snapshot(e.transaction_id::text::xid8, ${snapshot}::pg_snapshot) and e.visitor_id is not null
), merged as (
  select m.id, m.winner_id, m.loser_id from ${schema}.merge m
  where m.workspace_id = ${workspaceId} and m.transaction_id >= ${oldestUnseen(snapshot)}::int8
    and not pg_visible_in_snapshot(m.transaction_id::text::xid8, ${snapshot}::pg_snapshot)
), root as materialized (
  select v.root_id from fresh f
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = f.visitor_id
  join ${schema}.visitor r on r.workspace_id = ${workspaceId} and r.id = v.root_id
  where v.first_seen_at = f.occurred_at or v.identified_at = f.occurred_at or r.identified_at = f.occurred_at
  union
  select v.root_id from (
    select unnest(array[winner_id, loser_id]) as id from merged
    union select mm.visitor_id from merged m
    join ${schema}.merge_member mm on mm.workspace_id = ${workspaceId} and mm.merge_id = m.id
  ) g join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = g.id
), member as (
  select root_id as id from root
  union select v.id from root r join ${schema}.visitor v
    on v.workspace_id = ${workspaceId} and v.root_id = r.root_id and v.root_id <> v.id
)
select distinct date_part('epoch', date_trunc('hour', e.occurred_at, 'UTC')) * 1000 as hour
from member m join ${schema}.event e on e.workspace_id = ${workspaceId} and e.visitor_id = m.id`.execute(
    db,
  );
  return rows.map((row) => row.hour);
}
