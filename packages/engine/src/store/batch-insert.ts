import { binaryArray } from './binary-array.ts';
import type { Statement } from './connection.ts';
import { quote } from './migrate.ts';

/**
 * The columns of a row that is written in batches: the SQL type and how to read the value in the form that
 * {@link binaryArray} takes. `shared`: one value, as text, read from the first row for all rows.
 */
export type Columns<Row> = Readonly<
  Record<string, readonly [type: string, read: (row: Row) => unknown, shared?: 'shared']>
>;

export interface BatchStatement<Row> {
  readonly statement: Statement;
  values(workspaceId: string, rows: readonly Row[]): unknown[];
}

/**
 * One `insert … select …` from arrays whose text does not depend on the number of rows, so that it is prepared once and
 * never meets the limit of parameters. `$1` is the workspace. `name` tells apart what is inserted into one table in
 * several ways.
 */
export function batchInsert<Row>(
  schema: string,
  table: string,
  columns: Columns<Row>,
  tail = '',
  name = `insert_${table}`,
): BatchStatement<Row> {
  const source = unnestSource(columns);
  const text = (from: string): string =>
    `insert into ${quote(schema)}.${quote(table)} (workspace_id, ${Object.keys(columns).join(', ')})\n` +
    `select $1::uuid, ${source.expressions.join(', ')}\nfrom ${from}\n${tail}`;
  return {
    statement: {
      name: `${schema}.${name}`,
      text: text(source.fromFew),
      textOfMany: text(source.from),
    },
    values: source.values,
  };
}

/**
 * The rows of a batch as a FROM item `t`, with an expression for each column; values begin with the workspace, `$1`.
 *
 * `fromFew` is the same for few rows: PostgreSQL sets up a result for each array that `unnest` gets, which costs more
 * than reading twenty elements by their numbers. Reading one of many texts walks past those before it. The first column
 * is never null.
 */
export function unnestSource<Row>(columns: Columns<Row>): {
  readonly expressions: readonly string[];
  readonly from: string;
  readonly fromFew: string;
  readonly values: BatchStatement<Row>['values'];
} {
  const all = Object.entries(columns);
  const own = all.filter(([, [, , shared]]) => shared === undefined);
  const shared = all.filter(([, [, , isShared]]) => isShared !== undefined);
  const expressions = all.map(([name, [type]]) => {
    const sharedAt = shared.findIndex(([other]) => other === name);
    if (sharedAt >= 0) return `$${own.length + sharedAt + 2}::${type}`;
    return travelsAsText(type) ? `t.${name}::${type}` : `t.${name}`;
  });
  const arrays = own.map(([, [type]], index) => `$${index + 2}::${wireType(type)}[]`);
  const elements = own.map(([name], index) => `(${arrays[index]})[g.i] as ${name}`);
  return {
    expressions,
    fromFew: `(select ${elements.join(', ')} from generate_subscripts(${arrays[0]}, 1) as g(i)) as t`,
    from: `unnest(${arrays.join(', ')}) as t(${own.map(([name]) => name).join(', ')})`,
    values(workspaceId, rows) {
      const values: unknown[] = [workspaceId];
      for (const [, [type, read]] of own) values.push(binaryArray(wireType(type), rows, read));
      for (const [, [, read]] of shared) values.push(read(rows[0]!));
      return values;
    },
  };
}

/** Arrays and JSON travel as text: `unnest` would flatten the one, and the other has a binary form of its own. */
function wireType(type: string): string {
  return travelsAsText(type) ? 'text' : type;
}

function travelsAsText(type: string): boolean {
  return type.endsWith('[]') || type === 'jsonb';
}

/** Milliseconds since the epoch as PostgreSQL reads a timestamptz; `null` stays `null`. */
export function timestamp(milliseconds: number | null | undefined): string | null {
  return milliseconds === null || milliseconds === undefined
    ? null
    : new Date(milliseconds).toISOString();
}
