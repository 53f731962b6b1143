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
