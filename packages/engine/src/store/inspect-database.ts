import { sql } from 'kysely';

import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

/** What `doctor` looks at. */
export interface DatabaseReport {
  readonly serverVersion: string;
  /** The newest migration of the database; `undefined` before the first. */
  readonly schemaVersion: number | undefined;
  /** The newest migration of this program. */
  readonly knownVersion: number;
  /** Bytes of the whole database on disk. */
  readonly bytes: number;
  /** An estimate, from the statistics of the tables. */
  readonly events: number;
  /** The partitions of the event table, `event_2026_11`, in order. */
  readonly partitions: readonly string[];
  /** Events of host transactions that no batch has taken in yet. */
  readonly inboxWaiting: number;
  /** Events of host transactions that were refused; their rows say why. */
  readonly inboxRefused: number;
}

export async function inspectDatabase(database: Database): Promise<DatabaseReport> {
  const { db, schema } = database;
  const facts = await sql<{ version: string; bytes: bigint; migrated: boolean }>`
    select current_setting('server_version') as version, pg_database_size(current_database())::int8 as bytes,
      to_regclass(${`${schema}.migration`}) is not null as migrated`.execute(db);
  const { version, bytes, migrated } = facts.rows[0]!;
  const report = {
    serverVersion: version,
    schemaVersion: undefined,
    knownVersion: migrations.at(-1)?.id ?? 0,
    bytes: Number(bytes),
    events: 0,
    partitions: [],
    inboxWaiting: 0,
    inboxRefused: 0,
  };
  if (!migrated) return report;
  const partitions = await sql<{ name: string; estimate: number }>`
    select c.relname as name, greatest(c.reltuples, 0)::float8 as estimate
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    join pg_namespace n on n.oid = p.relnamespace
    where n.nspname = ${schema} and p.relname = 'event' order by c.relname`.execute(db);
  const newest = await db
    .selectFrom('migration')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst();
  const inbox = await db
    .selectFrom('inbox')
    .select((eb) => [
      eb.fn.countAll<bigint>().as('all'),
      eb.fn.count<bigint>('refused_code').as('refused'),
    ])
    .executeTakeFirstOrThrow();
  return {
    ...report,
    schemaVersion: newest?.id,
    events: Math.round(partitions.rows.reduce((sum, row) => sum + row.estimate, 0)),
    partitions: partitions.rows.map((row) => row.name),
    inboxWaiting: Number(inbox.all - inbox.refused),
    inboxRefused: Number(inbox.refused),
  };
}
