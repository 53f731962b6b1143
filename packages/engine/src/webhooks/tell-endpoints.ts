import type { Context } from '../context.ts';
import type { Tx } from '../store/database.ts';
import { insertDeliveries } from './delivery-store.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';
import { isToldOf } from './webhook-endpoint.ts';
import type { Occurrence } from './webhook-endpoint.ts';
import type { SubjectType } from './webhook-type.ts';

/** What telling needs beside the transaction. */
export type Telling = Pick<Context, 'clock' | 'createId' | 'jobs'>;

/**
 * Tells endpoints of what is no event, in its own transaction, in the order in which it is given, in two statements: what
 * is rolled back is told to nobody.
 * @param all with data without anything of people: it stays for as long as the delivery is kept
 */
export async function tellEndpointsOfAll(
  context: Telling,
  tx: Tx,
  workspaceId: string,
  all: ReadonlyArray<Occurrence & { readonly data: Readonly<Record<string, unknown>> }>,
): Promise<void> {
  const endpoints = await selectEnabledEndpoints(tx, workspaceId);
  if (endpoints.length === 0) return;
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
  if (deliveries.length === 0) return;
  await insertDeliveries(tx, workspaceId, at, deliveries);
  // It may look before the commit; then it is told with the next one, within a minute.
  context.jobs.wake('deliver_webhooks');
}

/** The same of a referral, a reward or an entry of the waitlist: what it is then is read when the message is sent. */
export function tellOfSubject(
  context: Telling,
  tx: Tx,
  workspaceId: string,
  { type, id }: { readonly type: SubjectType; readonly id: string },
): Promise<void> {
  return tellEndpointsOfAll(context, tx, workspaceId, [{ type, linkIds: [], data: { id } }]);
}
