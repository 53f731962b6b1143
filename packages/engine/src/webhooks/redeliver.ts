import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { deliverNow } from './deliver-webhooks.ts';
import { renewDeliveries } from './delivery-claim-store.ts';
import { findDelivery, insertDeliveries } from './delivery-store.ts';
import { findEndpoint } from './endpoint-store.ts';
import { webhookArchived, webhookNotFound } from './get-endpoint.ts';
import type { WebhookArchived, WebhookNotFound } from './get-endpoint.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { testType } from './webhook-type.ts';

export type DeliveryNotFound = Refusal & { readonly code: 'delivery_not_found' };

/**
 * Sends a delivery once more, whatever became of it, with the same `webhook-id`: at once, and then as often as a new one.
 * One that is being sent at this moment is left to that attempt.
 * @returns the delivery after its first attempt
 */
export async function redeliver(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<WebhookDelivery, DeliveryNotFound | WebhookArchived>> {
  const { db } = context.database;
  const delivery = isUuid(id) ? await findDelivery(db, workspace.id, id) : undefined;
  if (delivery === undefined) return deliveryNotFound();
  const { endpointId } = delivery;
  const endpoint = await findEndpoint(db, workspace.id, endpointId);
  if (endpoint === undefined) return deliveryNotFound();
  if (endpoint.archivedAt !== null) return webhookArchived();
  const now = new Date(context.clock.now());
  const renewed = await renewDeliveries(db, workspace.id, { endpointId, which: { id } }, now);
  if (renewed > 0) await deliverNow(context, workspace, endpoint, id);
  return ok((await findDelivery(db, workspace.id, id)) ?? delivery);
}

/**
 * Lets everything wait anew that has failed since a time: after the receiver was mended. What cannot be told any more, because
 * its event is gone, is left as it is.
 */
export async function recoverDeliveries(
  context: Context,
  workspace: Workspace,
  endpointId: string,
  { since }: { readonly since: Date },
  options?: WriteOptions,
): Promise<
  Result<{ readonly deliveries: number }, ValidationRefusal | WebhookNotFound | WebhookArchived>
> {
  if (!(since instanceof Date) || Number.isNaN(since.getTime()))
    return refuseField('since', 'must be a point in time');
  const db = options?.tx === undefined ? context.database.db : context.database.join(options.tx);
  const endpoint = isUuid(endpointId)
    ? await findEndpoint(db, workspace.id, endpointId)
    : undefined;
  if (endpoint === undefined) return webhookNotFound();
  if (endpoint.archivedAt !== null) return webhookArchived();
  const deliveries = await renewDeliveries(
    db,
    workspace.id,
    { endpointId, which: { failedSince: since } },
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
  const id = context.createId(now);
  await insertDeliveries(db, workspace.id, new Date(now), [
    {
      id,
      endpointId,
      eventType: testType,
      event: undefined,
      visitorId: null,
      message: {
        timestamp: new Date(now).toISOString(),
        data: { message: 'This webhook works.', workspace: workspace.slug },
      },
    },
  ]);
  await deliverNow(context, workspace, endpoint, id);
  // Only retention and erasures delete deliveries, and neither this one within a moment.
  return ok((await findDelivery(db, workspace.id, id))!);
}

export function deliveryNotFound() {
  return refuse('delivery_not_found', 'There is no such delivery.');
}
