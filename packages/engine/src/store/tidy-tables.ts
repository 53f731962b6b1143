import { sql } from 'kysely';

import type { Database } from './database.ts';
import { quote } from './migrate.ts';

interface UntidyTable {
  readonly schema: string;
  readonly name: string;
}

/**
 * Does for the embedded database what autovacuum does for a server, which PGlite does not have: without statistics the
 * planner takes every workspace for a small part of its tables and reads all of them, the index of events by transaction
 * (BRIN) knows nothing of what came later, and the space of rows that have changed is not used again.
 *
 * One table at a time, because nobody else is served meanwhile; it answers whether there was one.
 */
export async function tidyTables(
  database: Pick<Database, 'db' | 'run' | 'schema' | 'size'>,
): Promise<{ readonly tidied: string | undefined }> {
  if (database.size !== 'embedded') return { tidied: undefined };
  const table = await findUntidyTable(database);
  if (table === undefined) return { tidied: undefined };
  const name = `${quote(table.schema)}.${quote(table.name)}`;
  await database.run({ name: '', text: `vacuum (analyze) ${name}` }, []);
  return { tidied: table.name };
}

/**
 * By the measures of autovacuum (https://www.postgresql.org/docs/current/routine-vacuuming.html): a fifth more rows or a
 * fifth of them dead, a tenth changed. PGlite forgets its counters with its process, so growth is also seen by the pages
 * that the catalog remembers; a table that was never analysed has no statistics.
 */
async function findUntidyTable({
  db,
  schema,
}: Pick<Database, 'db' | 'schema'>): Promise<UntidyTable | undefined> {
  const { rows } = await sql<UntidyTable>`
select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_user_tables s on s.relid = c.oid
cross join lateral (select pg_relation_size(c.oid) / current_setting('block_size')::int8 as pages) size
where n.nspname in (${schema}, ${`${schema}_jobs`}, ${`${schema}_auth`}) and c.relkind = 'r' and size.pages > 0
  and (size.pages > 1.2 * c.relpages + 10
    or s.n_dead_tup > 50 + 0.2 * c.reltuples or s.n_mod_since_analyze > 50 + 0.1 * c.reltuples
    or (size.pages > 10 and c.reltuples <> 0 and not exists (select from pg_statistic p where p.starelid = c.oid)))
order by size.pages desc limit 1`.execute(db);
  return rows[0];
}
