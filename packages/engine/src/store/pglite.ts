import type { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';

import { createDatabase } from './postgres.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { Database } from './database.ts';

/**
 * The embedded size: PGlite behind a node-postgres pool of one connection, so that every statement of the engine
 * is the same at every size.
 */
export function createEmbeddedDatabase(
  pglite: PGlite,
  settings: {
    readonly schema: string;
    /** Closes what the caller opened for us. */ readonly close?: () => Promise<void>;
  },
): Database {
  const pool = new pg.Pool({ ...connectionTo(pglite), max: 1, pipeline: true });
  const turns = createTurns(pglite);
  const end = createEnd();
  const taking = {
    async connect() {
      const client = await end.orRefuse(() => pool.connect());
      const endTurn = await end.orRefuse(() => turns.begin());
      const query = client.query.bind(client) as (...asked: unknown[]) => Promise<unknown>;
      const release = client.release.bind(client);
      client.query = ((...asked: unknown[]) =>
        end.orRefuse(() => query(...asked))) as typeof client.query;
      client.release = (broken) => {
        // The method of its class comes back: a bound one of each lease would lie behind that of the next, for ever.
        delete (client as { query?: unknown }).query;
        // Whoever touches it after its end waits for ever, so nobody gets it any more.
        if (end.hasCome()) return;
        endTurn();
        release(broken);
      };
      return client;
    },
  } as pg.Pool;
  return createDatabase(taking, {
    size: 'embedded',
    schema: settings.schema,
    batchesInFlight: 1,
    prepare: true,
    statementPrefix: `${(engines += 1)}.`,
    isBusyWithHost: () => !turns.isOurs() && isInTransaction(pglite),
    stopped: end.stopped,
    async onClose() {
      if (end.hasCome()) return;
      await pool.end();
      await settings.close?.();
    },
  });
}

/**
 * PostgreSQL answers a failure to write its log with a PANIC and begins anew; PGlite has nobody to begin it anew, and
 * never answers again. What is asked then is refused at once instead, until the process is started again.
 */
function createEnd() {
  const { promise: stopped, resolve } = Promise.withResolvers<UnavailableError>();
  const asked = new Set<(error: unknown) => void>();
  let end: UnavailableError | undefined;

  function come(panic: Error): void {
    end = new UnavailableError(
      `The embedded database has stopped: ${panic.message}. ` +
        'Make room on its disk and start the process again; what was committed is kept.',
      { retryAfterSeconds: 10, cause: panic },
    );
    // What was sent behind the statement that failed gets no answer of its own.
    for (const reject of asked) reject(end);
    asked.clear();
    resolve(end);
  }

  return {
    stopped,
    hasCome: () => end !== undefined,
    orRefuse<T>(ask: () => Promise<T>): Promise<T> {
      if (end !== undefined) return Promise.reject(end);
      return new Promise((answer, reject) => {
        asked.add(reject);
        ask().then(
          (value) => {
            asked.delete(reject);
            answer(value);
          },
          (failure: unknown) => {
            asked.delete(reject);
            if (isPanic(failure)) come(failure);
            reject(end ?? failure);
          },
        );
      });
    },
  };
}

/** https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-SEVERITY-LEVELS */
function isPanic(failure: unknown): failure is Error {
  return failure instanceof Error && (failure as { severity?: unknown }).severity === 'PANIC';
}

/** Engines that share a PGlite share its session, and the names of the statements in it. */
let engines = 0;

/** How often a transaction that the host has begun by hand is looked at. */
const lookAgainMilliseconds = 5;

/**
 * PGlite has one connection, and what comes in as wire protocol passes by the lock of its own `query` and
 * `transaction`: without taking that lock, statements of the engine would run inside the host's open transaction, and
 * its commit would be the host's.
 */
function createTurns(pglite: PGlite) {
  let ours = false;
  async function begin(): Promise<() => void> {
    for (;;) {
      const release = await lock();
      ours = true;
      const end = (): void => {
        ours = false;
        release();
      };
      if (!isInTransaction(pglite)) return end;
      // Begun by `query('begin')`: nobody holds the lock, and only the host can go on.
      end();
      await new Promise((resolve) => setTimeout(resolve, lookAgainMilliseconds));
    }
  }
  function lock(): Promise<() => void> {
    return new Promise((resolve, reject) => {
      pglite
        ._runExclusiveTransaction(() => new Promise<void>((release) => resolve(release)))
        .catch(reject);
    });
  }
  return { begin, isOurs: () => ours };
}

function isInTransaction(pglite: PGlite): boolean {
  return pglite.ready && pglite.isInTransaction();
}

/** PGlite takes the value parsers of a query, which node-postgres hands along, for the types of its parameters. */
function connectionTo(pglite: PGlite) {
  const { connection, user, password, database, host, port } = createPgConfig(pglite);
  const parse = connection.parse.bind(connection);
  connection.parse = ({ types: _, ...query }) => parse(query);
  return { connection, user, password, database, host, port };
}
