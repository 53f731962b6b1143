import type { Transaction } from '../store/connection.ts';
import { createConversionStore } from './conversion-store.ts';
import type { ConversionRow } from './conversion-store.ts';

export type { ConversionRow } from './conversion-store.ts';

/** Writes rows of conversions, refunds and removals that are missing; they are tied when their people are credited. */
export async function insertConversions(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  rows: readonly ConversionRow[],
): Promise<void> {
  if (rows.length > 0) await createConversionStore(schema).insertConversions(tx, workspaceId, rows);
}
