import { sql } from 'kysely';

import type { Db } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import { hourParts } from './activity-codec.ts';
import type { EncodedHour, HourPart } from './activity-codec.ts';
import type { Reading } from './activity-store.ts';
import type { ReportWindow } from './report-window.ts';

/** What the stored hours are up to date with. */
export async function findSnapshot({ db, workspaceId }: Reading): Promise<string | undefined> {
  const row = await db
    .selectFrom('activity_progress')
    .select('snapshot')
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row?.snapshot;
}

/** The hours of a window that may be read, by their beginning, with what changes when they are made again. */
export async function findHours(
  { db, schema, workspaceId }: Reading,
  { from, to }: ReportWindow,
): Promise<Map<number, string>> {
  // One text: a row and a date for each hour would take longer than what they are for.
  const { rows } = await sql<{ hours: string | null }>`
select string_agg(date_part('epoch', h.hour)::int8 || ' ' || h.revision, ',') as hours
from ${sql.raw(quote(schema))}.activity_hour h
where h.workspace_id = ${workspaceId} and h.hour >= ${new Date(from)} and h.hour < ${new Date(to)} and not h.stale
  -- A process of an older version made it, and knew of no languages.
  and (h.language is not null or h.activity is null)`.execute(db);
  const hours = rows[0]?.hours?.split(',') ?? [];
  return new Map(
    hours.map((text) => {
      const [seconds, revision] = text.split(' ') as [string, string];
      return [Number(seconds) * 1_000, revision] as const;
    }),
  );
}

/** Some parts of some hours; of an hour in which nothing happened they are `null`. */
export async function selectHourParts(
  { db, workspaceId }: Reading,
  hours: readonly number[],
  parts: readonly HourPart[],
): Promise<
  ReadonlyArray<{ readonly hour: number } & Readonly<Partial<Record<HourPart, Uint8Array | null>>>>
> {
  if (hours.length === 0) return [];
  const rows = await db
    .selectFrom('activity_hour')
    .select(['hour', ...parts])
    .where('workspace_id', '=', workspaceId)
    .where('hour', '>=', new Date(hours[0]!))
    .where('hour', '<=', new Date(hours.at(-1)!))
    .where(
      'hour',
      '=',
      sql<Date>`any(${hours.map((hour) => new Date(hour).toISOString())}::timestamptz[])`,
    )
    .execute();
  return rows.map((row) => ({ ...row, hour: row.hour.getTime() }));
}

/** Hours that have to be made again; those that were never there become rows. Waits for whoever makes one of them. */
export async function markStale(
  db: Db,
  schemaName: string,
  workspaceId: string,
  hours: readonly number[],
): Promise<void> {
  if (hours.length === 0) return;
  const table = sql.raw(`${quote(schemaName)}.activity_hour`);
  const times = hours
    .toSorted((one, other) => other - one)
    .map((hour) => new Date(hour).toISOString());
  await sql`
insert into ${table} as h (workspace_id, hour, stale, revision)
select ${workspaceId}::uuid, t.hour, true, 0 from unnest(${times}::timestamptz[]) as t(hour) order by t.hour desc
on conflict (workspace_id, hour) do update set stale = true, revision = h.revision + 1`.execute(db);
}

/** Hours until now become rows, from the first event on where there are none yet. */
export async function addHours(
  { db, schema: schemaName, workspaceId }: Reading,
  until: Date,
): Promise<void> {
  const schema = sql.raw(quote(schemaName));
  await sql`
insert into ${schema}.activity_hour (workspace_id, hour, stale, revision)
select ${workspaceId}::uuid, h, true, 0
from (
  select coalesce(
    (select p.until from ${schema}.activity_progress p where p.workspace_id = ${workspaceId}),
    (select date_trunc('hour', min(e.occurred_at), 'UTC') from ${schema}.event e where e.workspace_id = ${workspaceId})) as first
) f cross join lateral generate_series(f.first, ${until}::timestamptz, interval '1 hour') h
on conflict (workspace_id, hour) do nothing`.execute(db);
}

export async function saveProgress(
  db: Db,
  workspaceId: string,
  snapshot: string,
  until: Date,
): Promise<void> {
  await db
    .insertInto('activity_progress')
    .values({ workspace_id: workspaceId, snapshot, until })
    .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet({ snapshot, until }))
    .execute();
}

/** The newest first: who looks at reports looks there. */
export async function findStaleHours(
  { db, workspaceId }: Reading,
  before: Date,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('activity_hour')
    .select('hour')
    .where('workspace_id', '=', workspaceId)
    .where('stale', '=', true)
    .where('hour', '<', before)
    .orderBy('hour', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.hour.getTime());
}

/**
 * Puts an hour in its place. In a transaction that sees one state (`repeatable read`) this fails where somebody has
 * marked the hour since.
 */
export async function saveHour(
  { db, workspaceId }: Reading,
  hour: number,
  encoded: EncodedHour | undefined,
): Promise<void> {
  await db
    .updateTable('activity_hour')
    .set({
      stale: false,
      revision: sql<bigint>`pg_current_xact_id()::text::bigint`,
      ...(Object.fromEntries(hourParts.map((part) => [part, encoded?.[part] ?? null])) as Record<
        HourPart,
        Buffer | null
      >),
    })
    .where('workspace_id', '=', workspaceId)
    .where('hour', '=', new Date(hour))
    .execute();
}

export async function findWorkspaceIds(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('workspace').select('id').orderBy('id').execute();
  return rows.map((row) => row.id);
}

export async function currentSnapshot(db: Db): Promise<string> {
  const { rows } = await sql<{
    snapshot: string;
  }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return rows[0]!.snapshot;
}

/** Whether this transaction is the one that makes hours of the workspace now. */
export async function tryToRollUp({ db, workspaceId }: Reading): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
select pg_try_advisory_xact_lock(hashtextextended(${workspaceId}, 8)) as ours`.execute(db);
  return rows[0]!.ours;
}
