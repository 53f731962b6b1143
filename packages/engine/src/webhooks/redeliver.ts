import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { deliverNow } from './deliver-webhooks.ts';
import { findDelivery, insertDeliveries, renewDeliveries } from './delivery-store.ts';
import { findEndpoint } from './endpoint-store.ts';
import { webhookNotFound } from './get-endpoint.ts';
import type { WebhookNotFound } from './get-endpoint.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { testType } from './webhook-type.ts';

export type DeliveryNotFound = Refusal & { readonly code: 'delivery_not_found' };

/**
 * Sends a delivery once more, whatever became of it, with the same `webhook-id`: at once, and then as often as a new one.
 * @returns the delivery after its first attempt
 */
export async function redeliver(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<WebhookDelivery, DeliveryNotFound>> {
  const { db } = context.database;
  const delivery = isUuid(id) ? await findDelivery(db, workspace.id, id) : undefined;
  if (delivery === undefined) return deliveryNotFound();
  await renewDeliveries(db, workspace.id, { id }, new Date(context.clock.now()));
  const endpoint = await findEndpoint(db, workspace.id, delivery.endpointId);
  if (endpoint?.archivedAt === null) await deliverNow(context, workspace, endpoint, id);
  return ok((await findDelivery(db, workspace.id, id)) ?? delivery);
}

/** Lets everything wait anew that failed since a time: after the receiver was mended. */
export async function recoverDeliveries(
  context: Context,
  workspace: Workspace,
  endpointId: string,
  input: { readonly since: Date },
  options?: WriteOptions,
): Promise<Result<{ readonly deliveries: number }, WebhookNotFound>> {
  const db = options?.tx === undefined ? context.database.db : context.database.join(options.tx);
  const endpoint = isUuid(endpointId)
    ? await findEndpoint(db, workspace.id, endpointId)
    : undefined;
  if (endpoint === undefined) return webhookNotFound();
  const deliveries = await renewDeliveries(
    db,
    workspace.id,
    { endpointId, since: input.since },
    new Date(context.clock.now()),
  );
  return ok({ deliveries });
}

/** Sends an endpoint a message of the type `webhook.test` and tells what became of it; also while it is disabled. */
export async function testEndpoint(
  context: Context,
  workspace: Workspace,
  endpointId: string,
): Promise<Result<WebhookDelivery, WebhookNotFound>> {
  const { db } = context.database;
  const endpoint = isUuid(endpointId)
    ? await findEndpoint(db, workspace.id, endpointId)
    : undefined;
  if (endpoint === undefined || endpoint.archivedAt !== null) return webhookNotFound();
  const now = context.clock.now();
  const delivery: WebhookDelivery = {
    workspaceId: workspace.id,
    id: context.createId(now),
    endpointId,
    eventType: testType,
    event: undefined,
    visitorId: null,
    message: {
      timestamp: new Date(now).toISOString(),
      data: { message: 'This webhook works.', workspace: workspace.slug },
    },
    status: 'waiting',
    reason: null,
    attempts: 0,
    dueAt: new Date(now),
    log: [],
    createdAt: new Date(now),
    settledAt: null,
  };
  await insertDeliveries(db, [delivery]);
  await deliverNow(context, workspace, endpoint, delivery.id);
  return ok((await findDelivery(db, workspace.id, delivery.id)) ?? delivery);
}

export function deliveryNotFound() {
  return refuse('delivery_not_found', 'There is no such delivery.');
}
