import type { Selectable } from 'kysely';
import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { DeliveryStatus, WebhookDelivery } from './webhook-delivery.ts';

/** How far the events have been planned; `undefined` where nobody has been told of anything yet. */
export async function findProgress(db: Db, workspaceId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('webhook_progress')
    .select('position')
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row?.position;
}

/** Begins with what commits from now on: nobody was there to be told of what has happened before. */
export async function beginProgress(db: Db, workspaceId: string): Promise<void> {
  // As live messages write a position that nothing has been read after.
  const position = sql<string>`pg_current_snapshot()::text`;
  await db
    .insertInto('webhook_progress')
    .values({ workspace_id: workspaceId, position })
    .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet({ position }))
    .execute();
}

/** `false` where another process has gone on meanwhile. */
export async function moveProgress(
  tx: Tx,
  workspaceId: string,
  step: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const moved = await tx
    .updateTable('webhook_progress')
    .set({ position: step.to })
    .where('workspace_id', '=', workspaceId)
    .where('position', '=', step.from)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}

/** What is planned already stays as it is. */
export async function insertDeliveries(
  db: Db,
  deliveries: readonly WebhookDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  await db
    .insertInto('webhook_delivery')
    .values(deliveries.map(toRow))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes what is due for these endpoints, so that no other process sends it meanwhile. */
export async function claimDeliveries(
  db: Db,
  workspaceId: string,
  claim: {
    readonly endpointIds: readonly string[];
    readonly now: Date;
    readonly until: Date;
    readonly limit: number;
    readonly only?: string | undefined;
  },
): Promise<WebhookDelivery[]> {
  const { endpointIds, now, until, limit, only } = claim;
  const due = db
    .selectFrom('webhook_delivery')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'waiting')
    .where('due_at', '<=', now)
    .where((either) =>
      either.or([either('claimed_until', 'is', null), either('claimed_until', '<=', now)]),
    )
    .where('endpoint_id', 'in', [...endpointIds])
    .$if(only !== undefined, (query) => query.where('id', '=', only!))
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = await db
    .updateTable('webhook_delivery')
    .set({ claimed_until: until })
    .where('workspace_id', '=', workspaceId)
    // A join could take the rows again after the planner has changed its mind; an array is computed once.
    .where('id', '=', sql<string>`any(array(${due}))`)
    .returningAll()
    .execute();
  return rows.map(toDelivery);
}

/** What became of an attempt. Nothing happens where the claim has ended and somebody else has settled it. */
export async function settleDelivery(db: Db, delivery: WebhookDelivery): Promise<void> {
  const { workspace_id, id, status, reason, attempts, due_at, log, settled_at } = toRow(delivery);
  await db
    .updateTable('webhook_delivery')
    .set({ status, reason, attempts, due_at, log, settled_at, claimed_until: null })
    .where('workspace_id', '=', workspace_id)
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .execute();
}

/** Makes deliveries wait anew, all their attempts before them. Returns how many. */
export async function renewDeliveries(
  db: Db,
  workspaceId: string,
  which: { readonly id: string } | { readonly endpointId: string; readonly since: Date },
  now: Date,
): Promise<number> {
  const renewed = await db
    .updateTable('webhook_delivery')
    .set({ status: 'waiting', attempts: 0, due_at: now, claimed_until: null, settled_at: null })
    .where('workspace_id', '=', workspaceId)
    .$if('id' in which, (query) => query.where('id', '=', (which as { id: string }).id))
    .$if('endpointId' in which, (query) => {
      const { endpointId, since } = which as { endpointId: string; since: Date };
      return query
        .where('endpoint_id', '=', endpointId)
        .where('status', '=', 'failed')
        .where('created_at', '>=', since);
    })
    .executeTakeFirst();
  return Number(renewed.numUpdatedRows);
}

export async function findDelivery(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<WebhookDelivery | undefined> {
  const row = await db
    .selectFrom('webhook_delivery')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toDelivery(row);
}

/** Newest first. */
export async function selectDeliveries(
  db: Db,
  workspaceId: string,
  page: Page<string> & {
    readonly endpointId: string;
    readonly status?: DeliveryStatus | undefined;
  },
): Promise<WebhookDelivery[]> {
  const { before, status } = page;
  const rows = await db
    .selectFrom('webhook_delivery')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('endpoint_id', '=', page.endpointId)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toDelivery);
}

export async function deleteDeliveries(db: Db, workspaceId: string, before: Date): Promise<void> {
  await db
    .deleteFrom('webhook_delivery')
    .where('workspace_id', '=', workspaceId)
    .where('created_at', '<', before)
    .where('status', '<>', 'waiting')
    .execute();
}

function toRow(delivery: WebhookDelivery) {
  return {
    workspace_id: delivery.workspaceId,
    id: delivery.id,
    endpoint_id: delivery.endpointId,
    event_type: delivery.eventType,
    event_id: delivery.event?.id ?? null,
    event_occurred_at: delivery.event?.occurredAt ?? null,
    visitor_id: delivery.visitorId,
    message: delivery.message === null ? null : JSON.stringify(delivery.message),
    status: delivery.status,
    reason: delivery.reason,
    attempts: delivery.attempts,
    due_at: delivery.dueAt,
    claimed_until: null,
    log: JSON.stringify(delivery.log),
    created_at: delivery.createdAt,
    settled_at: delivery.settledAt,
  };
}

function toDelivery(row: Selectable<Tables['webhook_delivery']>): WebhookDelivery {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    endpointId: row.endpoint_id,
    eventType: row.event_type,
    event:
      row.event_id === null || row.event_occurred_at === null
        ? undefined
        : { id: row.event_id, occurredAt: row.event_occurred_at },
    visitorId: row.visitor_id,
    message: row.message as WebhookDelivery['message'],
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    dueAt: row.due_at,
    log: row.log as WebhookDelivery['log'],
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}
