import type { Db } from '../store/database.ts';
import type { IncomingEvent } from './event.ts';

/** An event that a host wrote inside its own transaction. */
export interface InboxEntry {
  readonly event: IncomingEvent;
  readonly createdAt: number;
  /** How often it was tried. */
  readonly attempts: number;
}

/** Keeps an event, minimised, for the next batch: only a new row, so that a slow host never holds up anybody. */
export async function insertIntoInbox(db: Db, event: IncomingEvent, now: number): Promise<void> {
  await db
    .insertInto('inbox')
    .values({
      workspace_id: event.workspaceId,
      id: event.id,
      payload: JSON.stringify(event),
      created_at: new Date(now),
      due_at: new Date(now),
      attempts: 0,
      refused_code: null,
    })
    .execute();
}

/** Workspaces with something in their inbox that is due. */
export async function findInboxWorkspaces(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('inbox')
    .select('workspace_id')
    .distinct()
    .where('refused_code', 'is', null)
    .where('due_at', '<=', new Date(now))
    .execute();
  return rows.map((row) => row.workspace_id);
}

export async function findInboxEntries(
  db: Db,
  workspaceId: string,
  now: number,
  limit: number,
): Promise<InboxEntry[]> {
  const rows = await db
    .selectFrom('inbox')
    .select(['payload', 'created_at', 'attempts'])
    .where('workspace_id', '=', workspaceId)
    .where('refused_code', 'is', null)
    .where('due_at', '<=', new Date(now))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    event: row.payload as IncomingEvent,
    createdAt: row.created_at.getTime(),
    attempts: row.attempts,
  }));
}

export async function deleteInboxEntries(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom('inbox')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .execute();
}

/** Notes a try that did not settle the entry; with a code it is not tried again. */
export async function updateInboxEntry(
  db: Db,
  entry: InboxEntry,
  next: { readonly dueAt: number; readonly refusedCode: string | null },
): Promise<void> {
  await db
    .updateTable('inbox')
    .set({
      attempts: entry.attempts + 1,
      due_at: new Date(next.dueAt),
      refused_code: next.refusedCode,
    })
    .where('workspace_id', '=', entry.event.workspaceId)
    .where('id', '=', entry.event.id)
    .execute();
}
