import type { Transaction as PGliteTransaction } from '@electric-sql/pglite';
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { PoolClient } from 'pg';

import type { HostTransaction, Tx } from './database.ts';
import type { Tables } from './tables.ts';
import { parseText, parseValue } from './value-parsers.ts';

/** The builder on a transaction that the host has begun and will end. */
export function joinHost(host: HostTransaction, schema: string): Tx {
  // The host's plugins (another case for columns, say) are for its own tables.
  if ('executeQuery' in host) return (host as unknown as Tx).withoutPlugins().withSchema(schema);
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => createDriver(createConnection(queryOn(host))),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return db.withSchema(schema) as Tx;
}

type Query = (text: string, values: unknown[]) => Promise<{ rows: unknown[]; affected: number }>;

function queryOn(host: object): Query {
  if ('exec' in host) {
    const { query } = host as unknown as PGliteTransaction;
    return async (text, values) => {
      const { rows, affectedRows } = await query<unknown>(text, values, { parsers: parseText });
      return { rows, affected: affectedRows ?? 0 };
    };
  }
  return async (text, values) => {
    const { rows, rowCount } = await (host as PoolClient).query<never>({
      text,
      values,
      types: parseValue,
    });
    return { rows, affected: rowCount ?? 0 };
  };
}

/** One statement after the other: a client in use takes no second one. */
function createConnection(query: Query): DatabaseConnection {
  let last: Promise<unknown> = Promise.resolve();
  return {
    executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const answer = last.then(() => query(sql, [...parameters]));
      last = answer.catch(() => undefined);
      return answer.then(({ rows, affected }) => ({
        rows: rows as R[],
        numAffectedRows: BigInt(affected),
      }));
    },
    streamQuery() {
      throw new Error('Nothing is streamed inside a transaction of the host.');
    },
  };
}

/** Beginning and ending the transaction is the host's alone. */
function createDriver(connection: DatabaseConnection): Driver {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error('The transaction belongs to the host.'));
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    init: nothing,
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: nothing,
    destroy: nothing,
  };
}
