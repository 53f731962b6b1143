/**
 * The statement that makes `count` rows of a table by the pattern of those that it has, in turn: what a row must look
 * like is known to who writes such rows, not here. `changes` are SQL of the number of the row, `n`, from 1.
 */
export function copyRows(copies: {
  readonly schema: string;
  readonly workspace: string;
  readonly table: string;
  readonly count: number;
  readonly changes: Readonly<Record<string, string>>;
  /** Which rows are patterns. */
  readonly where?: string | undefined;
  /** Ids are UUIDv7 of the milliseconds before this time. */
  readonly ends: number;
}): string {
  const { schema, workspace, table, count, changes, where = 'true', ends } = copies;
  const columns = {
    id: `${schema}.bench_id(${ends} - n, n, ${purposeOf(table)})`,
    ...changes,
  };
  const pairs = Object.entries(columns).map(([column, value]) => `'${column}', ${value}`);
  return `
with pattern as (
  select t, row_number() over (order by id) - 1 as k, count(*) over () as total
  from ${schema}.${table} t where workspace_id = ${workspace} and ${where}
)
insert into ${schema}.${table}
select made.* from generate_series(1, ${count}) n join pattern on k = n % total
cross join lateral jsonb_populate_record(t, jsonb_build_object(${pairs.join(', ')})) made`;
}

/** What tells the ids of the copies of one table from those of another one. */
export function purposeOf(table: string): string {
  return `hashtext('${table}')`;
}
