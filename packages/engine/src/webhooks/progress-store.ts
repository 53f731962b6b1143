import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';

/** How far the events have been planned; `undefined` where nobody has been told of anything yet. */
export async function findProgress(db: Db, workspaceId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('webhook_progress')
    .select('position')
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row?.position;
}

/** Begins with what commits from now on: nobody was there to be told of what has happened before. */
export async function beginProgress(db: Db, workspaceId: string): Promise<void> {
  await db
    .insertInto('webhook_progress')
    .values({ workspace_id: workspaceId, position: presentPosition })
    .onConflict((conflict) =>
      conflict.column('workspace_id').doUpdateSet({ position: presentPosition }),
    )
    .execute();
}

/** One after the other for a workspace: who counts its endpoints and adds one, and who plans for them. */
export async function lockProgress(tx: Tx, workspaceId: string): Promise<void> {
  await tx
    .insertInto('webhook_progress')
    .values({ workspace_id: workspaceId, position: presentPosition })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .selectFrom('webhook_progress')
    .select('position')
    .where('workspace_id', '=', workspaceId)
    .forUpdate()
    .execute();
}

/** `false` where another process has gone on meanwhile. */
export async function moveProgress(
  tx: Tx,
  workspaceId: string,
  step: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const moved = await tx
    .updateTable('webhook_progress')
    .set({ position: step.to })
    .where('workspace_id', '=', workspaceId)
    .where('position', '=', step.from)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}

/** As live messages write a position that nothing has been read after. */
const presentPosition = sql<string>`pg_current_snapshot()::text`;
