import type { Context } from '../context.ts';
import type { Tx } from '../store/database.ts';
import { insertDeliveries } from './delivery-store.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';
import { isToldOf } from './webhook-endpoint.ts';
import type { Occurrence } from './webhook-endpoint.ts';

/**
 * Tells endpoints of what are no events, in their own transaction: what is rolled back is told to nobody. Any number of
 * things, in the order in which they are given, take two statements.
 * @param all each with data that hold nothing of people: they stay for as long as the deliveries are kept
 */
export async function tellEndpointsOfAll(
  context: Context,
  tx: Tx,
  workspaceId: string,
  all: ReadonlyArray<Occurrence & { readonly data: Readonly<Record<string, unknown>> }>,
): Promise<void> {
  const endpoints = await selectEnabledEndpoints(tx, workspaceId);
  const now = context.clock.now();
  const at = new Date(now);
  const deliveries = all.flatMap((what) =>
    endpoints
      .filter((endpoint) => isToldOf(endpoint, what))
      .map((endpoint) => ({
        id: context.createId(now),
        endpointId: endpoint.id,
        eventType: what.type,
        event: undefined,
        visitorId: null,
        message: { timestamp: at.toISOString(), data: what.data },
      })),
  );
  await insertDeliveries(tx, workspaceId, at, deliveries);
}
