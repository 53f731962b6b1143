import type { Context } from '../context.ts';
import type { Tx } from '../store/database.ts';
import { insertDeliveries } from './delivery-store.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';
import { isToldOf } from './webhook-endpoint.ts';
import type { Occurrence } from './webhook-endpoint.ts';

/**
 * Tells endpoints of what is no event, in its own transaction: what is rolled back is told to nobody.
 * @param data without anything of people: it stays for as long as the delivery is kept
 */
export async function tellEndpoints(
  context: Context,
  tx: Tx,
  workspaceId: string,
  what: Occurrence & { readonly data: Readonly<Record<string, unknown>> },
): Promise<void> {
  await tellEndpointsOfAll(context, tx, workspaceId, [what]);
}

/** The same for many things at once, in the order in which they are given, in two statements. */
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
