import type { Context } from '../context.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { open } from '../security/keyring.ts';
import { isOutage } from '../store/outage.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { applyFact } from './apply-fact.ts';
import type { Applied } from './apply-fact.ts';
import type { PaymentFact } from './payment-provider.ts';
import {
  deletePayments,
  findPaymentSource,
  findWaitingPayments,
  findWorkspacesWithPayments,
  settlePaymentMessage,
} from './payment-store.ts';
import type { StoredPayment } from './payment-store.ts';

/** A message that nothing else of its payment has followed for so long belongs to a payment that nobody told of. */
const waitsAtMost = 30 * day;
const waitMax = 6 * hour;
const atOnce = 50;
/** The log of what has arrived. */
const messagesKeptFor = 90 * day;
/** Refunds and disputes come months after a payment; years after, none. */
const namesKeptFor = 730 * day;

/** Applies one message, and then what has waited for it. */
export async function applyPayment(
  context: Context,
  workspace: Workspace,
  which: { readonly sourceId: string; readonly id: string },
): Promise<void> {
  const { db } = context.database;
  const { sourceId } = which;
  let waiting = await findWaitingPayments(db, workspace.id, which);
  while (waiting.length > 0) {
    const names: string[] = [];
    for (const message of waiting) {
      const applied = await apply(context, workspace, message);
      await settle(context, message, applied);
      if (applied.status === 'applied') names.push(...applied.names);
    }
    waiting =
      names.length === 0 ? [] : await findWaitingPayments(db, workspace.id, { sourceId, names });
  }
}

/** Applies what is due, of every workspace, and deletes what has served its time. */
export async function applyDuePayments(
  context: Context,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const { database, clock, logger } = context;
  for (const id of await findWorkspacesWithPayments(database.db)) {
    const workspace = await context.workspaces.get(id);
    if (workspace === undefined || !goesOn()) continue;
    try {
      const dueAt = new Date(clock.now());
      for (let isMore = true; isMore && goesOn();) {
        const due = await findWaitingPayments(database.db, id, { dueAt, limit: atOnce });
        for (const message of due)
          await settle(context, message, await apply(context, workspace, message));
        isMore = due.length === atOnce;
      }
      await deletePayments(database.db, id, {
        messages: new Date(clock.now() - messagesKeptFor),
        names: new Date(clock.now() - namesKeptFor),
      });
    } catch (error) {
      if (isOutage(error)) throw error;
      logger.error('The payments of a workspace could not be applied.', {
        workspaceId: id,
        error: describeFault(error),
      });
    }
  }
}

async function settle(
  { database, clock }: Context,
  message: StoredPayment,
  applied: Applied,
): Promise<void> {
  if (applied.status === 'applied') {
    await settlePaymentMessage(database.db, message, {
      status: 'applied',
      reason: null,
      names: [],
      facts: null,
      visitor_id: applied.visitorId ?? null,
    });
    return;
  }
  if (applied.status === 'failed') {
    const { reason } = applied;
    await settlePaymentMessage(database.db, message, { status: 'failed', reason, facts: null });
    return;
  }
  const now = clock.now();
  const isOver = now - message.received_at.getTime() >= waitsAtMost;
  const wait = Math.min(minute * 2 ** Math.min(message.attempts, 20), waitMax);
  await settlePaymentMessage(database.db, message, {
    reason: applied.reason,
    names: [...applied.names],
    attempts: message.attempts + 1,
    due_at: new Date(now + wait),
    ...(isOver && { status: 'failed' as const, facts: null }),
  });
}

function apply(context: Context, workspace: Workspace, message: StoredPayment): Promise<Applied> {
  const attributes = { 'headwater.workspace_id': workspace.id };
  return context.telemetry.within('apply payment message', { attributes }, async (span) => {
    const applied = await applyQuietly(context, workspace, message);
    span.note({ 'headwater.outcome': applied.status });
    return applied;
  });
}

/** A fault of one message is no reason to leave the others. */
async function applyQuietly(
  context: Context,
  workspace: Workspace,
  message: StoredPayment,
): Promise<Applied> {
  const { facts, source_id: sourceId, names } = message;
  try {
    const source = await findPaymentSource(context.database.db, workspace.id, sourceId);
    if (facts === null || source === undefined) return { status: 'failed', reason: 'no_facts' };
    const fact = JSON.parse(open(workspace.dataKey, facts).toString('utf8')) as PaymentFact;
    return await applyFact(context, workspace, source, { fact, receivedAt: message.received_at });
  } catch (error) {
    if (error instanceof UnavailableError || isOutage(error))
      return { status: 'waiting', reason: 'unavailable', names };
    context.logger.error('A payment message could not be applied.', {
      messageId: message.id,
      error: describeFault(error),
    });
    return { status: 'waiting', reason: 'fault', names };
  }
}
