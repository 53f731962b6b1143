import type { Transaction as PGliteTransaction } from '@electric-sql/pglite';
import type { Kysely, Transaction as KyselyTransaction } from 'kysely';

import type { Statement, Transaction } from './connection.ts';
import type { Tables } from './tables.ts';

/** Queries by builder, qualified with the schema: outside or inside a transaction. */
export type Db = Kysely<Tables>;

/** The same inside a transaction: functions that take it need one. */
export type Tx = KyselyTransaction<Tables>;

/** Queries of somebody else's tables, in a schema of their own. */
export type OtherDb<OtherTables> = Kysely<OtherTables>;

export interface Database {
  readonly size: 'embedded' | 'server';
  readonly schema: string;
  /** How many batches of one workspace may be on their way at once. */
  readonly batchesInFlight: number;
  readonly db: Db;
  /** A transaction of the event path: fixed statements, prepared and pipelined. */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** One fixed statement outside a transaction. */
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /**
   * SQL of a library that brings its own, in the database's own value types; several statements at once where there are
   * no values. After a failure nothing of it is left open.
   */
  query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
  /** A builder on the same connections for another schema, whose tables are somebody else's. */
  beside<OtherTables>(schema: string): OtherDb<OtherTables>;
  /** The builder inside a transaction that the caller (a host application) has begun. */
  join(host: HostTransaction): Tx;
  /**
   * Whether a transaction of the host has the only connection (PGlite): who waits for it inside that transaction waits
   * for ever.
   */
  isBusyWithHost(): boolean;
  /** Resolves when nothing can be asked any more until the process is started again (PGlite); else never. */
  readonly stopped: Promise<Error>;
  close(): Promise<void>;
}

/**
 * A transaction of the host application: a `pg` client between its BEGIN and COMMIT, a Kysely transaction, or the
 * transaction that PGlite gives. What Headwater writes commits or rolls back with it.
 */
export type HostTransaction =
  | { query(config: { text: string; values?: unknown[] }): Promise<unknown> }
  | PGliteTransaction
  | { executeQuery(query: unknown): Promise<unknown> };

/** Every call that writes takes this as its last argument. */
export interface WriteOptions {
  /** Writes inside the host's own transaction: commits or rolls back with it. */
  readonly tx?: HostTransaction;
  /** Who does it, for the audit log and the history of links. */
  readonly actor?: string | undefined;
}
