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
