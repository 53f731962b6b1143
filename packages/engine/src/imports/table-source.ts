import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { createPool } from '../store/postgres.ts';
import { isRecord } from './event-mapping.ts';
import { readInput } from './read-input.ts';
import type { ImportStream, InputRefusal } from './read-input.ts';
import { readRows } from './read-rows.ts';
import type { InputRow, RowFormat } from './read-rows.ts';

/** A table of another system in a file: `\copy … to … csv header`, or one JSON document in each line. */
export interface TableDump {
  readonly stream: ImportStream;
  readonly format: RowFormat;
  /** What separates the cells of CSV. @default ',' */
  readonly delimiter?: string | undefined;
}

/** A database to read from: a `pg` pool or client, or a PGlite. */
export interface HostDatabase {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The database that is meant, by itself or by its URL; what was opened here is closed here. */
export async function withHostDatabase<T>(
  named: HostDatabase | string,
  work: (database: HostDatabase) => Promise<T>,
): Promise<T> {
  if (typeof named !== 'string') return work(named);
  const pool = createPool(named, 1);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** A table where it lives. It is only read. */
export interface TableInDatabase {
  readonly database: HostDatabase;
  readonly table: string;
  /** @default 'public' */
  readonly schema?: string | undefined;
  /** What names a row; the first of these that the table has. */
  readonly keys: readonly string[];
}

/** The rows of a table as they come. Of a database their lines are counted from 1. */
export async function readTable(
  source: TableDump | TableInDatabase,
): Promise<Result<AsyncIterable<InputRow>, InputRefusal>> {
  if ('database' in source) return ok(readDatabase(source));
  const input = await readInput(source.stream);
  if (!input.ok) return input;
  const { rows } = await readRows(input.value, source.format, source.delimiter ?? ',');
  return ok(rows);
}

const pageSize = 1_000;

/**
 * Page by page in the order of the key. As JSON, so that times arrive as they are written and not as the host's driver
 * takes them: of `timestamp` without a zone it makes local ones.
 */
async function* readDatabase(source: TableInDatabase): AsyncGenerator<InputRow> {
  const { database, table, schema = 'public', keys } = source;
  const from = `${quote(schema)}.${quote(table)} t`;
  const read = async (rest: string, values: unknown[]): Promise<Record<string, unknown>[]> => {
    const { rows } = await database.query(`select to_jsonb(t) as row from ${from} ${rest}`, values);
    return rows.map(toRecord);
  };
  const [first] = await read('limit 1', []);
  if (first === undefined) return;
  const key = keys.find((name) => name in first);
  if (key === undefined) throw new Error(`${table} has none of the columns ${keys.join(', ')}.`);
  const order = `order by t.${quote(key)} limit ${pageSize}`;
  let line = 0;
  for (let after: unknown; ;) {
    const records = await (after === undefined
      ? read(order, [])
      : read(`where t.${quote(key)} > $1 ${order}`, [after]));
    for (const record of records) {
      line += 1;
      yield { line, record, content: Buffer.of() };
    }
    after = records.at(-1)?.[key];
    if (records.length < pageSize) return;
  }
}

function toRecord(row: unknown): Record<string, unknown> {
  const value = isRecord(row) ? row['row'] : undefined;
  const record: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  return isRecord(record) ? record : {};
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
