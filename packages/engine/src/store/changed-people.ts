import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { oldestUnseen } from '../live/live-position.ts';

/** Whether a row with the number of its transaction was written since a snapshot. */
export function unseenSince(snapshot: string, alias: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.raw(alias)}.transaction_id >= ${oldestUnseen(snapshot)}::int8
    and not pg_visible_in_snapshot(${sql.raw(alias)}.transaction_id::text::xid8, ${snapshot}::pg_snapshot)`;
}

/**
 * The common table expressions up to `root`, the people of whom something may have changed since a snapshot: they did
 * something that counts (events `e`), had something taken back, or became another person. Events are found by their
 * transactions, as reports find theirs (docs/adr/0003).
 */
export function changedPeople(
  schema: RawBuilder<unknown>,
  workspaceId: string,
  snapshot: string,
  counts: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const unseen = (alias: string) => unseenSince(snapshot, alias);
  return sql`
fresh as materialized (
  select e.id, e.visitor_id from ${schema}.event e
  where e.workspace_id = ${workspaceId} and ${unseen('e')} and e.visitor_id is not null and ${counts}
), taken as (
  select c.visitor_id from ${schema}.conversion r
  join ${schema}.conversion c on c.workspace_id = ${workspaceId} and c.id = r.reverses_id
  where r.workspace_id = ${workspaceId} and r.id = any(array(select f.id from fresh f))
), merged as (
  select m.id, m.winner_id, m.loser_id from ${schema}.merge m where m.workspace_id = ${workspaceId} and ${unseen('m')}
), root as materialized (
  select v.root_id from (
    select visitor_id as id from fresh
    union select visitor_id from taken
    union select unnest(array[winner_id, loser_id]) from merged
    union select mm.visitor_id from merged m
    join ${schema}.merge_member mm on mm.workspace_id = ${workspaceId} and mm.merge_id = m.id
  ) g join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = g.id
)`;
}
