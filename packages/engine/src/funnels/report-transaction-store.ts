import { sql } from 'kysely';

import type { Database, Db } from '../store/database.ts';

/** Less than a connection waits for an answer: PostgreSQL stops working on what nobody will hear. */
const statementTimeout = '25s';
/** For the sort of what a report has found; PostgreSQL's own 4 MB would write it to disk. */
const workMemory = '64MB';

/**
 * Runs a report with settings of its own. Compiling a statement to machine code costs more than a report takes.
 * Inside the host's transaction its settings stay what they are.
 */
export async function withReportSettings<T>(
  database: Pick<Database, 'db' | 'schema'>,
  work: (database: { readonly db: Db; readonly schema: string }) => Promise<T>,
): Promise<T> {
  const { db, schema } = database;
  if (db.isTransaction) return work(database);
  return db
    .transaction()
    .setAccessMode('read only')
    .execute(async (tx) => {
      await sql`select set_config('jit', 'off', true), set_config('work_mem', ${workMemory}, true), set_config('statement_timeout', ${statementTimeout}, true)`.execute(
        tx,
      );
      return work({ db: tx, schema });
    });
}
