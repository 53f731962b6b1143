import { insertConversions } from '../attribution/insert-conversions.ts';
import type { Transaction } from '../store/connection.ts';
import type { createValueStore } from './value-store.ts';

/** So many are in memory at once. */
const pageSize = 5_000;

/**
 * Inserts the conversions, refunds and removals that have an event and no row, untied; returns how many there were, and
 * by which keys refunds wait for them.
 */
export async function restoreConversions(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  {
    values,
    ids,
    since,
  }: {
    readonly values: ReturnType<typeof createValueStore>;
    /** Visitors, locked by the caller. */
    readonly ids: readonly string[];
    /** Conversions before this are not kept any more. In milliseconds. */
    readonly since: number;
  },
): Promise<{ readonly count: number; readonly waitedFor: readonly string[] }> {
  const waitedFor: string[] = [];
  for (let count = 0; ;) {
    const missing = await values.findMissing(tx, workspaceId, ids, { since, limit: pageSize });
    if (missing.length === 0) return { count, waitedFor };
    await insertConversions(
      tx,
      schema,
      workspaceId,
      missing.map((row) => ({
        event: {
          id: row.id,
          type: row.type,
          occurredAt: row.occurred_at.getTime(),
          ...(row.amount_minor !== null && { amountMinor: row.amount_minor.toString() }),
          ...(row.currency !== null && { currency: row.currency }),
          ...(row.properties !== null && { properties: row.properties }),
        },
        visitorId: row.visitor_id,
        recordedAt: row.recorded_at.getTime(),
      })),
    );
    const inserted = missing.map((row) => row.id);
    waitedFor.push(...(await values.findWaitedFor(tx, workspaceId, inserted)));
    count += missing.length;
  }
}
