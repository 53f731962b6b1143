import type { Db } from '../store/database.ts';

/** An event as it is stored; `undefined` where it is gone. */
export async function findToldEvent(
  db: Db,
  workspaceId: string,
  { id, occurredAt }: { readonly id: string; readonly occurredAt: Date },
) {
  return db
    .selectFrom('event')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('occurred_at', '=', occurredAt)
    .where('id', '=', id)
    .executeTakeFirst();
}
