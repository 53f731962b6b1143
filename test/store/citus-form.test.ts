import { createTestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { migrations } from '../../packages/engine/src/store/migrations/index.ts';
import { openMigratedMemory } from '../../packages/engine/src/testing/template.ts';

/** What Citus asks of a schema whose tables are distributed by `workspace_id` (design §2). */
describe('the schema', () => {
  const reference = migrations.flatMap((migration) => migration.reference);
  const distributed = migrations.flatMap((migration) => migration.distributed);
  let query: <Row>(text: string) => Promise<Row[]>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const pglite = await openMigratedMemory();
    const hw = await createTestHeadwater({ database: { pglite } });
    // Makes a partition.
    await hw.visitors.identify({ externalId: 'cust_1' });
    query = async <Row>(text: string) => (await pglite.query<Row>(text)).rows;
    close = async () => {
      await hw.close();
      await pglite.close();
    };
  }, 30_000);
  afterAll(() => close());

  it('has every table in the lists of its migration: distributed, copied to every node, or the bookkeeping', async () => {
    const tables = await query<{ name: string }>(
      "select c.relname as name from pg_class c where c.relnamespace = 'headwater'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition",
    );
    expect(tables.map(({ name }) => name).sort()).toEqual(
      [...distributed, ...reference, 'migration'].sort(),
    );
    expect(new Set([...distributed, ...reference]).size).toBe(
      distributed.length + reference.length,
    );
  });

  it('has workspace_id, never null, first in every primary key and unique index of a distributed table', async () => {
    const keys = await query<{
      table: string;
      index: string;
      primary: boolean;
      first: string;
      never_null: boolean;
    }>(`
      select c.relname as table, x.relname as index, i.indisprimary as primary, a.attname as first, a.attnotnull as never_null
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where c.relnamespace = 'headwater'::regnamespace and i.indisunique`);
    const ofDistributed = keys.filter(({ table }) => distributed.includes(table));
    expect(
      ofDistributed.filter(({ first, never_null }) => first !== 'workspace_id' || !never_null),
    ).toEqual([]);
    const withPrimaryKey = ofDistributed.filter(({ primary }) => primary).map(({ table }) => table);
    expect(withPrimaryKey.sort()).toEqual([...distributed].sort());
  });

  it('has workspace_id first in every other index too, but for those that are read by transaction', async () => {
    const indexes = await query<{ table: string; index: string; first: string }>(`
      select c.relname as table, x.relname as index, a.attname as first
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where c.relnamespace = 'headwater'::regnamespace and not i.indisunique`);
    const others = indexes.filter(
      ({ table, first }) => distributed.includes(table) && first !== 'workspace_id',
    );
    expect(others).toEqual([
      { table: 'change', index: 'change_transaction', first: 'transaction_id' },
      { table: 'event', index: 'event_transaction', first: 'transaction_id' },
    ]);
  });

  it('has no foreign key, no trigger, no sequence and no extension', async () => {
    expect(
      await query(`
        select conname as name from pg_constraint where contype = 'f' and connamespace = 'headwater'::regnamespace
        union all select tgname from pg_trigger where not tgisinternal
        union all select relname from pg_class where relkind = 'S' and relnamespace = 'headwater'::regnamespace
        union all select extname from pg_extension where extname <> 'plpgsql'`),
    ).toEqual([]);
  });

  it('has the events in partitions by month and no default partition', async () => {
    expect(
      await query(`
        select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits i
        join pg_class c on c.oid = i.inhrelid where i.inhparent = 'headwater.event'::regclass`),
    ).toEqual([
      {
        name: 'event_2026_01',
        bound: expect.stringMatching(
          /^FOR VALUES FROM \('2026-01-01 00:00:00.*'\) TO \('2026-02-01 00:00:00/,
        ) as string,
      },
    ]);
  });
});
