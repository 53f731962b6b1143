import type { TrackedMark } from '../ingest/event.ts';
import { batchInsert } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** A tracked event as a batch writes it. */
export interface TrackedRow {
  readonly eventId: string;
  readonly visitorId: string;
  readonly occurredAt: number;
  readonly mark: TrackedMark;
}

export type TrackedEventStore = ReturnType<typeof createTrackedEventStore>;

/**
 * The tracked events, and the counters of their projects.
 *
 * In the order of time each `remove` takes back the latest `add` of its scope that nothing has taken yet. So it finds
 * none exactly where the sum of the steps falls to a new low below zero, and the lowest of these sums says how many
 * found none, whatever the order in which they came in.
 */
export function createTrackedEventStore(schemaName: string) {
  const schema = quote(schemaName);
  const insert = batchInsert<TrackedRow>(schemaName, 'tracked_event', {
    event_id: ['uuid', (row) => row.eventId],
    project_id: ['uuid', (row) => row.mark.projectId],
    event_type: ['text', (row) => row.mark.type],
    scope: ['uuid', (row) => row.mark.scope],
    visitor_id: ['uuid', (row) => row.visitorId],
    step: ['int8', (row) => (row.mark.action === 'add' ? 1n : -1n)],
    occurred_at: ['timestamptz', (row) => row.occurredAt],
  });
  const named = (name: string, text: string): Statement => ({
    name: `${schemaName}.project_${name}`,
    text,
  });
  // Whoever counts for a project waits here for who counts now, and then sees what they have written.
  const lock = named(
    'lock',
    `
insert into ${schema}.project_counter (workspace_id, project_id, event_type, added, removed, unmatched)
select distinct $1::uuid, t.project_id, t.event_type, 0, 0, 0
from unnest($2::uuid[], $3::text[]) as t(project_id, event_type) order by t.project_id, t.event_type
on conflict (workspace_id, project_id, event_type) do update set added = project_counter.added`,
  );
  const inOrder =
    'partition by t.project_id, t.event_type, t.scope order by t.occurred_at, t.step desc, t.event_id';
  const count = named(
    'count',
    `
with scopes as (
  select distinct project_id, event_type, scope from ${schema}.tracked_event
  where workspace_id = $1 and event_id = any($2::uuid[])
), steps as (
  select t.project_id, t.event_type, t.scope, t.step, t.event_id = any($2::uuid[]) as fresh,
    sum(t.step) over (${inOrder}) as after,
    coalesce(sum(t.step) filter (where not t.event_id = any($2::uuid[])) over (${inOrder}), 0) as before
  from scopes s join ${schema}.tracked_event t on t.workspace_id = $1
    and t.project_id = s.project_id and t.event_type = s.event_type and t.scope = s.scope
), differences as (
  select project_id, event_type, count(*) filter (where fresh and step = 1) as added,
    count(*) filter (where fresh and step = -1) as removals,
    least(0, min(before)) - least(0, min(after)) as unmatched
  from steps group by project_id, event_type, scope
), sums as (
  select project_id, event_type, sum(added) as added, sum(removals) as removals, sum(unmatched) as unmatched
  from differences group by project_id, event_type
)
update ${schema}.project_counter c set added = c.added + s.added,
  removed = c.removed + s.removals - s.unmatched, unmatched = c.unmatched + s.unmatched
from sums s where c.workspace_id = $1 and c.project_id = s.project_id and c.event_type = s.event_type`,
  );
  const known = named(
    'known',
    `
select project_id, event_type from ${schema}.tracked_event where workspace_id = $1
union
select project_id, event_type from ${schema}.project_counter where workspace_id = $1`,
  );
  const recount = named(
    'recount',
    `
with steps as (
  select t.project_id, t.event_type, t.scope, t.step, sum(t.step) over (${inOrder}) as after
  from ${schema}.tracked_event t where t.workspace_id = $1
), standing as (
  select project_id, event_type, count(*) filter (where step = 1) as added,
    count(*) filter (where step = -1) as removals, -least(0, min(after)) as unmatched
  from steps group by project_id, event_type, scope
), sums as (
  select c.project_id, c.event_type, coalesce(sum(s.added), 0) as added,
    coalesce(sum(s.removals - s.unmatched), 0) as removed, coalesce(sum(s.unmatched), 0) as unmatched
  from ${schema}.project_counter c left join standing s on s.project_id = c.project_id and s.event_type = c.event_type
  where c.workspace_id = $1 group by c.project_id, c.event_type
), written as (
  update ${schema}.project_counter c set added = s.added, removed = s.removed, unmatched = s.unmatched
  from sums s where c.workspace_id = $1 and c.project_id = s.project_id and c.event_type = s.event_type
    and (c.added, c.removed, c.unmatched) is distinct from (s.added, s.removed, s.unmatched)
  returning 1
)
select count(*)::int4 as count from written`,
  );

  return {
    insertTracked: (tx: Transaction, workspaceId: string, rows: readonly TrackedRow[]) =>
      tx.run(insert.statement, insert.values(workspaceId, rows)),
    /** Counts what {@link insertTracked} has written, after everything else that a batch locks. */
    async countTracked(
      tx: Transaction,
      workspaceId: string,
      rows: readonly TrackedRow[],
    ): Promise<void> {
      const counters = rows.map(({ mark }) => mark);
      void lockCounters(tx, workspaceId, counters);
      await tx.run(count, [workspaceId, rows.map((row) => row.eventId)]);
    },
    /** Counts a workspace again from its tracked events; how many counters were wrong. */
    async recount(tx: Transaction, workspaceId: string): Promise<number> {
      const rows = await tx.run<{ project_id: string; event_type: string }>(known, [workspaceId]);
      if (rows.length === 0) return 0;
      await lockCounters(
        tx,
        workspaceId,
        rows.map((row) => ({ projectId: row.project_id, type: row.event_type })),
      );
      const [answer] = await tx.run<{ count: number }>(recount, [workspaceId]);
      return answer?.count ?? 0;
    },
  };

  function lockCounters(
    tx: Transaction,
    workspaceId: string,
    counters: ReadonlyArray<{ readonly projectId: string; readonly type: string }>,
  ): Promise<unknown> {
    return tx.run(lock, [
      workspaceId,
      counters.map((counter) => counter.projectId),
      counters.map((counter) => counter.type),
    ]);
  }
}
