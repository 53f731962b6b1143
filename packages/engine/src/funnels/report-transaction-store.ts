import { sql } from 'kysely';

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

/**
 * Runs a report with settings of its own. Inside the host's transaction its settings stay what they are.
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
      const settings = Object.entries(reportSettings).map(
        ([name, value]) => sql`set_config(${name}, ${value}, true)`,
      );
      await sql`select ${sql.join(settings)}`.execute(tx);
      return work({ db: tx, schema });
    });
}
