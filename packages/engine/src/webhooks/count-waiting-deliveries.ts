import type { Context } from '../context.ts';
import { countWaiting } from './delivery-store.ts';

/** Notes for the metrics how many messages are still to arrive, of all workspaces. */
export async function countWaitingDeliveries({
  database,
  webhookStats,
}: Pick<Context, 'database' | 'webhookStats'>): Promise<void> {
  webhookStats.waiting = await countWaiting(database.db);
}
