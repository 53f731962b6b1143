import type { Statement } from './connection.ts';
import { quote } from './migrate.ts';

/**
 * The columns of a row that is written in batches: the SQL type and how to read the value. An array type (`uuid[]`)
 * is sent as text, because `unnest` would flatten it.
 */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, read: (row: Row) => unknown]>>;

export interface BatchInsert<Row> {
  readonly statement: Statement;
  values(workspaceId: string, rows: readonly Row[]): unknown[];
}

/**
 * One `insert … select from unnest(…)` whose text does not depend on the number of rows, so that it is prepared once
 * and never meets the limit of parameters. `$1` is the workspace.
 */
export function batchInsert<Row>(
  schema: string,
  table: string,
  columns: Columns<Row>,
  tail = '',
): BatchInsert<Row> {
  const names = Object.keys(columns);
  const types = names.map((name) => columns[name]![0]);
  const readers = names.map((name) => columns[name]![1]);
  const text =
    `insert into ${quote(schema)}.${quote(table)} (workspace_id, ${names.join(', ')})\n` +
    `select $1::uuid, ${names.map((name, index) => (types[index]!.endsWith('[]') ? `t.${name}::${types[index]!}` : `t.${name}`)).join(', ')}\n` +
    `from unnest(${types.map((type, index) => `$${index + 2}::${type.endsWith('[]') ? 'text' : type}[]`).join(', ')}) as t(${names.join(', ')})\n` +
    tail;
  return {
    statement: { name: `${schema}.insert_${table}`, text },
    values(workspaceId, rows) {
      const values: unknown[] = [workspaceId];
      for (let column = 0; column < readers.length; column += 1) {
        values.push(arrayLiteral(types[column]!, rows, readers[column]!));
      }
      return values;
    },
  };
}

/** Types whose text needs no quotes inside an array literal. */
const plainTypes = new Set(['uuid', 'int4', 'int8']);

/**
 * The array as PostgreSQL reads it (manual §8.15.2), written in one pass: node-postgres would look at the type of
 * each element and escape it, which costs more than the rest of a batch together.
 */
function arrayLiteral<Row>(type: string, rows: readonly Row[], read: (row: Row) => unknown): string {
  let text = '{';
  let separator = '';
  const plain = plainTypes.has(type);
  for (const row of rows) {
    const value = read(row);
    text += separator;
    separator = ',';
    if (value === null || value === undefined) text += 'NULL';
    else if (plain) text += String(value);
    else if (type === 'bytea') text += `"\\\\x${(value as Buffer).toString('hex')}"`;
    else text += quoted(String(value));
  }
  return `${text}}`;
}

function quoted(text: string): string {
  return text.includes('"') || text.includes('\\')
    ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : `"${text}"`;
}

/** Milliseconds since the epoch as PostgreSQL reads a timestamptz; `null` stays `null`. */
export function timestamp(milliseconds: number | null | undefined): string | null {
  if (milliseconds === null || milliseconds === undefined) return null;
  // The rows of a batch share their times: most are written as the one before.
  if (milliseconds !== lastMilliseconds) {
    lastTimestamp = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastTimestamp;
}

let lastMilliseconds = 0;
let lastTimestamp = '1970-01-01T00:00:00.000Z';
