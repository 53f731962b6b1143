import type { Context } from '../context.ts';
import { countWaiting } from './dispatch-store.ts';

/** Notes for the metrics how many conversions are still to be sent, of all workspaces. */
export async function countWaitingDispatches({
  database,
  connectors,
}: Pick<Context, 'database' | 'connectors'>): Promise<void> {
  connectors.stats.waiting = await countWaiting(database.db);
}
