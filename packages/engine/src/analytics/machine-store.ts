import { sql } from 'kysely';

import { quote } from '../store/migrate.ts';
import type { Reading } from './activity-store.ts';
import type { ReportWindow } from './report-window.ts';

/** How often each machine came, from the events themselves. */
export async function countMachines(
  { db, schema, workspaceId }: Reading,
  { from, to }: ReportWindow,
): Promise<ReadonlyArray<{ readonly value: string; readonly events: number }>> {
  const { rows } = await sql<{ value: string; events: bigint | string }>`
select e.machine as value, count(*) as events from ${sql.raw(quote(schema))}.event e
where e.workspace_id = ${workspaceId} and e.occurred_at >= ${new Date(from)} and e.occurred_at < ${new Date(to)}
  and e.machine is not null
group by 1`.execute(db);
  return rows.map(({ value, events }) => ({ value, events: Number(events) }));
}
