import { sql } from 'kysely';

import { HeadwaterError } from '../kernel/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

/** Held while migrating, so that processes that start together run each migration once. */
const migrationLock = 0x68_77_6d_67;

export interface MigrationReport {
  readonly applied: readonly string[];
  /** The id of the newest migration that the database has now. */
  readonly version: number;
}

/** Brings the schema to this version. Safe when several processes start at once; never goes back. */
export async function migrate(database: Database, clock: Clock): Promise<MigrationReport> {
  const schema = quote(database.schema);
  return database.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    await sql.raw(bookkeeping(schema)).execute(tx);
    const rows = await tx.selectFrom('migration').select('id').execute();
    const done = new Set(rows.map((row) => row.id));
    const newest = Math.max(0, ...done);
    const known = migrations.at(-1)?.id ?? 0;
    if (newest > known) {
      throw new HeadwaterError(
        'schema_too_new',
        `The database is at schema version ${newest}, this Headwater knows ${known}. Start a newer Headwater.`,
      );
    }
    const applied: string[] = [];
    for (const migration of migrations) {
      if (done.has(migration.id)) continue;
      await sql.raw(migration.sql(schema)).execute(tx);
      await tx
        .insertInto('migration')
        .values({ id: migration.id, name: migration.name, applied_at: new Date(clock.now()) })
        .execute();
      applied.push(migration.name);
    }
    return { applied, version: known };
  });
}

/** The SQL of every migration, for hosts that run migrations with their own tool. */
export function printMigrations(schemaName: string): string {
  const schema = quote(schemaName);
  const steps = migrations.map(
    (migration) =>
      `-- ${String(migration.id).padStart(4, '0')} ${migration.name}${migration.breaking ? ' (breaking)' : ''}\n` +
      `${migration.sql(schema).trim()}\n` +
      `insert into ${schema}.migration (id, name, applied_at) values (${migration.id}, '${migration.name}', current_timestamp);\n`,
  );
  return `begin;\n${bookkeeping(schema).trim()}\n\n${steps.join('\n')}\ncommit;\n`;
}

function bookkeeping(schema: string): string {
  return `
create schema if not exists ${schema};
create table if not exists ${schema}.migration (id integer primary key, name text not null, applied_at timestamptz not null);
`;
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
