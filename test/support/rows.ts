import type { Context } from '../../packages/engine/src/context.ts';

/** The names of all tables, as the database has them; partitions are part of theirs. */
export async function listTables(context: Context): Promise<string[]> {
  const rows = await context.database.run<{ name: string }>(
    {
      name: '',
      text: `select c.relname as name from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    },
    [context.database.schema],
  );
  return rows.map((row) => row.name);
}

/** Every row of a table as one text, sorted: to compare tables, and to search them. */
export async function rowsAsText(context: Context, table: string): Promise<string[]> {
  const rows = await context.database.run<{ row: string }>(
    { name: '', text: `select t::text as row from headwater.${table} t` },
    [],
  );
  return rows.map(({ row }) => row).sort();
}

/** All tables at once. */
export async function dumpTables(context: Context): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  for (const table of await listTables(context)) dump[table] = await rowsAsText(context, table);
  return dump;
}

/** The ids of a person's visitors, events, visits, touches and merges; of visits only those that were nobody else's. */
export async function idsOfPerson(
  context: Context,
  workspaceId: string,
  visitorId: string,
): Promise<string[]> {
  const ids = await context.database.run<{ id: string }>(
    {
      name: '',
      text: `with them as (
  select m.id from headwater.visitor v join headwater.visitor m on m.workspace_id = v.workspace_id and m.root_id = v.root_id
  where v.workspace_id = $1 and v.id = $2)
select id from them
union select id from headwater.event where workspace_id = $1 and visitor_id in (select id from them)
union select id from headwater.session s where workspace_id = $1 and visitor_id in (select id from them)
  and not exists (select from headwater.event e where e.session_id = s.id and e.visitor_id not in (select id from them))
union select id from headwater.merge where workspace_id = $1 and (winner_id in (select id from them) or loser_id in (select id from them))
union select id from headwater.touch where workspace_id = $1 and visitor_id in (select id from them)`,
    },
    [workspaceId, visitorId],
  );
  return ids.map(({ id }) => id);
}

/** Something that was looked for, where it was found. */
export interface Finding {
  /** `table.column` */
  readonly column: string;
  readonly needle: string;
  readonly row: string;
}

/**
 * Looks for texts in every column of every table of the schema, as the catalog lists them: in bytes for the bytes of
 * the text, or of the UUID that it is, in everything else for the text as PostgreSQL writes the value.
 */
export async function findInColumns(
  context: Context,
  needles: readonly string[],
): Promise<Finding[]> {
  const columns = await context.database.run<{ table: string; column: string; type: string }>(
    {
      name: '',
      text: `select c.table_name as table, c.column_name as column, c.data_type as type
from information_schema.columns c
join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
join pg_class p on p.relnamespace = $1::text::regnamespace and p.relname = c.table_name and not p.relispartition
where c.table_schema = $1::text and t.table_type = 'BASE TABLE' order by 1, 2`,
    },
    [context.database.schema],
  );
  const findings: Finding[] = [];
  for (const table of new Set(columns.map((column) => column.table))) {
    const values = columns
      .filter((column) => column.table === table)
      .map(({ column, type }) =>
        type === 'bytea'
          ? `('${column}', encode(t."${column}", 'hex'), true)`
          : `('${column}', t."${column}"::text, false)`,
      );
    const found = await context.database.run<Finding>(
      {
        name: '',
        text: `select '${table}.' || v.name as column, n.needle, t::text as row
from headwater."${table}" t
cross join lateral (values ${values.join(', ')}) as v(name, text, is_bytes)
cross join unnest($1::text[]) as n(needle)
where strpos(v.text, case when v.is_bytes then encode(convert_to(n.needle, 'UTF8'), 'hex') else n.needle end) > 0
  or v.is_bytes and n.needle ~ '^[0-9a-f-]{36}$' and strpos(v.text, replace(n.needle, '-', '')) > 0`,
      },
      [needles],
    );
    findings.push(...found);
  }
  return findings;
}
