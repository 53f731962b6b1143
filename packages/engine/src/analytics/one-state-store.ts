import type { Database, Db } from '../store/database.ts';

/** In a transaction whose statements all see the database as it was at the first of them. */
export function inOneState<T>(database: Database, work: (db: Db) => Promise<T>): Promise<T> {
  return database.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((tx) => work(tx));
}
