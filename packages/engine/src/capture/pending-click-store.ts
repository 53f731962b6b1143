import type { IncomingEvent } from '../ingest/event.ts';
import type { Db } from '../store/database.ts';

export async function findPendingClick(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<IncomingEvent | undefined> {
  const row = await db
    .selectFrom('pending_click')
    .select('payload')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.payload as IncomingEvent | undefined;
}

export async function deletePendingClick(db: Db, workspaceId: string, id: string): Promise<void> {
  await db
    .deleteFrom('pending_click')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/** A minimised click, once, however often: the spool may bring it again. */
export async function insertPendingClick(db: Db, click: IncomingEvent): Promise<void> {
  await db
    .insertInto('pending_click')
    .values({
      workspace_id: click.workspaceId,
      id: click.id,
      payload: JSON.stringify(click),
      created_at: new Date(click.occurredAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
