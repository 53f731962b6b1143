import { moveLinkCounters } from '../links/move-link-counters.ts';
import type { Transaction } from '../store/connection.ts';
import { createCrediting } from './credit-store.ts';

/**
 * Ties every conversion of these people (by root) to its touches again, after their members have changed, and moves
 * the counters of the links by the difference. The roots are locked by the caller; `arrived` are the keys and ids of
 * conversions that are new, for which refunds may have waited.
 */
export async function recreditPeople(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  roots: readonly string[],
  arrived: readonly string[] = [],
): Promise<void> {
  const difference = await createCrediting(schema)(tx, workspaceId, roots, 0, { arrived });
  await moveLinkCounters(tx, schema, workspaceId, difference);
}
