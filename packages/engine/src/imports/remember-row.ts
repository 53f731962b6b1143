import type { Db, Tx } from '../store/database.ts';
import { deleteImportedRow, findImportedRows, insertImportedRow } from './imported-row-store.ts';
import type { ImportedRow } from './imported-row-store.ts';

/**
 * Notes which row of ours a row of another system becomes, and writes it; `undefined` where it was there before. Where
 * writing says no, neither is kept.
 */
export async function importOnce(
  tx: Tx,
  row: ImportedRow,
  write: () => Promise<boolean>,
): Promise<boolean | undefined> {
  if (!(await insertImportedRow(tx, row))) return undefined;
  const written = await write();
  if (!written) await deleteImportedRow(tx, row);
  return written;
}

/** Our ids by theirs, as far as they were imported. */
export function importedIds(
  db: Db,
  workspaceId: string,
  source: string,
  sourceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return findImportedRows(db, workspaceId, source, sourceIds);
}
