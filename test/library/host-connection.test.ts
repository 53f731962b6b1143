import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { openMigratedMemory } from '../../packages/engine/src/testing/template.ts';
import { openTestPool } from '../support/pool.ts';
import { openHost } from './hosts.ts';

const browser = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' } };

describe('a slow transaction of a host on PostgreSQL', () => {
  it('holds up neither clicks nor other events while it holds a row of the inbox', async () => {
    await using host = await openHost('pg');
    const { hw } = host;
    const link = orThrow(await hw.links.create({ key: 'busy', url: 'https://shop.test/' }));
    orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
    const opened = Promise.withResolvers<void>();
    const decided = Promise.withResolvers<void>();
    const slow = host.transaction(async (tx) => {
      orThrow(await hw.visitors.identify({ externalId: 'cust_1', name: 'Ada' }, { tx }));
      orThrow(await hw.events.sale({ externalId: 'cust_1', amountMinor: 100n }, { tx }));
      orThrow(await hw.links.update(link.id, { tags: ['slow'] }, { tx }));
      opened.resolve();
      await decided.promise;
    });
    await opened.promise;

    const clicks = await Promise.all(
      Array.from({ length: 20 }, () => hw.handler(new Request('https://go.test/busy', browser))),
    );
    expect(clicks.map((click) => click.status)).toEqual(Array.from({ length: 20 }, () => 302));
    expect(
      orThrow(await hw.events.sale({ externalId: 'cust_1', amountMinor: 4_900n })),
    ).toMatchObject({ outcome: 'accepted' });
    await hw.events.flush();
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 20 });
    expect(await hw.visitors.getByExternalId('cust_1')).toMatchObject({
      lifetimeValue: [{ amountMinor: 4_900n }],
    });

    decided.resolve();
    await slow;
    await hw.events.flush();
    expect(await hw.visitors.getByExternalId('cust_1')).toMatchObject({
      name: 'Ada',
      lifetimeValue: [{ amountMinor: 5_000n }],
    });
  });

  it('is taken in by hw.start() after it has committed', async () => {
    await using host = await openHost('pg');
    const { hw } = host;
    await hw.start();
    await host.transaction((tx) => hw.visitors.identify({ externalId: 'cust_2' }, { tx }));
    await expect
      .poll(() => hw.visitors.getByExternalId('cust_2'), { timeout: 10_000 })
      .toMatchObject({ events: 1 });
  });
});

describe("the host's own pool", () => {
  it('works without pipelining, keeps its type parsers, and stays open', async () => {
    await using application = await openTestPool({ max: 2 });
    const { pool } = application;
    const timestamptz = 1184;
    const before = pg.types.getTypeParser(timestamptz) as (text: string) => unknown;
    // What hosts do: time stamps as text, 64-bit integers as numbers.
    pg.types.setTypeParser(timestamptz, String);
    pg.types.setTypeParser(20, Number);
    try {
      const hw = await createTestHeadwater({ database: { pool }, links: { domains: ['go.test'] } });
      const link = orThrow(
        await hw.links.create({
          key: 'own',
          url: 'https://shop.test/',
          expiresAt: new Date('2030-01-01T00:00:00Z'),
        }),
      );
      await hw.handler(new Request('https://go.test/own', browser));
      await hw.events.flush();
      orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
      orThrow(await hw.events.sale({ externalId: 'cust_1', amountMinor: 9_007_199_254_740n }));
      expect(await hw.links.get(link.id)).toMatchObject({
        expiresAt: new Date('2030-01-01T00:00:00Z'),
      });
      expect(await hw.visitors.getByExternalId('cust_1')).toMatchObject({
        firstSeenAt: new Date(hw.clock.now()),
        lifetimeValue: [{ amountMinor: 9_007_199_254_740n, currency: 'USD' }],
      });
      await hw.close();
      const { rows } = await pool.query<Record<string, unknown>>(
        "select timestamptz '2026-01-01 00:00:00+00' as at, int8 '7' as number",
      );
      expect(rows).toEqual([
        { at: expect.stringMatching(/^2026-01-01 00:00:00/) as string, number: 7 },
      ]);
    } finally {
      pg.types.setTypeParser(timestamptz, before);
      pg.types.setTypeParser(20, String);
    }
  });

  it('with a single connection serves a call inside a transaction', async () => {
    await using application = await openTestPool({ max: 1 });
    const { pool } = application;
    const migrating = await createTestHeadwater({
      database: { pool },
      links: { domains: ['go.test'] },
    });
    const client = await pool.connect();
    await client.query('begin');
    orThrow(await migrating.links.create({ url: 'https://shop.test/' }, { tx: client }));
    await client.query('commit');
    client.release();
    expect(orThrow(await migrating.links.list())).toMatchObject({
      links: [{ url: 'https://shop.test/' }],
    });
    await migrating.close();
  });
});

describe('a PGlite that the host shares with Headwater', () => {
  it('answers a call beside an open transaction with an error at once that says what to do', async () => {
    await using host = await openHost('PGlite');
    const { hw } = host;
    await host.transaction(async (tx) => {
      for (const call of [
        () => hw.links.create({ url: 'https://shop.test/' }),
        () => hw.links.list(),
        () => hw.visitors.identify({ externalId: 'cust_1' }),
        () => hw.events.flush(),
        () => hw.workspaces.create({ name: 'Tenant' }),
      ]) {
        await expect(call()).rejects.toThrow(
          /A transaction is open on this PGlite.*Give it to the call as `tx`/,
        );
      }
      orThrow(await hw.links.create({ url: 'https://shop.test/' }, { tx }));
    });
    expect(orThrow(await hw.links.list())).toMatchObject({
      links: [{ url: 'https://shop.test/' }],
    });
  });

  it('says the same of a transaction that was begun by hand', async () => {
    const pglite = await openMigratedMemory();
    const hw = await createTestHeadwater({ database: { pglite } });
    await pglite.query('begin');
    await expect(hw.workspaces.list()).rejects.toMatchObject({ code: 'transaction_open' });
    await pglite.query('rollback');
    expect(orThrow(await hw.workspaces.list())).toHaveLength(1);
    await hw.close();
    await pglite.close();
  });

  it('lets visitors wait for the end of a transaction, and keeps the two apart', async () => {
    const pglite = await openMigratedMemory();
    const hw = await createTestHeadwater({ database: { pglite }, links: { domains: ['go.test'] } });
    const link = orThrow(await hw.links.create({ key: 'wait', url: 'https://shop.test/' }));
    await pglite.exec('create table account (name text primary key)');
    const clicks: Array<Promise<Response>> = [];
    const click = (): number =>
      clicks.push(hw.handler(new Request('https://go.test/wait', browser)));
    await expect(
      pglite.transaction(async (tx) => {
        await tx.query("insert into account values ('Ada')");
        click();
        await busy(() => tx.query('select 1'));
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    await pglite.query('begin');
    await pglite.query("insert into account values ('Grace')");
    click();
    await busy(() => pglite.query('select 1'));
    await pglite.query('rollback');
    // And the other way round: what the host does while a batch is being written is not part of the batch.
    for (let round = 0; round < 10; round += 1) {
      click();
      await pglite.query(`insert into account values ('${round}')`);
    }
    expect((await Promise.all(clicks)).map((answer) => answer.status)).toEqual(
      clicks.map(() => 302),
    );
    await hw.events.flush();
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: clicks.length });
    expect((await pglite.query('select count(*)::int as accounts from account')).rows).toEqual([
      { accounts: 10 },
    ]);
    await hw.close();
    await pglite.close();
  });
});

/** Long enough for whatever can go on beside it. */
async function busy(query: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await query();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
