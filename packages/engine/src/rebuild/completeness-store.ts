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
