import type { Db } from '../store/database.ts';
import type { IncomingEvent } from './event.ts';

/** Keeps an event for the next batch: only a new row, so that a slow host never holds up anybody. */
export async function insertIntoInbox(db: Db, event: IncomingEvent, now: number): Promise<void> {
  await db
    .insertInto('inbox')
    .values({
      workspace_id: event.workspaceId,
      id: event.id,
      payload: JSON.stringify(event),
      created_at: new Date(now),
    })
    .execute();
}

/** Workspaces with something in their inbox. */
export async function findInboxWorkspaces(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('inbox').select('workspace_id').distinct().execute();
  return rows.map((row) => row.workspace_id);
}

export async function findInboxEvents(
  db: Db,
  workspaceId: string,
  limit: number,
): Promise<IncomingEvent[]> {
  const rows = await db
    .selectFrom('inbox')
    .select('payload')
    .where('workspace_id', '=', workspaceId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.payload as IncomingEvent);
}

export async function deleteInboxEvents(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<void> {
  await db
    .deleteFrom('inbox')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .execute();
}
