import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';

/** How far the commissions of a workspace have come. */
export interface CommissionProgress {
  /** What it sees is settled; `undefined`: everything is to be looked at. */
  readonly snapshot: string | undefined;
  readonly revision: number;
}

/** `undefined` where the workspace has never had a programme. */
export async function findCommissionProgress(
  db: Db,
  workspaceId: string,
): Promise<CommissionProgress | undefined> {
  const row = await db
    .selectFrom('partner_progress')
    .select(['snapshot', 'revision'])
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row && { snapshot: row.snapshot ?? undefined, revision: row.revision };
}

/** Nothing where programmes or partners have changed meanwhile: then all is looked at again. */
export async function saveCommissionProgress(
  db: Db,
  workspaceId: string,
  { snapshot, revision }: CommissionProgress,
): Promise<void> {
  await db
    .updateTable('partner_progress')
    .set({ snapshot: snapshot ?? null })
    .where('workspace_id', '=', workspaceId)
    .where('revision', '=', revision)
    .execute();
}

/** Has everything looked at again, where there is a programme: whoever settles right now cannot note that as done. */
export async function beginAnew(tx: Tx, workspaceId: string): Promise<void> {
  await tx
    .updateTable('partner_progress')
    .set({ snapshot: null, revision: sql<number>`revision + 1` })
    .where('workspace_id', '=', workspaceId)
    .execute();
}

/** The same, and for the first programme of a workspace too. */
export async function beginProgress(tx: Tx, workspaceId: string): Promise<void> {
  await tx
    .insertInto('partner_progress')
    .values({ workspace_id: workspaceId, snapshot: null, revision: 1 })
    .onConflict((conflict) =>
      conflict.column('workspace_id').doUpdateSet({
        snapshot: null,
        revision: sql<number>`partner_progress.revision + 1`,
      }),
    )
    .execute();
}

/** Workspaces that have, or have had, programmes. */
export async function findWorkspacesWithPrograms(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('partner_progress')
    .select('workspace_id')
    .orderBy('workspace_id')
    .execute();
  return rows.map((row) => row.workspace_id);
}

/** Until this transaction ends nobody else settles commissions of the workspace, so that caps are counted one by one. */
export async function lockCommissions(tx: Tx, workspaceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${workspaceId}, 14))`.execute(tx);
}

export async function hasProgram(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('partner_program')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}
