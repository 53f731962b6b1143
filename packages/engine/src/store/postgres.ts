import { Kysely, PostgresDialect } from 'kysely';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';

import { ConfigurationError } from '../kernel/errors.ts';
import { leaseClient, runStatement, runTransaction } from './connection.ts';
import type { ConnectionSettings } from './connection.ts';
import type { Database } from './database.ts';
import { joinHost } from './host-transaction.ts';
import type { Tables } from './tables.ts';
import { parseValue } from './value-parsers.ts';

export interface PostgresSettings extends ConnectionSettings {
  readonly size: Database['size'];
  readonly schema: string;
  readonly batchesInFlight: number;
  /** @default never: there are other connections */
  readonly isBusyWithHost?: () => boolean;
  /** @default never: another connection may succeed */
  readonly stopped?: Promise<Error>;
  /** Called by `close()`; a host's own pool stays open. */
  readonly onClose: () => Promise<void>;
}

/** No statement of ours takes so long; a dead connection would otherwise be waited for until TCP gives up. */
const queryPatience = 30_000;
const scriptPatience = 86_400_000;

/** A pool of our own: statements are sent without waiting for the answers before them. */
export function createPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    pipeline: true,
    connectionTimeoutMillis: 5_000,
    // A host that has vanished without a word is found out: the statements on their way fail, and are sent again.
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    query_timeout: queryPatience,
  });
  // An idle connection that the server closes is not an event: the pool opens another one when asked.
  pool.on('error', () => undefined);
  // Nor is one of a client that somebody holds, or that the pool is about to end.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function createDatabase(pool: pg.Pool, settings: PostgresSettings): Database {
  const typed = typedPool(pool);
  const db = builder<Tables>(typed, settings.schema);
  return {
    size: settings.size,
    schema: settings.schema,
    batchesInFlight: settings.batchesInFlight,
    db,
    transact: (work) => runTransaction(pool, settings, work),
    run: (statement, values) => runStatement(pool, settings, statement, values),
    query: (text, values) => queryFreely(pool, text, values),
    beside: (schema) => builder(typed, schema),
    join: (host) => joinHost(host, settings.schema),
    isBusyWithHost: settings.isBusyWithHost ?? (() => false),
    stopped: settings.stopped ?? new Promise(() => undefined),
    close: settings.onClose,
  };
}

/** Statements without values may be a change of the schema, which takes as long as there are rows. */
function asScript(text: string): pg.QueryConfig & { readonly query_timeout: number } {
  return { text, query_timeout: scriptPatience };
}

async function queryFreely(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<{ rows: unknown[] }> {
  const { client, release } = await leaseClient(pool);
  let broken = true;
  try {
    const result = await client.query<Record<string, unknown>>(
      values === undefined ? asScript(text) : { text, values: [...values] },
    );
    broken = false;
    return result;
  } catch (error) {
    // A text may have begun a transaction of its own.
    broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    release(broken);
  }
}

function builder<InSchema>(pool: PostgresPool, schema: string): Kysely<InSchema> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new ConfigurationError(
      '`schema` has lower-case letters, digits and underscores, 63 at most, and starts with a letter.',
    );
  }
  return new Kysely<InSchema>({ dialect: new PostgresDialect({ pool }) }).withSchema(schema);
}

/** The pool, with our value parsers on each query: a host's pool keeps its own for its own queries. */
function typedPool(pool: pg.Pool): PostgresPool {
  return {
    async connect() {
      const { client, release } = await leaseClient(pool);
      return typedClient(client, release);
    },
    end: () => Promise.resolve(),
  } as PostgresPool;
}

function typedClient(client: pg.PoolClient, release: () => void): PostgresPoolClient {
  return {
    query: (text: string, values: readonly unknown[]) =>
      client.query({ text, values: values as unknown[], types: parseValue }),
    release: () => release(),
  } as unknown as PostgresPoolClient;
}
