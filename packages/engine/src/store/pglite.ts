import type { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';

import { createDatabase } from './postgres.ts';
import type { Database } from './database.ts';

/**
 * The embedded size: PGlite behind a node-postgres pool of one connection, so that every statement of the engine
 * is the same at every size.
 */
export function createEmbeddedDatabase(
  pglite: PGlite,
  settings: { readonly schema: string; /** Closes what the caller opened for us. */ readonly close?: () => Promise<void> },
): Database {
  const pool = new pg.Pool({ ...connectionTo(pglite), max: 1, pipeline: true } as pg.PoolConfig);
  return createDatabase(pool, {
    size: 'embedded',
    schema: settings.schema,
    batchesInFlight: 1,
    prepare: true,
    async onClose() {
      await pool.end();
      await settings.close?.();
    },
  });
}

/** PGlite takes the value parsers of a query, which node-postgres hands along, for the types of its parameters. */
function connectionTo(pglite: PGlite): ReturnType<typeof createPgConfig> {
  const config = createPgConfig(pglite);
  const { connection } = config;
  const parse = connection.parse.bind(connection);
  connection.parse = ({ types: _, ...query }) => parse(query);
  return config;
}
