import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

export interface PostgresDatabase extends AsyncDisposable {
  readonly url: string;
}

/**
 * Creates a database of its own for a test, on the server of this run.
 *
 * @example
 * await using database = await createPostgresDatabase();
 * const pool = new pg.Pool({ connectionString: database.url });
 */
export async function createPostgresDatabase(
  options: { template?: string } = {},
): Promise<PostgresDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(`create database ${name} template ${options.template ?? 'template0'}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      // A pool that has ended may still be saying goodbye, and would hear of it as a fault.
      for (let look = 0; look < 20 && (await isConnected(name)); look += 1)
        await new Promise((resolve) => setTimeout(resolve, 25));
      await execute(`drop database if exists ${name} with (force)`);
    },
  };
}

async function isConnected(database: string): Promise<boolean> {
  const [row] = await execute<{ count: string }>(
    `select count(*) as count from pg_stat_activity where datname = '${database}'`,
  );
  return row?.count !== '0';
}

async function execute<Row extends pg.QueryResultRow>(statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
