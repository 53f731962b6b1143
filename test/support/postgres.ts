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
    [Symbol.asyncDispose]: () => execute(`drop database if exists ${name} with (force)`),
  };
}

async function execute(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
