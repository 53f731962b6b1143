import type { Context } from '../context.ts';
import { readNewEvents } from '../live/read-new-events.ts';
import { beginProgress, findProgress, insertDeliveries, moveProgress } from './delivery-store.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { isToldOf } from './webhook-endpoint.ts';
import { webhookTypeOf } from './webhook-type.ts';

const eventsAtOnce = 500;

/**
 * Plans deliveries for the events of a workspace that have committed since the last time, a page of them. Any number of
 * processes may do it: each page is planned by one.
 *
 * @returns whether there may be more.
 */
export async function planDeliveries(context: Context, workspaceId: string): Promise<boolean> {
  const { database } = context;
  const before = await findProgress(database.db, workspaceId);
  if (before === undefined) {
    await beginProgress(database.db, workspaceId);
    return false;
  }
  const { events, position, goesOn } = await readNewEvents(
    context,
    workspaceId,
    before,
    eventsAtOnce,
  );
  if (position === before) return false;
  const endpoints = await selectEnabledEndpoints(database.db, workspaceId);
  const now = context.clock.now();
  const deliveries: WebhookDelivery[] = [];
  for (const { event } of events) {
    const type = webhookTypeOf(event);
    if (type === undefined) continue;
    for (const endpoint of endpoints) {
      if (!isToldOf(endpoint, { type, linkId: event.linkId })) continue;
      deliveries.push({
        workspaceId,
        id: context.createId(now),
        endpointId: endpoint.id,
        eventType: type,
        event: { id: event.id, occurredAt: event.occurredAt },
        visitorId: event.visitorId ?? null,
        message: null,
        status: 'waiting',
        reason: null,
        attempts: 0,
        dueAt: new Date(now),
        log: [],
        createdAt: new Date(now),
        settledAt: null,
      });
    }
  }
  const planned = await database.db.transaction().execute(async (tx) => {
    if (!(await moveProgress(tx, workspaceId, { from: before, to: position }))) return false;
    await insertDeliveries(tx, deliveries);
    return true;
  });
  return goesOn || !planned;
}
