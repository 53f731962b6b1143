import type { Db, Tx } from '../store/database.ts';

/** Which row of ours a row of another system is. */
export interface ImportedRow {
  readonly workspaceId: string;
  /** The table there: `usher_invitation`. */
  readonly source: string;
  readonly sourceId: string;
  readonly id: string;
}

/** `false` where the row was imported before: nothing is written. */
export async function insertImportedRow(tx: Tx, row: ImportedRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('imported_row')
    .values({
      workspace_id: row.workspaceId,
      source: row.source,
      source_id: row.sourceId,
      id: row.id,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Takes back what the same transaction inserted. */
export async function deleteImportedRow(
  tx: Tx,
  { workspaceId, source, sourceId }: Omit<ImportedRow, 'id'>,
): Promise<void> {
  await tx
    .deleteFrom('imported_row')
    .where('workspace_id', '=', workspaceId)
    .where('source', '=', source)
    .where('source_id', '=', sourceId)
    .execute();
}

/** Our ids by theirs, as far as they were imported. */
export async function findImportedRows(
  db: Db,
  workspaceId: string,
  source: string,
  sourceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('imported_row')
    .select(['source_id', 'id'])
    .where('workspace_id', '=', workspaceId)
    .where('source', '=', source)
    .where('source_id', 'in', [...new Set(sourceIds)])
    .execute();
  return new Map(rows.map((row) => [row.source_id, row.id]));
}
