import { createHash } from 'node:crypto';

import type { Pool, PoolClient, QueryResult } from 'pg';

import { combineWrites, formOf } from './combine-writes.ts';
import type { Write } from './combine-writes.ts';
import { parseValue } from './value-parsers.ts';

/** A statement with a fixed text. The name prepares it once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** The same for batches of many rows, where PostgreSQL does that faster. */
  readonly textOfMany?: string;
}

/**
 * One transaction on one connection. Statements run in the order in which they are issued; where the driver can
 * pipeline, a statement is sent without waiting for the answers before it.
 */
export interface Transaction {
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /**
   * A statement whose answer nobody needs. Those that follow each other go to the server as one, so they must not
   * touch the same rows; they are sent with the next `run` or the commit, which reports a failure. `rows`: how many
   * rows with a true `ok` it has to return; any other number is a failure (`isUnexpectedRows`).
   */
  write(statement: Statement, values: readonly unknown[], rows?: number): void;
  /**
   * What fails is planned again, under locks: so rows that are taken to be new need not be looked for first, which costs
   * as much as writing them. One that is there is a unique violation.
   */
  readonly isAttempt?: true;
}

export interface ConnectionSettings {
  /** Off behind a PgBouncer that cannot keep prepared statements. */
  readonly prepare: boolean;
  /** Where sessions are shared with others who prepare the same statements. */
  readonly statementPrefix?: string;
}

const discardPlans: Statement = { name: '', text: 'discard plans' };
const begin: Statement = { name: '', text: 'begin' };
const commit: Statement = { name: '', text: 'commit' };
const rollback: Statement = { name: '', text: 'rollback' };

/**
 * Runs `work` in a READ COMMITTED transaction and commits. The commit is sent as soon as `work` has returned; the
 * promise resolves when every statement and the commit have succeeded, and rejects with the first failure.
 */
export async function runTransaction<T>(
  pool: Pool,
  settings: ConnectionSettings,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { client, release } = await leaseClient(pool);
  let broken = true;
  try {
    const connection = createTransaction(client, settings);
    if (isPlanStale(client)) void connection.run(discardPlans, []);
    void connection.run(begin, []);
    let value: T;
    try {
      value = await work(connection);
    } catch (error) {
      // A connection that cannot even roll back is closed by its release; the first error is the one that matters.
      broken = await connection.run(rollback, []).then(
        () => false,
        () => true,
      );
      // 25P02: a statement that nobody waited for had failed before; that is the reason.
      const first = errorCode(error) === '25P02' ? await connection.settled() : undefined;
      throw first === undefined ? error : first.error;
    }
    void connection.run(commit, []);
    const failure = await connection.settled();
    if (failure !== undefined) {
      // The server has answered: the transaction is over, rolled back by its own COMMIT.
      broken = !isServerError(failure.error);
      throw failure.error;
    }
    broken = false;
    return value;
  } finally {
    release(broken);
  }
}

/** Runs one statement by itself. */
export async function runStatement<Row>(
  pool: Pool,
  settings: ConnectionSettings,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const { client, release } = await leaseClient(pool);
  let broken = true;
  try {
    const connection = createTransaction(client, settings);
    if (isPlanStale(client)) void connection.run(discardPlans, []);
    const rows = await connection.run<Row>(statement, values);
    broken = false;
    return rows;
  } catch (error) {
    broken = !isServerError(error);
    throw error;
  } finally {
    release(broken);
  }
}

const leases = new WeakMap<PoolClient, number>();
/** So many leases of a connection are planned with what its first statements saw. */
const leasesBeforeReplanning = 16;

/**
 * Whether a connection is to plan its prepared statements anew: after 16 leases, 32, 64 and so on. A plan that was made
 * while the tables were small reads them whole, and stays until somebody analyses them: autovacuum a minute later,
 * nobody on PGlite. This way a plan is never older than a table that is half as large.
 */
function isPlanStale(client: PoolClient): boolean {
  const count = (leases.get(client) ?? 0) + 1;
  leases.set(client, count);
  return count >= leasesBeforeReplanning && (count & (count - 1)) === 0;
}

/**
 * A client of the pool, and how to give it back. While it is out, a lost connection is an error of its statements, not
 * an event that ends the process.
 */
export async function leaseClient(
  pool: Pool,
): Promise<{ readonly client: PoolClient; readonly release: (broken?: boolean) => void }> {
  const client = await pool.connect();
  client.on('error', ignore);
  return {
    client,
    release(broken = false) {
      client.off('error', ignore);
      client.release(broken);
    },
  };
}

function ignore(): void {}

interface TrackedTransaction extends Transaction {
  /** Waits for every statement issued so far; the first failure, if there was one. */
  settled(): Promise<{ readonly error: unknown } | undefined>;
}

function createTransaction(client: PoolClient, settings: ConnectionSettings): TrackedTransaction {
  const pipelined = (client as { pipeline?: boolean }).pipeline === true;
  let failure: { readonly error: unknown } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const send = (statement: Statement, values: readonly unknown[]): Promise<QueryResult> => {
    if (pipelined) holdBack(client);
    return client.query({
      text: statement.text,
      values: values as unknown[],
      types: parseValue,
      ...(settings.prepare && statement.name !== ''
        ? { name: preparedName(statement, settings) }
        : {}),
    });
  };

  let pending: Write[] = [];

  function run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    if (pending.length > 0) {
      const combined = combineWrites(pending);
      pending = [];
      void issue(combined.statement, combined.values);
    }
    return issue(formOf(statement, values), values);
  }

  function issue<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const answer = pipelined ? send(statement, values) : last.then(() => send(statement, values));
    const rows = answer.then((result) => result.rows as Row[]);
    // The caller may look at the answer late or never: failures are kept here and reported by settled().
    last = rows.then(
      () => undefined,
      (error: unknown) => {
        failure ??= { error };
      },
    );
    return rows;
  }

  return {
    run,
    write(statement, values, rows) {
      pending.push({ statement, values, rows });
    },
    async settled() {
      await last;
      return failure;
    },
  };
}

const held = new WeakSet<PoolClient>();

/** Statements that are issued in one turn of the event loop leave in one packet, not in one system call each. */
function holdBack(client: PoolClient): void {
  const stream = (client as { connection?: { stream?: { cork?(): void; uncork?(): void } } })
    .connection?.stream;
  if (stream?.cork === undefined || held.has(client)) return;
  held.add(client);
  stream.cork();
  setImmediate(() => {
    held.delete(client);
    stream.uncork?.();
  });
}

// PostgreSQL tells names apart by their first 63 bytes (NAMEDATALEN), and a schema's name may have as many.
const nameLengthMax = 63;

function preparedName(statement: Statement, settings: ConnectionSettings): string {
  const name = `${settings.statementPrefix ?? ''}${statement.name}`;
  return name.length <= nameLengthMax
    ? name
    : createHash('sha256').update(name).digest('base64url');
}

/** Whether the server itself refused the statement, so that the connection is still good. */
function isServerError(error: unknown): boolean {
  const code = errorCode(error);
  // SQLSTATE has five characters; class 08 and 57P0x mean that the connection is lost or about to be.
  return (
    code !== undefined &&
    /^[0-9A-Z]{5}$/.test(code) &&
    !code.startsWith('08') &&
    !code.startsWith('57P0')
  );
}

/** The SQLSTATE of a row that another one is in the way of. */
export const uniqueViolation = '23505';

/** Whether writes failed because one did not return the rows that it had to: combined, they divide by zero (22012). */
export function isUnexpectedRows(error: unknown): boolean {
  return errorCode(error) === '22012';
}

/** The SQLSTATE, or the system's error name, of a failure. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
