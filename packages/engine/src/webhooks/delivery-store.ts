import type { Selectable } from 'kysely';
import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { DeliveryStatus, NewDelivery, WebhookDelivery } from './webhook-delivery.ts';

/**
 * What is planned already stays as it is, and whoever was erased meanwhile is left out. One statement, whose text does not
 * depend on their number: a page of events for many endpoints is more than parameters can hold.
 */
export async function insertDeliveries(
  db: Db,
  workspaceId: string,
  at: Date,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const columns = ['id', 'endpoint_id', 'event_type', 'event_id', 'visitor_id'] as const;
  const given = sql<{
    id: string;
    endpoint_id: string;
    event_type: string;
    event_id: string | null;
    visitor_id: string | null;
    occurred_at: Date | null;
    message: string | null;
  }>`unnest(
    ${deliveries.map(({ id }) => id)}::uuid[],
    ${deliveries.map(({ endpointId }) => endpointId)}::uuid[],
    ${deliveries.map(({ eventType }) => eventType)}::text[],
    ${deliveries.map(({ event }) => event?.id ?? null)}::uuid[],
    ${deliveries.map(({ visitorId }) => visitorId)}::uuid[],
    ${deliveries.map(({ event }) => event?.occurredAt.toISOString() ?? null)}::timestamptz[],
    ${deliveries.map(({ message }) => (message === null ? null : JSON.stringify(message)))}::text[]
  )`.as<'given'>(
    sql`given(id, endpoint_id, event_type, event_id, visitor_id, occurred_at, message)`,
  );
  await db
    .insertInto('webhook_delivery')
    .columns([
      ...columns,
      'event_occurred_at',
      'message',
      'workspace_id',
      'status',
      'attempts',
      'due_at',
      'log',
      'created_at',
    ])
    .expression((query) =>
      query
        .selectFrom(given)
        .select(columns)
        .select([
          'occurred_at',
          sql`message::jsonb`.as('message'),
          sql`${workspaceId}::uuid`.as('workspace_id'),
          sql`'waiting'`.as('status'),
          sql`0`.as('attempts'),
          sql`${at}::timestamptz`.as('due_at'),
          sql`'[]'::jsonb`.as('log'),
          sql`${at}::timestamptz`.as('created_at'),
        ])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('visitor')
                .select('visitor.id')
                .where('visitor.workspace_id', '=', workspaceId)
                .whereRef('visitor.id', '=', 'given.visitor_id')
                .where('visitor.erased_at', 'is not', null),
            ),
          ),
        ),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
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

/** The oldest ones whose ids come before one, whatever became of them; so many at most. Returns how many. */
export async function deleteDeliveries(
  db: Db,
  workspaceId: string,
  { beforeId, limit }: { readonly beforeId: string; readonly limit: number },
): Promise<number> {
  const old = db
    .selectFrom('webhook_delivery')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '<', beforeId)
    .orderBy('id')
    .limit(limit);
  const deleted = await db
    .deleteFrom('webhook_delivery')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(array(${old}))`)
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** What is still to arrive, of every workspace. */
export async function countWaiting(db: Db): Promise<number> {
  const row = await db
    .selectFrom('workspace')
    .innerJoin('webhook_delivery', 'webhook_delivery.workspace_id', 'workspace.id')
    .select((eb) => eb.fn.countAll<string>().as('waiting'))
    .where('webhook_delivery.status', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return Number(row.waiting);
}

export function toDelivery(row: Selectable<Tables['webhook_delivery']>): WebhookDelivery {
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
