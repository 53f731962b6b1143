import { sql } from 'kysely';

import type { Db } from '../store/database.ts';
import { toDelivery } from './delivery-store.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';

/** Written out, so that every plan can take the index of what waits. */
const waiting = sql.lit<'waiting'>('waiting');

/** What is taken: of one endpoint what is due, the oldest first, or one delivery. */
export interface DeliveryClaim {
  /** Nobody else says what became of the deliveries. */
  readonly id: string;
  readonly endpointId: string;
  readonly now: Date;
  readonly until: Date;
  readonly limit: number;
  readonly only?: string | undefined;
}

/** Takes what is due for an endpoint, so that no other process sends it meanwhile. */
export async function claimDeliveries(
  db: Db,
  workspaceId: string,
  claim: DeliveryClaim,
): Promise<WebhookDelivery[]> {
  const { id, endpointId, now, until, limit, only } = claim;
  const due = db
    .selectFrom('webhook_delivery')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', waiting)
    .where('due_at', '<=', now)
    .where((either) =>
      either.or([either('claimed_until', 'is', null), either('claimed_until', '<=', now)]),
    )
    .$if(only !== undefined, (query) => query.where('id', '=', only!))
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = await db
    .updateTable('webhook_delivery')
    .set({ claim: id, claimed_until: until })
    .where('workspace_id', '=', workspaceId)
    // A join could take the rows again after the planner has changed its mind; an array is computed once.
    .where('id', '=', sql<string>`any(array(${due}))`)
    .returningAll()
    .execute();
  return rows.map(toDelivery);
}

/** What became of an attempt. Nothing happens where the claim has ended and somebody else has taken it. */
export async function settleDelivery(
  db: Db,
  delivery: WebhookDelivery,
  claimId: string,
): Promise<void> {
  await db
    .updateTable('webhook_delivery')
    .set({
      status: delivery.status,
      reason: delivery.reason,
      attempts: delivery.attempts,
      due_at: delivery.dueAt,
      log: JSON.stringify(delivery.log),
      settled_at: delivery.settledAt,
      claim: null,
      claimed_until: null,
    })
    .where('workspace_id', '=', delivery.workspaceId)
    .where('id', '=', delivery.id)
    .where('claim', '=', claimId)
    .execute();
}

/** What is sent at this moment is left to whoever sends it. */
export interface DeliveriesToRenew {
  readonly endpointId: string;
  /** One delivery, whatever became of it; otherwise what has failed since a time and can still be told. */
  readonly which: { readonly id: string } | { readonly failedSince: Date };
}

/** Makes deliveries wait anew, all their attempts before them. Returns how many. */
export async function renewDeliveries(
  db: Db,
  workspaceId: string,
  { endpointId, which }: DeliveriesToRenew,
  now: Date,
): Promise<number> {
  const all = db
    .updateTable('webhook_delivery')
    .set({
      status: 'waiting',
      attempts: 0,
      due_at: now,
      claim: null,
      claimed_until: null,
      settled_at: null,
    })
    .where('workspace_id', '=', workspaceId)
    .where('endpoint_id', '=', endpointId)
    .where((either) =>
      either.or([either('claimed_until', 'is', null), either('claimed_until', '<=', now)]),
    );
  const chosen =
    'id' in which
      ? all.where('id', '=', which.id)
      : all
          .where('status', '=', 'failed')
          .where('settled_at', '>=', which.failedSince)
          .where('reason', '<>', 'event_gone');
  const renewed = await chosen.executeTakeFirst();
  return Number(renewed.numUpdatedRows);
}

/** Ends what waits for an endpoint that nothing is sent to any more. */
export async function failWaitingDeliveries(
  db: Db,
  workspaceId: string,
  { endpointId, reason, now }: { endpointId: string; reason: string; now: Date },
): Promise<void> {
  await db
    .updateTable('webhook_delivery')
    .set({ status: 'failed', reason, claim: null, claimed_until: null, settled_at: now })
    .where('workspace_id', '=', workspaceId)
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', waiting)
    .execute();
}
