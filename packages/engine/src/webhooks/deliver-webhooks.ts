import { setTimeout as pause } from 'node:timers/promises';

import type { Context } from '../context.ts';
import { second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { isOutage } from '../store/outage.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { attemptDeliveries } from './attempt-deliveries.ts';
import { createEndpointLanes } from './endpoint-lanes.ts';
import type { EndpointLanes } from './endpoint-lanes.ts';
import { findWorkspacesWithEndpoints, selectEnabledEndpoints } from './endpoint-store.ts';
import { planDeliveries } from './plan-deliveries.ts';
import { createWebhookSender } from './send-webhook.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';

export interface WebhookReport {
  readonly delivered: number;
  /** Tried in vain; they wait for their next attempt, or have failed for good. */
  readonly failed: number;
}

/** While a receiver takes its time, the others are told of what happens meanwhile. */
const lookAgainEvery = second;

/**
 * Plans what has happened and sends what is due, of every workspace. Any number of processes may do it at once: one of them
 * sends each message. A process that dies between sending and noting it leaves a message that is sent again, with the same
 * id.
 *
 * @param goesOn asked between portions; stops early when it says no
 */
export async function deliverWebhooks(
  context: Context,
  goesOn: () => boolean = () => true,
): Promise<WebhookReport> {
  const sender = createWebhookSender(context);
  const lanes = createEndpointLanes(context, sender.send, goesOn);
  try {
    for (;;) {
      const mayBeMore = await lookAround(context, lanes, goesOn);
      if (mayBeMore && goesOn()) continue;
      await Promise.race([lanes.ended(), pause(lookAgainEvery, undefined, { ref: false })]);
      if (lanes.size() === 0 || !goesOn()) break;
    }
  } finally {
    await lanes.ended();
    sender.close();
  }
  return lanes.report;
}

/** Sends one delivery now, whoever else is at work. Nothing happens where it does not wait, or is being sent already. */
export async function deliverNow(
  context: Context,
  workspace: Workspace,
  endpoint: StoredEndpoint,
  deliveryId: string,
): Promise<void> {
  const { send, close } = createWebhookSender(context);
  try {
    await attemptDeliveries(context, workspace, endpoint, { send, limit: 1, only: deliveryId });
  } finally {
    close();
  }
}

/**
 * Of each workspace one page is planned before the next one has its turn, in another order each time: neither a long
 * backlog nor a workspace that fails keeps the others waiting.
 *
 * @returns whether there may be more to plan
 */
async function lookAround(
  context: Context,
  lanes: EndpointLanes,
  goesOn: () => boolean,
): Promise<boolean> {
  const { db } = context.database;
  let mayBeMore = false;
  for (const id of shuffled(await findWorkspacesWithEndpoints(db, 'enabled'))) {
    if (!goesOn()) break;
    try {
      const workspace = await context.workspaces.get(id);
      if (workspace === undefined) continue;
      mayBeMore = (await planDeliveries(context, id)) || mayBeMore;
      for (const endpoint of await selectEnabledEndpoints(db, id)) lanes.open(workspace, endpoint);
    } catch (error) {
      if (isOutage(error)) throw error;
      context.logger.error('What has happened could not be told to webhooks.', {
        workspaceId: id,
        error: describeFault(error),
      });
    }
  }
  return mayBeMore;
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ one }) => one);
}
