import type { Context } from '../context.ts';
import type { EventType } from '../ingest/event.ts';
import type { RecordedEvent } from '../ingest/recorded-event.ts';
import { readNewEvents } from '../live/read-new-events.ts';
import { insertDeliveries } from './delivery-store.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';
import { beginProgress, findProgress, moveProgress } from './progress-store.ts';
import { findCreditedLinks } from './told-event-store.ts';
import type { NewDelivery } from './webhook-delivery.ts';
import { isToldOf } from './webhook-endpoint.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';
import { webhookTypeOf } from './webhook-type.ts';

const eventsAtOnce = 500;

const credited: ReadonlySet<EventType> = new Set(['lead', 'sale', 'registration', 'refund']);

/**
 * Plans deliveries for the events of a workspace that have committed since the last time, a page of them. Any number of
 * processes may do it: each page is planned by one.
 *
 * @returns whether there may be more.
 */
export async function planDeliveries(context: Context, workspaceId: string): Promise<boolean> {
  const { database, logger } = context;
  const before = await findProgress(database.db, workspaceId);
  if (before === undefined) {
    await beginProgress(database.db, workspaceId);
    return false;
  }
  const { events, position, goesOn, isReset } = await readNewEvents(
    context,
    workspaceId,
    before,
    eventsAtOnce,
  );
  if (position === before) return false;
  if (isReset)
    logger.warn('Webhooks begin anew: how far they had come is no position of this database.', {
      workspaceId,
    });
  const endpoints = await selectEnabledEndpoints(database.db, workspaceId);
  const now = context.clock.now();
  const told = events.map(({ event }) => event);
  const deliveries = await planFor(context, workspaceId, told, endpoints);
  const planned = await database.db.transaction().execute(async (tx) => {
    // Erasures wait for this row: what is planned for somebody is erased by them, or left out below.
    if (!(await moveProgress(tx, workspaceId, { from: before, to: position }))) return false;
    await insertDeliveries(tx, workspaceId, new Date(now), deliveries);
    return true;
  });
  return goesOn || !planned;
}

async function planFor(
  { database, clock, createId }: Context,
  workspaceId: string,
  events: readonly RecordedEvent[],
  endpoints: readonly StoredEndpoint[],
): Promise<NewDelivery[]> {
  const conversions = events.filter(({ type }) => credited.has(type)).map(({ id }) => id);
  const creditedLinks = endpoints.some(({ linkIds }) => linkIds.length > 0)
    ? await findCreditedLinks(database.db, workspaceId, conversions)
    : new Map<string, string>();
  const now = clock.now();
  return events.flatMap((event): NewDelivery[] => {
    const type = webhookTypeOf(event);
    if (type === undefined) return [];
    const linkIds = [event.linkId, creditedLinks.get(event.id)].filter((id) => id !== undefined);
    return endpoints
      .filter(
        (endpoint) =>
          (event.recordedAt ?? event.occurredAt) >= endpoint.enabledAt &&
          isToldOf(endpoint, { type, linkIds }),
      )
      .map((endpoint) => ({
        id: createId(now),
        endpointId: endpoint.id,
        eventType: type,
        event: { id: event.id, occurredAt: event.occurredAt },
        visitorId: event.visitorId ?? null,
        message: null,
      }));
  });
}
