import { createTestHeadwater } from 'headwater/testing';
import { describe, expect, it } from 'vitest';

import { openTestPool } from '../../../../test/support/pool.ts';
import { distribute, printDistribution } from './distribute.ts';
import { createDatabase, createPool } from './postgres.ts';
import { migrations } from './migrations/index.ts';

const cluster = process.env['HEADWATER_CITUS_URL'];

describe('distribute', () => {
  it('says that a database is no cluster', async () => {
    await using application = await openTestPool();
    const onPostgres = await createTestHeadwater({ database: { pool: application.pool } });
    const refused = { code: 'citus_missing', message: expect.stringContaining('citus') as string };
    await expect(onPostgres.distribute()).rejects.toMatchObject(refused);
    await onPostgres.close();
  });

  it('prints a step for every table: the directory everywhere, the rest by workspace and side by side', () => {
    const lines = printDistribution('shop').trim().split('\n');
    const tables = (kind: 'reference' | 'distributed'): string[] =>
      migrations.flatMap((migration) => migration[kind]);
    const [first, ...others] = tables('distributed');
    expect(lines).toEqual([
      ...tables('reference').map((table) => `select create_reference_table('"shop"."${table}"');`),
      `select create_distributed_table('"shop"."${first}"', 'workspace_id', colocate_with => 'none');`,
      ...others.map(
        (table) =>
          `select create_distributed_table('"shop"."${table}"', 'workspace_id', colocate_with => '"shop"."${first}"');`,
      ),
    ]);
  });

  it.skipIf(cluster === undefined)(
    'distributes every table of a cluster once (HEADWATER_CITUS_URL)',
    async () => {
      const schema = `distributed_${process.pid}`;
      const pool = createPool(cluster!, 2);
      const database = createDatabase(pool, {
        size: 'server',
        schema,
        batchesInFlight: 1,
        prepare: true,
        onClose: () => pool.end(),
      });
      const hw = await createTestHeadwater({ database: { pool }, schema });
      try {
        const first = await distribute(database);
        expect(first).toMatchObject({ before: 0 });
        expect(await distribute(database)).toEqual({
          distributed: [],
          copied: [],
          before: first.distributed.length + first.copied.length,
        });
      } finally {
        await hw.close();
        await pool.query(`drop schema "${schema}" cascade`);
        await database.close();
      }
    },
    120_000,
  );
});
