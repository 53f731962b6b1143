import type { Database, Tx, WriteOptions } from './database.ts';

/** Runs `work` inside the caller's transaction where there is one, otherwise inside one of its own. */
export function inTransaction<T>(
  database: Database,
  options: WriteOptions | undefined,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  if (options?.tx !== undefined) return work(database.join(options.tx));
  return database.db.transaction().execute(work);
}
