import type { Context } from '../context.ts';
import { second } from '../kernel/clock.ts';
import { without } from '../kernel/without.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { claimDeliveries, deleteDeliveries, settleDelivery } from './delivery-store.ts';
import { describeMessage } from './describe-message.ts';
import {
  findWorkspacesWithEndpoints,
  lockEndpoint,
  selectEnabledEndpoints,
  updateEndpointRow,
} from './endpoint-store.ts';
import { planDeliveries } from './plan-deliveries.ts';
import {
  attemptsLogged,
  decideDelivery,
  deliveriesKeptFor,
  failingForAtMost,
} from './webhook-delivery.ts';
import type { AttemptResult, DeliveryDecision, WebhookDelivery } from './webhook-delivery.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';
import { createWebhookSender } from './send-webhook.ts';
import type { SendWebhook } from './send-webhook.ts';

export interface WebhookReport {
  readonly delivered: number;
  /** Tried in vain; they wait for their next attempt, or have failed for good. */
  readonly failed: number;
}

/** Longer than a request may take: whoever dies with a claim leaves it to the others after this. */
const claimMilliseconds = 60 * second;
const atOnce = 20;

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
  const report = { delivered: 0, failed: 0 };
  const sender = createWebhookSender(context);
  try {
    for (const id of await findWorkspacesWithEndpoints(context.database.db)) {
      const workspace = await context.workspaces.get(id);
      if (workspace === undefined) continue;
      while (goesOn() && (await planDeliveries(context, id)));
      await sendDue(context, workspace, sender.send, report, goesOn);
      const keptSince = new Date(context.clock.now() - deliveriesKeptFor);
      await deleteDeliveries(context.database.db, id, keptSince);
    }
  } finally {
    sender.close();
  }
  return report;
}

/** Sends one delivery now, whoever else is at work; `undefined` where it does not wait any more. */
export async function deliverNow(
  context: Context,
  workspace: Workspace,
  endpoint: StoredEndpoint,
  deliveryId: string,
): Promise<void> {
  const [delivery] = await claim(context, workspace, [endpoint], 1, deliveryId);
  if (delivery === undefined) return;
  const sender = createWebhookSender(context);
  try {
    await perform(context, workspace, sender.send, endpoint, delivery);
  } finally {
    sender.close();
  }
}

async function sendDue(
  context: Context,
  workspace: Workspace,
  send: SendWebhook,
  report: { delivered: number; failed: number },
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    const endpoints = await selectEnabledEndpoints(context.database.db, workspace.id);
    if (endpoints.length === 0) return;
    const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const claimed = await claim(context, workspace, endpoints, atOnce);
    await Promise.all(
      claimed.map(async (delivery) => {
        const endpoint = byId.get(delivery.endpointId)!;
        const { status } = await perform(context, workspace, send, endpoint, delivery);
        report[status === 'delivered' ? 'delivered' : 'failed'] += 1;
      }),
    );
    if (claimed.length < atOnce) return;
  }
}

function claim(
  { database, clock }: Context,
  workspace: Workspace,
  endpoints: readonly StoredEndpoint[],
  limit: number,
  only?: string,
): Promise<WebhookDelivery[]> {
  const now = clock.now();
  return claimDeliveries(database.db, workspace.id, {
    endpointIds: endpoints.map((endpoint) => endpoint.id),
    now: new Date(now),
    until: new Date(now + claimMilliseconds),
    limit,
    only,
  });
}

async function perform(
  context: Context,
  workspace: Workspace,
  send: SendWebhook,
  endpoint: StoredEndpoint,
  delivery: WebhookDelivery,
): Promise<DeliveryDecision> {
  const body = await describeMessage(context, workspace, delivery);
  if (body === undefined) {
    const decision: DeliveryDecision = { status: 'failed', reason: 'event_gone' };
    await note(context, delivery, decision);
    return decision;
  }
  const result = await send(endpoint, delivery.id, body);
  const decision = decideDelivery(result, {
    attempts: delivery.attempts + 1,
    now: context.clock.now(),
    random: Math.random(),
  });
  await note(context, delivery, decision, result);
  await judgeEndpoint(context, endpoint, decision, result);
  return decision;
}

async function note(
  { database, clock }: Context,
  delivery: WebhookDelivery,
  decision: DeliveryDecision,
  result?: AttemptResult,
): Promise<void> {
  const isOver = decision.status !== 'waiting';
  await settleDelivery(database.db, {
    ...delivery,
    status: decision.status,
    reason: decision.status === 'delivered' ? null : decision.reason,
    attempts: delivery.attempts + (result === undefined ? 0 : 1),
    dueAt: decision.status === 'waiting' ? new Date(decision.dueAt) : delivery.dueAt,
    log:
      result === undefined
        ? delivery.log
        : [...delivery.log, without(result, 'retryAfterSeconds')].slice(-attemptsLogged),
    settledAt: isOver ? new Date(clock.now()) : null,
  });
}

/** An endpoint that says it is gone, or at which nothing has arrived for long, is told no more. */
async function judgeEndpoint(
  { database, clock, logger }: Context,
  endpoint: StoredEndpoint,
  decision: DeliveryDecision,
  { status }: AttemptResult,
): Promise<void> {
  const works = decision.status === 'delivered';
  if (works && endpoint.failingSince === null) return;
  const now = new Date(clock.now());
  await database.db.transaction().execute(async (tx) => {
    const latest = await lockEndpoint(tx, endpoint.workspaceId, endpoint.id);
    if (latest === undefined || latest.status === 'disabled') return;
    const failingSince = works ? null : (latest.failingSince ?? now);
    const hasFailed =
      failingSince !== null && now.getTime() - failingSince.getTime() >= failingForAtMost;
    const disabledReason = status === 410 ? 'gone' : hasFailed ? 'failing' : null;
    await updateEndpointRow(tx, {
      ...latest,
      failingSince,
      disabledReason,
      status: disabledReason === null ? 'enabled' : 'disabled',
    });
    if (disabledReason !== null)
      logger.warn('A webhook was disabled: its receiver does not answer as it should.', {
        endpointId: endpoint.id,
        reason: disabledReason,
      });
  });
}
