import { sessionTotals } from '../sessions/session-totals.ts';
import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import { hourParts } from './activity-codec.ts';

/** Whose stored hours are emptied: by visitor, by visit, and of single events. */
export interface EmptiedHours {
  readonly visitors: readonly string[];
  readonly visits: readonly string[];
  readonly times: ReadonlyArray<string | null>;
}

/**
 * Empties the stored hours that hold something of these, in the transaction that erases it: reports read the events
 * until the hours have been made again. Rows are locked from the newest to the oldest, as everywhere.
 */
export async function emptyHours(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  { visitors, visits, times }: EmptiedHours,
): Promise<void> {
  const schema = quote(schemaName);
  await tx.run(
    {
      name: `${schemaName}.empty_activity_hours`,
      text: `
with gone as (
  select date_trunc('hour', e.occurred_at, 'UTC') as hour from ${schema}.event e
  where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])
  union
  select h from ${sessionTotals(schema)} s
  cross join lateral generate_series(date_trunc('hour', s.started_at, 'UTC'), s.last_event_at, interval '1 hour') h
  where s.workspace_id = $1 and (s.visitor_id = any($2::uuid[]) or s.id = any($3::uuid[]))
  union
  select date_trunc('hour', t.at, 'UTC') from unnest($4::timestamptz[]) as t(at)
), locked as materialized (
  select a.hour from ${schema}.activity_hour a
  where a.workspace_id = $1 and a.hour in (select hour from gone) order by a.hour desc for no key update
)
update ${schema}.activity_hour a set stale = true, revision = a.revision + 1, ${hourParts.map((part) => `${part} = null`).join(', ')}
from locked l where a.workspace_id = $1 and a.hour = l.hour`,
    },
    [workspaceId, visitors, visits, times],
  );
}

/** Every stored hour has to be made again: who people are was decided anew. */
export async function markAllHours(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
): Promise<void> {
  const hours = `${quote(schemaName)}.activity_hour`;
  await tx.run(
    {
      name: `${schemaName}.mark_activity_hours`,
      text: `
with locked as materialized (
  select a.hour from ${hours} a where a.workspace_id = $1 order by a.hour desc for no key update
)
update ${hours} a set stale = true, revision = a.revision + 1 from locked l where a.workspace_id = $1 and a.hour = l.hour`,
    },
    [workspaceId],
  );
}
