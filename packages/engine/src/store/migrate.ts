import { HeadwaterError } from '../kernel/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorCode, uniqueViolation } from './connection.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

/** Held by each step, so that processes that start together run each one once. */
const migrationLock = 0x68_77_6d_67;

/**
 * A step waits for its locks this long, and everybody else waits behind it: then it gives way and tries again, so that
 * events are held up for a moment, however long somebody's report or forgotten transaction takes. Longer than PostgreSQL's
 * `deadlock_timeout` (1 s), after which an autovacuum makes room for who waits.
 */
const lockMilliseconds = 1_500;
const pauseMilliseconds = 1_000;
const attemptsMax = 60;

export interface MigrationReport {
  readonly applied: readonly string[];
  /** The id of the newest migration that the database has now. */
  readonly version: number;
}

/**
 * Brings the schema to this version, a transaction for each step, while processes of the version before go on. Safe when
 * several processes start at once; never goes back.
 *
 * @throws {HeadwaterError} `schema_too_new`; `schema_locked` where somebody keeps a table for more than a minute.
 */
export async function migrate(
  database: Database,
  clock: Clock,
  known: readonly Migration[] = migrations,
): Promise<MigrationReport> {
  const schema = quote(database.schema);
  await inStep(database, bookkeeping(schema));
  const { rows } = await database.query(`select id from ${schema}.migration`);
  const done = new Set((rows as Array<{ id: number }>).map((row) => row.id));
  const newest = Math.max(0, ...done);
  const version = known.at(-1)?.id ?? 0;
  if (newest > version) {
    throw new HeadwaterError(
      'schema_too_new',
      `The database is at schema version ${newest}, this Headwater knows ${version}. Start a newer Headwater.`,
    );
  }
  const applied: string[] = [];
  for (const migration of known) {
    if (done.has(migration.id)) continue;
    if (await applyOnce(database, clock, migration)) applied.push(migration.name);
  }
  return { applied, version };
}

/** Whether it was applied here; not where another process has been faster. */
async function applyOnce(database: Database, clock: Clock, migration: Migration): Promise<boolean> {
  const schema = quote(database.schema);
  const at = new Date(clock.now()).toISOString();
  const text = `
insert into ${schema}.migration (id, name, applied_at) values (${migration.id}, '${migration.name}', '${at}');
${migration.sql(schema)}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await inStep(database, text);
      return true;
    } catch (error) {
      if (isAlreadyThere(error)) return false;
      if (errorCode(error) !== lockNotAvailable) throw error;
      if (attempt === attemptsMax)
        throw new HeadwaterError(
          'schema_locked',
          `The schema could not be brought to version ${migration.id}: a transaction has kept a table for more than a minute. pg_stat_activity shows whose it is; then try again.`,
          { cause: error },
        );
      await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    }
  }
}

/** One transaction, sent as one text: however long it takes, no answer is waited for in between. */
async function inStep(database: Database, text: string): Promise<void> {
  await database.query(`
begin;
select pg_advisory_xact_lock(${migrationLock});
set local lock_timeout = ${lockMilliseconds};
${text};
commit;`);
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lockNotAvailable = '55P03';

function isAlreadyThere(error: unknown): boolean {
  return (
    errorCode(error) === uniqueViolation &&
    (error as { constraint?: unknown }).constraint === 'migration_pkey'
  );
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
