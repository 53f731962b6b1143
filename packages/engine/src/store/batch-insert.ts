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
      return [workspaceId, ...readers.map((read) => rows.map(read))];
    },
  };
}

/** Milliseconds since the epoch as PostgreSQL reads a timestamptz; `null` stays `null`. */
export function timestamp(milliseconds: number | null | undefined): string | null {
  return milliseconds === null || milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
