import type { HeadwaterOptions, HostTransaction } from 'headwater';
import { createTestHeadwater, type TestHeadwater } from 'headwater/testing';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';

import { openMigratedMemory } from '../../packages/engine/src/testing/template.ts';
import { openTestPool } from '../support/pool.ts';

/** An application with a table of its own that mounts Headwater on its database. */
export interface Host extends AsyncDisposable {
  readonly hw: TestHeadwater;
  /** The host's transaction: commits when `work` is through, rolls back when it throws. */
  transaction<T>(work: (tx: HostTransaction, run: Run) => Promise<T>): Promise<T>;
  /** A statement of the host beside every transaction. */
  readonly run: Run;
  /** Headwater in another process on the same database. */
  another(options?: Partial<HeadwaterOptions>): Promise<TestHeadwater>;
}

export type Run = (text: string) => Promise<Array<Record<string, unknown>>>;

export const hostKinds = ['pg', 'Kysely on pg', 'PGlite', 'Kysely on PGlite'] as const;
export type HostKind = (typeof hostKinds)[number];

const ownTable = 'create table account (name text primary key)';

export async function openHost(
  kind: HostKind,
  options: Partial<HeadwaterOptions> = {},
): Promise<Host> {
  const host = await (kind.endsWith('pg') ? openPostgresHost : openPGliteHost)(kind, {
    links: { domains: ['go.test'] },
    ...options,
  });
  await host.run(ownTable);
  return host;
}

async function openPostgresHost(kind: HostKind, options: Partial<HeadwaterOptions>): Promise<Host> {
  const application = await openTestPool({ max: 5 });
  const { pool } = application;
  const hw = await createTestHeadwater({ ...options, database: { pool } });
  const others: TestHeadwater[] = [];
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const run: Run = async (text) => (await pool.query<Record<string, unknown>>(text)).rows;
  return {
    hw,
    run,
    async transaction(work) {
      if (kind !== 'pg') return kyselyTransaction(kysely, work);
      const client = await pool.connect();
      try {
        await client.query('begin');
        const value = await work(
          client,
          async (text) => (await client.query<Record<string, unknown>>(text)).rows,
        );
        await client.query('commit');
        return value;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
    async another(more = {}) {
      const other = await createTestHeadwater({
        ...options,
        clock: hw.clock,
        ...more,
        database: { pool },
      });
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const engine of [hw, ...others]) await engine.close();
      await application[Symbol.asyncDispose]();
    },
  };
}

async function openPGliteHost(kind: HostKind, options: Partial<HeadwaterOptions>): Promise<Host> {
  const pglite = await openMigratedMemory();
  const hw = await createTestHeadwater({ ...options, database: { pglite } });
  const others: TestHeadwater[] = [];
  const kysely = new Kysely({ dialect: new PGliteDialect({ pglite }) });
  return {
    hw,
    run: async (text) => (await pglite.query<Record<string, unknown>>(text)).rows,
    transaction: (work) =>
      kind === 'PGlite'
        ? pglite.transaction((tx) =>
            work(tx, async (text) => (await tx.query<Record<string, unknown>>(text)).rows),
          )
        : kyselyTransaction(kysely, work),
    async another(more = {}) {
      const other = await createTestHeadwater({
        ...options,
        clock: hw.clock,
        ...more,
        database: { pglite },
      });
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const engine of [hw, ...others]) await engine.close();
      await pglite.close();
    },
  };
}

function kyselyTransaction<T>(
  kysely: Kysely<unknown>,
  work: (tx: HostTransaction, run: Run) => Promise<T>,
): Promise<T> {
  return kysely
    .transaction()
    .execute((tx) =>
      work(tx, async (text) => (await sql.raw<Record<string, unknown>>(text).execute(tx)).rows),
    );
}
