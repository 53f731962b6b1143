import pg from 'pg';

import { createPostgresDatabase } from './postgres.ts';

export interface TestPool extends AsyncDisposable {
  readonly pool: pg.Pool;
  readonly url: string;
}

/**
 * The pool of a host application, on a database of its own. The database goes as soon as the pool has been ended, which
 * is before its connections have: their last words are of no interest.
 */
export async function openTestPool(config: pg.PoolConfig = {}): Promise<TestPool> {
  const database = await createPostgresDatabase();
  const pool = new pg.Pool({ ...config, connectionString: database.url });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    pool,
    url: database.url,
    async [Symbol.asyncDispose]() {
      if (!pool.ended) await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
