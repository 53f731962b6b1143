import { sql } from 'kysely';

import { timestamp } from '../store/batch-insert.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';

/** A partition of the events. */
export interface EventPartition {
  readonly name: string;
  /** When its last moment is over, in milliseconds. */
  readonly endsAt: number;
}

/** Small enough that nobody waits for the locks of one. */
const chunk = 5_000;

export interface RetainingWorkspace {
  readonly id: string;
  readonly settings: WorkspaceSettings;
  /** Up to when the ids of advertising clicks have been cut out, in milliseconds; `-Infinity`: of nothing yet. */
  readonly clickIdsCutUntil: number;
}

export async function findRetainingWorkspaces(database: Database): Promise<RetainingWorkspace[]> {
  const rows = await database.db
    .selectFrom('workspace')
    .select(['id', 'settings', 'click_ids_cut_until'])
    .orderBy('id')
    .execute();
  return rows.map(({ id, settings, click_ids_cut_until: until }) => ({
    id,
    settings,
    clickIdsCutUntil: until === null ? -Infinity : until.getTime(),
  }));
}

export async function noteClickIdsCut(
  database: Database,
  workspaceId: string,
  until: number,
): Promise<void> {
  await database.db
    .updateTable('workspace')
    .set({ click_ids_cut_until: new Date(until) })
    .where('id', '=', workspaceId)
    .execute();
}

/** Oldest first; those whose bounds are no times are nobody's to drop. */
export async function findEventPartitions(database: Database): Promise<EventPartition[]> {
  const { rows } = await sql<{ name: string; bound: string }>`
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    join pg_namespace n on n.oid = p.relnamespace
    where n.nspname = ${database.schema} and p.relname = 'event'`.execute(database.db);
  return rows
    .map(({ name, bound }) => ({
      name,
      endsAt: Date.parse(/TO \('(.+)'\)/.exec(bound)?.[1] ?? ''),
    }))
    .filter(({ endsAt }) => !Number.isNaN(endsAt))
    .sort((left, right) => left.endsAt - right.endsAt);
}

/** Waits for its lock a moment only: whoever came for it meanwhile would wait behind it. The next round tries again. */
export async function dropEventPartition(database: Database, name: string): Promise<boolean> {
  return database.db
    .transaction()
    .execute(async (tx) => {
      await sql`set local lock_timeout = '2s'`.execute(tx);
      await sql.raw(`drop table if exists ${quote(database.schema)}.${quote(name)}`).execute(tx);
      return true;
    })
    .catch((error: unknown) => {
      // 55P03: the lock was not free in time.
      if ((error as { code?: unknown }).code === '55P03') return false;
      throw error;
    });
}

/** What one kind of row is deleted by; `before` in milliseconds. Each returns how many rows were out of date. */
export const expiries = {
  events: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'event', eventsOf('true')),
  machineEvents: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'machine_event', eventsOf('machine is not null')),
  visits: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'session', rowsOf('session', 'id', 'last_event_at')),
  conversions: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'conversion', rowsOf('conversion', 'id', 'occurred_at')),
  touches: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'touch', rowsOf('touch', 'id', 'occurred_at')),
  dispatches: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'dispatch', rowsOf('dispatch', 'id', 'occurred_at')),
  evidence: (database: Database, workspaceId: string, before: number) =>
    expire(
      database,
      workspaceId,
      before,
      'evidence',
      rowsOf('identity_evidence', 'event_id', 'occurred_at'),
    ),
  /** What was made of rows that are gone. */
  activityHours: (database: Database, workspaceId: string, before: number) =>
    expire(database, workspaceId, before, 'activity_hour', rowsOf('activity_hour', 'hour', 'hour')),
} as const;

function eventsOf(condition: string): (schema: string) => string {
  return (schema) => `
delete from ${schema}.event where workspace_id = $1 and (occurred_at, id) in (
  select occurred_at, id from ${schema}.event
  where workspace_id = $1 and occurred_at < $2::timestamptz and ${condition} order by occurred_at limit ${chunk})`;
}

function rowsOf(table: string, id: string, time: string): (schema: string) => string {
  return (schema) => `
delete from ${schema}.${table} where workspace_id = $1 and ${id} in (
  select ${id} from ${schema}.${table} where workspace_id = $1 and ${time} < $2::timestamptz limit ${chunk})`;
}

async function expire(
  database: Database,
  workspaceId: string,
  before: number,
  name: string,
  text: (schema: string) => string,
): Promise<number> {
  const statement = {
    name: `${database.schema}.expire_${name}`,
    text: `with gone as (${text(quote(database.schema))} returning 1) select count(*)::int4 as count from gone`,
  };
  let total = 0;
  for (;;) {
    const [row] = await database.run<{ count: number }>(statement, [
      workspaceId,
      timestamp(before),
    ]);
    const count = row?.count ?? 0;
    total += count;
    if (count < chunk) return total;
  }
}
