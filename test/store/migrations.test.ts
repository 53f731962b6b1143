import { createHeadwater, orThrow, printMigrations } from 'headwater';
import { createTestClock, createTestHeadwater, testSecret } from 'headwater/testing';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { migrations } from '../../packages/engine/src/store/migrations/index.ts';
import { openTestPool } from '../support/pool.ts';

const names = migrations.map((migration) => migration.name);
const version = migrations.at(-1)!.id;

/** Everything that a migration makes, without the names of the schema. */
async function catalog(pool: pg.Pool, schema: string): Promise<unknown> {
  const one = async (text: string): Promise<unknown[]> =>
    (await pool.query<Record<string, unknown>>(text.replaceAll('$schema', `'${schema}'`))).rows.map(
      (row) => JSON.stringify(row).replaceAll(new RegExp(`"?\\b${schema}\\b"?\\.`, 'g'), ''),
    );
  return {
    columns: await one(`
      select table_name, ordinal_position, column_name, data_type, is_nullable, column_default
      from information_schema.columns where table_schema = $schema order by 1, 2`),
    constraints: await one(`
      select conrelid::regclass::text as table_name, conname, pg_get_constraintdef(oid) as definition
      from pg_constraint where connamespace = to_regnamespace($schema) and contype <> 'n' order by 1, 2`),
    indexes: await one(
      `select tablename, indexname, indexdef from pg_indexes where schemaname = $schema order by 1, 2`,
    ),
    migrations: (await pool.query(`select id, name from "${schema}".migration order by id`)).rows,
  };
}

describe('hw.migrate() on PostgreSQL', () => {
  it('runs each migration once and makes one workspace when five engines start at once', async () => {
    await using database = await openTestPool();
    const engines = await Promise.all(
      Array.from({ length: 5 }, () =>
        createHeadwater({
          database: { url: database.url, connections: 3 },
          secret: testSecret,
          clock: createTestClock(),
        }),
      ),
    );
    const reports = await Promise.all(engines.map((engine) => engine.migrate()));
    expect(reports.flatMap((report) => report.applied).sort()).toEqual(names.toSorted());
    expect(new Set(reports.map((report) => report.version))).toEqual(new Set([version]));
    const firsts = await Promise.all(engines.map((engine) => engine.workspaces.first()));
    expect(new Set(firsts.map((workspace) => workspace.id)).size).toBe(1);
    expect(orThrow(await engines[0]!.workspaces.list())).toHaveLength(1);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('changes nothing the second time, and never goes back', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    const hw = await createTestHeadwater({ database: { pool } });
    expect(await hw.migrate()).toEqual({ applied: [], version });
    await pool.query(
      "insert into headwater.migration values (9999, 'from the future', current_timestamp)",
    );
    await expect(hw.migrate()).rejects.toMatchObject({
      code: 'schema_too_new',
      message: `The database is at schema version 9999, this Headwater knows ${version}. Start a newer Headwater.`,
    });
    await hw.close();
  });

  it('keeps everything in the schema that the options name, however long its name is', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    const schema = `analytics_${'of_the_shop_'.repeat(4)}`.slice(0, 63);
    const hw = await createTestHeadwater({
      database: { pool },
      schema,
      links: { domains: ['go.test'] },
    });
    const link = orThrow(await hw.links.create({ key: 'launch', url: 'https://shop.test/' }));
    await hw.handler(
      new Request('https://go.test/launch', {
        headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
      }),
    );
    await hw.events.flush();
    orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
    orThrow(await hw.events.sale({ externalId: 'cust_1', amountMinor: 4_900n }));
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 1 });
    expect(await hw.visitors.getByExternalId('cust_1')).toMatchObject({ status: 'customer' });
    await hw.close();
    const { rows } = await pool.query(
      "select distinct table_schema from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
    );
    expect(rows).toEqual([{ table_schema: schema }]);
  });

  it('refuses a schema whose name would need quotes', async () => {
    await expect(
      createHeadwater({
        database: { url: 'postgres://nobody@127.0.0.1:1/none' },
        secret: testSecret,
        schema: 'Bad"; drop schema public',
      }),
    ).rejects.toMatchObject({ code: 'configuration' });
  });

  it('needs an event partition from somebody else where createPartitions is off, and says which', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    const hw = await createTestHeadwater({ database: { pool }, createPartitions: false });
    await expect(hw.visitors.identify({ externalId: 'cust_1' })).rejects.toMatchObject({
      code: 'partition_missing',
      message: expect.stringContaining('2026-01') as string,
    });
    // Another length than ours: what it holds counts, not its name.
    await pool.query(
      "create table headwater.first_half partition of headwater.event for values from ('2026-01-01 00:00:00+00') to ('2026-07-01 00:00:00+00')",
    );
    expect(orThrow(await hw.visitors.identify({ externalId: 'cust_1' }))).toMatchObject({
      identity: { outcome: 'created' },
    });
    await hw.close();
  });
});

describe('printMigrations', () => {
  it('prints SQL that runs as it is, and makes what migrate() makes', async () => {
    await using printed = await openTestPool();
    await using migrated = await openTestPool();
    await printed.pool.query(printMigrations('analytics'));
    const hw = await createTestHeadwater({ database: { pool: migrated.pool } });
    expect(await catalog(printed.pool, 'analytics')).toEqual(
      await catalog(migrated.pool, 'headwater'),
    );
    await hw.close();

    const after = await createTestHeadwater({
      database: { pool: printed.pool },
      schema: 'analytics',
    });
    expect(await after.migrate()).toEqual({ applied: [], version });
    await after.close();
  });
});
