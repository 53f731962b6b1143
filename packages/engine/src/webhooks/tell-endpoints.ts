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
 * Tells endpoints of what is no event, in its own transaction: what is rolled back is told to nobody.
 * @param data without anything of people: it stays for as long as the delivery is kept
 */
export async function tellEndpoints(
  context: Telling,
  tx: Tx,
  workspaceId: string,
  what: Occurrence & { readonly data: Readonly<Record<string, unknown>> },
): Promise<void> {
  const told = (await selectEnabledEndpoints(tx, workspaceId)).filter((endpoint) =>
    isToldOf(endpoint, what),
  );
  if (told.length === 0) return;
  const now = context.clock.now();
  const at = new Date(now);
  await insertDeliveries(
    tx,
    workspaceId,
    at,
    told.map((endpoint) => ({
      id: context.createId(now),
      endpointId: endpoint.id,
      eventType: what.type,
      event: undefined,
      visitorId: null,
      message: { timestamp: at.toISOString(), data: what.data },
    })),
  );
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
  return tellEndpoints(context, tx, workspaceId, { type, linkIds: [], data: { id } });
}
