import { sql } from 'kysely';

import { errorCode } from './connection.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

/** What an operator wants to know of the database. */
export interface DatabaseReport {
  readonly serverVersion: string;
  /** The newest migration that the database has; `undefined` where Headwater's schema is missing. */
  readonly schemaVersion: number | undefined;
  /** The newest migration that this version has. */
  readonly knownVersion: number;
  /** Of all tables and indexes of the schema. */
  readonly bytes: number;
  /** As the planner estimates it. */
  readonly events: number;
  /** Names of the monthly partitions of events, oldest first. */
  readonly partitions: readonly string[];
}

export async function inspectDatabase(database: Database): Promise<DatabaseReport> {
  const { db, schema } = database;
  const version = await sql<{
    version: string;
  }>`select current_setting('server_version') as version`.execute(db);
  const size = await sql<{ bytes: bigint }>`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind = 'r'`.execute(db);
  const partitions = await sql<{ name: string; events: number }>`
    select c.relname as name, greatest(c.reltuples, 0)::float8 as events
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    join pg_class p on p.oid = i.inhparent
    join pg_namespace n on n.oid = p.relnamespace
    where n.nspname = ${schema} and p.relname = 'event' and p.relkind = 'p'
    order by c.relname`.execute(db);
  return {
    serverVersion: version.rows[0]?.version ?? 'unknown',
    schemaVersion: await readSchemaVersion(database),
    knownVersion: migrations.at(-1)?.id ?? 0,
    bytes: Number(size.rows[0]?.bytes ?? 0n),
    events: partitions.rows.reduce((sum, partition) => sum + partition.events, 0),
    partitions: partitions.rows.map((partition) => partition.name),
  };
}

async function readSchemaVersion({ db }: Database): Promise<number | undefined> {
  const undefinedTable = '42P01';
  try {
    const row = await db
      .selectFrom('migration')
      .select((select) => select.fn.max('id').as('id'))
      .executeTakeFirst();
    return row?.id ?? undefined;
  } catch (error) {
    if (errorCode(error) === undefinedTable) return undefined;
    throw error;
  }
}
