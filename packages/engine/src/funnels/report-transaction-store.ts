import { sql } from 'kysely';

import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { errorCode } from '../store/connection.ts';
import type { Database, Db } from '../store/database.ts';

const reportSettings = {
  // Less than a connection waits for an answer: PostgreSQL stops working on what nobody will hear.
  statement_timeout: '25s',
  // For the sort of what a report has found; with PostgreSQL's own 4 MB it would go to disk.
  work_mem: '64MB',
  // Compiling a statement to machine code takes longer than running it.
  jit: 'off',
  // Data on a solid-state disk; and a merge would sort every event of the period for the few that are looked up.
  random_page_cost: '1.1',
  enable_mergejoin: 'off',
  // What workers hand over is groups, not events.
  parallel_tuple_cost: '0.001',
} as const;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_regular_expression */
const invalidPattern = '2201B';

/**
 * Runs a report with settings of its own, in one state of the database. Inside the host's transaction its settings stay what they are. A regular
 * expression may mean something to JavaScript and nothing to PostgreSQL, which says so only when it runs it.
 */
export async function runReport<T>(
  database: Pick<Database, 'db' | 'schema'>,
  work: (database: { readonly db: Db; readonly schema: string }) => Promise<T>,
): Promise<Result<T, ValidationRefusal>> {
  try {
    return ok(await withSettings(database, work));
  } catch (error) {
    if (errorCode(error) !== invalidPattern) throw error;
    return refuseField('steps', 'have a regular expression that the database does not take');
  }
}

async function withSettings<T>(
  { db, schema }: Pick<Database, 'db' | 'schema'>,
  work: (database: { readonly db: Db; readonly schema: string }) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work({ db, schema });
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const settings = Object.entries(reportSettings).map(
        ([name, value]) => sql`set_config(${name}, ${value}, true)`,
      );
      await sql`select ${sql.join(settings)}`.execute(tx);
      return work({ db: tx, schema });
    });
}
