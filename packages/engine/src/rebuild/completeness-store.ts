import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/**
 * Whether every event that was ever accepted is still there. Keys outlive events, so retention and erasures show as
 * keys without one.
 */
export async function isComplete(database: Database, workspaceId: string): Promise<boolean> {
  const schema = quote(database.schema);
  const [row] = await database.run<{ complete: boolean }>(
    {
      name: `${database.schema}.rebuild_complete`,
      text: `
select (select count(*) from ${schema}.event_key where workspace_id = $1)
  = (select count(*) from ${schema}.event where workspace_id = $1) as complete`,
    },
    [workspaceId],
  );
  return row?.complete ?? false;
}

/**
 * Whether every conversion, and whatever takes one back, still has its row: they may be kept for a shorter time than
 * events, and what links earned by them is in the counters alone.
 */
export async function hasAllConversions(database: Database, workspaceId: string): Promise<boolean> {
  const schema = quote(database.schema);
  const [row] = await database.run<{ complete: boolean }>(
    {
      name: `${database.schema}.rebuild_all_conversions`,
      text: `
select not exists (
  select 1 from ${schema}.event e
  where e.workspace_id = $1 and e.type in ('lead', 'sale', 'registration', 'refund') and e.visitor_id is not null
    and not exists (select 1 from ${schema}.conversion c where c.workspace_id = e.workspace_id and c.id = e.id)
) as complete`,
    },
    [workspaceId],
  );
  return row?.complete ?? false;
}
