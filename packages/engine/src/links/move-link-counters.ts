import type { Transaction } from '../store/connection.ts';
import type { LinkDifference } from './link-count.ts';
import { createLinkCounterStore } from './link-counter-store.ts';

/** Moves the counters of links by a difference, inside the transaction that made it. */
export async function moveLinkCounters(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  difference: LinkDifference,
): Promise<void> {
  const counters = createLinkCounterStore(schema);
  if (difference.links.length > 0) counters.countLinks(tx, workspaceId, [], difference.links);
  if (difference.revenue.length > 0) await counters.addRevenue(tx, workspaceId, difference.revenue);
}
