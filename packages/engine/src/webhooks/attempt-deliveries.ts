import type { Context } from '../context.ts';
import { minute } from '../kernel/clock.ts';
import { without } from '../kernel/without.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { claimDeliveries, settleDelivery } from './delivery-claim-store.ts';
import type { DeliveryClaim } from './delivery-claim-store.ts';
import { describeMessage } from './describe-message.ts';
import { judgeHealth } from './endpoint-health.ts';
import { findEndpoint, lockEndpoint, updateEndpointRow } from './endpoint-store.ts';
import type { SendWebhook } from './send-webhook.ts';
import { attemptsLogged, decideDelivery } from './webhook-delivery.ts';
import type { AttemptResult, DeliveryDecision, WebhookDelivery } from './webhook-delivery.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';

/** Several times what a request may take: whoever dies with a claim leaves it to the others after this. */
const claimMilliseconds = 3 * minute;

export interface AttemptReport {
  /** How many were due and taken. */
  readonly claimed: number;
  readonly delivered: number;
}

/** Sends what is due for an endpoint, so many at once, notes what became of each and what that says of the endpoint. */
export async function attemptDeliveries(
  context: Context,
  workspace: Workspace,
  endpoint: StoredEndpoint,
  { send, ...which }: { readonly send: SendWebhook } & Pick<DeliveryClaim, 'limit' | 'only'>,
): Promise<AttemptReport> {
  const { database, clock } = context;
  const now = clock.now();
  const claimId = context.createId(now);
  const claimed = await claimDeliveries(database.db, workspace.id, {
    id: claimId,
    endpointId: endpoint.id,
    now: new Date(now),
    until: new Date(now + claimMilliseconds),
    ...which,
  });
  const done = await Promise.allSettled(
    claimed.map((delivery) =>
      attemptTraced(context, workspace, { endpoint, delivery, claimId, send }),
    ),
  );
  const attempts = done.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const { decision } of attempts)
    context.webhookStats[decision.status === 'waiting' ? 'retried' : decision.status] += 1;
  const results = attempts.flatMap(({ result }) => (result === undefined ? [] : [result]));
  await noteHealth(context, endpoint, results);
  const fault = done.find((one) => one.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
  return {
    claimed: claimed.length,
    delivered: attempts.filter(({ decision }) => decision.status === 'delivered').length,
  };
}

interface Attempt {
  readonly endpoint: StoredEndpoint;
  readonly delivery: WebhookDelivery;
  readonly claimId: string;
  readonly send: SendWebhook;
}

interface Attempted {
  readonly decision: DeliveryDecision;
  readonly result?: AttemptResult;
}

function attemptTraced(context: Context, workspace: Workspace, work: Attempt): Promise<Attempted> {
  const attributes = {
    'headwater.workspace_id': workspace.id,
    'headwater.webhook_id': work.endpoint.id,
    'headwater.webhook_type': work.delivery.eventType,
  };
  return context.telemetry.within(
    'deliver webhook',
    { kind: 'client', attributes },
    async (span) => {
      const attempted = await attempt(context, workspace, work);
      const { decision, result } = attempted;
      span.note({
        'headwater.outcome': decision.status === 'waiting' ? 'retried' : decision.status,
      });
      if (typeof result?.status === 'number')
        span.note({ 'http.response.status_code': result.status });
      return attempted;
    },
  );
}

async function attempt(context: Context, workspace: Workspace, work: Attempt): Promise<Attempted> {
  const { endpoint, delivery, claimId, send } = work;
  const body = await describeMessage(context, workspace, delivery);
  if (body === undefined) {
    const decision: DeliveryDecision = { status: 'failed', reason: 'event_gone' };
    await note(context, { delivery, claimId }, decision);
    return { decision };
  }
  const result = await send(endpoint, delivery.id, body);
  const decision = decideDelivery(result, {
    attempts: delivery.attempts + 1,
    now: context.clock.now(),
    random: Math.random(),
  });
  await note(context, { delivery, claimId }, decision, result);
  return { decision, result };
}

async function note(
  { database, clock }: Context,
  { delivery, claimId }: { readonly delivery: WebhookDelivery; readonly claimId: string },
  decision: DeliveryDecision,
  result?: AttemptResult,
): Promise<void> {
  const isOver = decision.status !== 'waiting';
  const after: WebhookDelivery = {
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
  };
  await settleDelivery(database.db, after, claimId);
}

/**
 * An endpoint that says it is gone, or at which nothing has arrived for long, is told no more. Judged by the row as it is
 * now; what another address has answered says nothing of this one.
 */
async function noteHealth(
  { database, clock, logger, webhookStats }: Context,
  sentTo: StoredEndpoint,
  results: readonly AttemptResult[],
): Promise<void> {
  if (results.length === 0) return;
  const { workspaceId, id } = sentTo;
  const seen = await findEndpoint(database.db, workspaceId, id);
  if (seen === undefined || !changes(seen, sentTo, results, clock.now())) return;
  await database.db.transaction().execute(async (tx) => {
    const latest = await lockEndpoint(tx, workspaceId, id);
    const now = clock.now();
    if (latest === undefined || !changes(latest, sentTo, results, now)) return;
    const { disabledReason, ...health } = judgeHealth(latest, results, now);
    await updateEndpointRow(tx, {
      ...latest,
      ...health,
      disabledReason,
      status: disabledReason === null ? 'enabled' : 'disabled',
    });
    if (disabledReason === null) return;
    webhookStats.disabled += 1;
    logger.warn('A webhook was disabled: its receiver does not answer as it should.', {
      endpointId: id,
      reason: disabledReason,
    });
  });
}

/** Most of the time everything arrives, and there is nothing to write. */
function changes(
  endpoint: StoredEndpoint,
  sentTo: StoredEndpoint,
  results: readonly AttemptResult[],
  now: number,
): boolean {
  if (endpoint.status === 'disabled' || endpoint.url !== sentTo.url) return false;
  const after = judgeHealth(endpoint, results, now);
  return (
    after.disabledReason !== null ||
    after.failures !== endpoint.failures ||
    after.failingSince?.getTime() !== endpoint.failingSince?.getTime() ||
    after.restingUntil?.getTime() !== endpoint.restingUntil?.getTime()
  );
}
