import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import { findTouchPartners } from '../partners/find-touch-partners.ts';
import { createTouchStore } from './touch-store.ts';
import type { TouchRow } from './touch-store.ts';

export type { TouchRow } from './touch-store.ts';

/** Writes touches that turned out to be some, and takes away those that turned out to be none. */
export async function replaceTouches(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  { made, dropped }: { readonly made: readonly TouchRow[]; readonly dropped: readonly string[] },
): Promise<void> {
  if (made.length > 0) {
    const touches = await findTouchPartners(tx, schema, workspaceId, made);
    createTouchStore(schema).insertTouches(tx, workspaceId, touches);
  }
  if (dropped.length === 0) return;
  await tx.run(
    {
      name: `${schema}.delete_touches`,
      text: `delete from ${quote(schema)}.touch where workspace_id = $1 and id = any($2::uuid[])`,
    },
    [workspaceId, dropped],
  );
}
