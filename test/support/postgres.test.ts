import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { startPostgresCluster } from './postgres-cluster.ts';
import { createPostgresDatabase } from './postgres.ts';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

describe('createPostgresDatabase', () => {
  it('gives a database of a PostgreSQL server that writes as durably as in production', async () => {
    await using database = await createPostgresDatabase();

    const [row] = await query(
      database.url,
      `select split_part(version(), ' ', 1) as product, lower('ÉÈ') as lower_case,
        current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous`,
    );

    expect(row).toEqual({
      product: 'PostgreSQL',
      lower_case: 'éè',
      fsync: 'on',
      synchronous: 'on',
    });
  });

  it('gives every caller an empty database, and drops it afterwards', async () => {
    const first = await createPostgresDatabase();
    await query(first.url, 'create table note (id integer)');
    {
      await using second = await createPostgresDatabase();
      await expect(query(second.url, 'select * from note')).rejects.toThrow('does not exist');
    }

    await first[Symbol.asyncDispose]();

    await expect(query(first.url, 'select 1')).rejects.toThrow('does not exist');
  });
});

describe('startPostgresCluster', () => {
  it('keeps what was committed over a crash, at the same URL', async () => {
    await using cluster = await startPostgresCluster();
    await query(cluster.url, 'create table note (id integer)');
    await query(cluster.url, 'insert into note values (1)');

    await cluster.crash();
    await expect(query(cluster.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await cluster.restart();

    expect(await query(cluster.url, 'select id from note')).toEqual([{ id: 1 }]);
  });
});
