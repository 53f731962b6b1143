import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findDelivery, selectDeliveries } from './delivery-store.ts';
import { getEndpoint, webhookNotFound } from './get-endpoint.ts';
import type { WebhookNotFound } from './get-endpoint.ts';
import { deliveryStatuses } from './webhook-delivery.ts';
import type { DeliveryStatus, WebhookDelivery } from './webhook-delivery.ts';

/** 50 deliveries to a page where no `limit` is given. */
export interface ListDeliveriesInput extends PageInput {
  readonly status?: DeliveryStatus | undefined;
}

export interface DeliveryPage {
  readonly deliveries: readonly WebhookDelivery[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** What was sent to an endpoint in the last 30 days, and what waits, newest first. */
export async function listDeliveries(
  context: Context,
  workspace: Workspace,
  endpointId: string,
  input: ListDeliveriesInput = {},
): Promise<Result<DeliveryPage, InvalidQuery | WebhookNotFound>> {
  const { status } = input;
  const page = readPage(
    input,
    50,
    readIdCursor,
    status === undefined || deliveryStatuses.includes(status)
      ? {}
      : { status: [`must be one of ${deliveryStatuses.join(', ')}`] },
  );
  if (!page.ok) return page;
  if ((await getEndpoint(context, workspace, endpointId)) === undefined) return webhookNotFound();
  const { limit } = page.value;
  const found = await selectDeliveries(context.database.db, workspace.id, {
    ...page.value,
    limit: limit + 1,
    endpointId,
    status,
  });
  const { rows, nextCursor } = cutPage(found, limit, (delivery) => delivery.id);
  return ok({ deliveries: rows, nextCursor });
}

/** One delivery with its newest attempts; `undefined` where there is none. */
export async function getDelivery(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<WebhookDelivery | undefined> {
  return isUuid(id) ? findDelivery(context.database.db, workspace.id, id) : undefined;
}
