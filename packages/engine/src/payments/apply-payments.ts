import type { Context } from '../context.ts';
import { trackEvent } from '../ingest/track-event.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { without } from '../kernel/without.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Payer, PaymentFact } from './payment-provider.ts';
import {
  findPayment,
  findWorkspacesWithPayments,
  findWaitingPayments,
  insertReferences,
  nameBuyer,
  settlePaymentMessage,
} from './payment-store.ts';
import type { StoredPayment } from './payment-store.ts';

/** A message that nothing else of its payment has followed for so long belongs to a payment that nobody told of. */
const waitsAtMost = 30 * day;
const waitMax = 6 * hour;
const atOnce = 50;

type Applied =
  | {
      readonly status: 'applied' | 'failed';
      readonly reason: string | null;
      readonly visitorId: string | undefined;
    }
  | { readonly status: 'waiting'; readonly reason: string };

/**
 * Applies what waits: of one source all of it, otherwise what is due. Each message by itself, and as often as need be, in
 * any number of processes: what it makes has keys, so that it counts once.
 */
export async function applyPayments(
  context: Context,
  workspace: Workspace,
  which: { readonly sourceId?: string } = {},
): Promise<void> {
  const { database, clock } = context;
  for (let isProgress = true; isProgress;) {
    isProgress = false;
    const waiting = await findWaitingPayments(database.db, workspace.id, {
      now: new Date(clock.now()),
      limit: atOnce,
      sourceId: which.sourceId,
    });
    for (const message of waiting) {
      const applied = await apply(context, workspace, message);
      await settle(context, message, applied);
      // It may be what another one waits for.
      isProgress ||= applied.status === 'applied';
    }
  }
}

/** The same for every workspace. */
export async function applyAllPayments(context: Context): Promise<void> {
  for (const id of await findWorkspacesWithPayments(context.database.db)) {
    const workspace = await context.workspaces.get(id);
    if (workspace !== undefined) await applyPayments(context, workspace);
  }
}

async function settle(
  { database, clock }: Context,
  message: StoredPayment,
  applied: Applied,
): Promise<void> {
  const now = clock.now();
  if (applied.status !== 'waiting') {
    const { status, reason, visitorId } = applied;
    const visitor_id = visitorId ?? null;
    await settlePaymentMessage(database.db, message, { status, reason, visitor_id, facts: null });
    return;
  }
  const isOver = now - message.received_at.getTime() >= waitsAtMost;
  const wait = Math.min(minute * 2 ** message.attempts, waitMax);
  await settlePaymentMessage(database.db, message, {
    reason: applied.reason,
    attempts: message.attempts + 1,
    due_at: new Date(now + wait),
    ...(isOver && { status: 'failed' as const, facts: null }),
  });
}

async function apply(
  context: Context,
  workspace: Workspace,
  message: StoredPayment,
): Promise<Applied> {
  const { facts, source_id: sourceId } = message;
  if (facts === null) return { status: 'failed', reason: 'no_facts', visitorId: undefined };
  const fact = JSON.parse(open(workspace.dataKey, facts).toString('utf8')) as PaymentFact;
  const source = { workspaceId: workspace.id, sourceId };
  const keyOf = (name: string): string => `payment:${sourceId}:${name}`;
  try {
    if (fact.kind === 'payment')
      return await sell(context, workspace, source, fact, keyOf(fact.references[0] ?? message.id));
    if (fact.kind !== 'subscription_ended')
      return await follow(context, workspace, source, fact, keyOf);
    return await record(context, workspace, fact.payer, {
      type: 'custom',
      name: 'subscription_ended',
      properties: fact.properties,
      ...timeOf(context, fact),
      idempotencyKey: keyOf(`${fact.id}:ended`),
    });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { status: 'waiting', reason: 'unavailable' };
  }
}

type Fact<Kind extends PaymentFact['kind']> = Extract<PaymentFact, { readonly kind: Kind }>;
type SourceOf = { readonly workspaceId: string; readonly sourceId: string };

/** Two messages of one payment that come together agree on its key before either is a sale. */
async function sell(
  context: Context,
  workspace: Workspace,
  source: SourceOf,
  fact: Fact<'payment'>,
  key: string,
): Promise<Applied> {
  const { db } = context.database;
  const known = await findPayment(db, source, fact.references);
  await insertReferences(db, source, fact.references, known ?? { key, visitorId: undefined });
  const payment = (await findPayment(db, source, fact.references)) ?? { key, visitorId: undefined };
  if (payment.visitorId !== undefined)
    return { status: 'applied', reason: null, visitorId: payment.visitorId };
  const sold = await record(context, workspace, fact.payer, {
    type: 'sale',
    ...moneyOf(fact),
    ...timeOf(context, fact),
    properties: fact.properties,
    idempotencyKey: payment.key,
  });
  if (sold.status === 'applied' && sold.visitorId !== undefined)
    await nameBuyer(db, source, payment.key, sold.visitorId);
  return sold;
}

/** What is about a payment that another message tells of: it waits until that one has come. */
async function follow(
  context: Context,
  workspace: Workspace,
  source: SourceOf,
  fact: Fact<'names' | 'refund' | 'reinstatement'>,
  keyOf: (name: string) => string,
): Promise<Applied> {
  const { db } = context.database;
  const names = fact.kind === 'names' ? fact.references : fact.of;
  const payment = await findPayment(db, source, names);
  if (payment?.visitorId === undefined) return { status: 'waiting', reason: 'payment_unknown' };
  await insertReferences(db, source, names, payment);
  const { visitorId } = payment;
  if (fact.kind === 'names') return { status: 'applied', reason: null, visitorId };
  const payer: Payer = { visitorId, identifiers: [] };
  const event = { ...moneyOf(fact), ...timeOf(context, fact) };
  return fact.kind === 'refund'
    ? record(context, workspace, payer, {
        ...event,
        type: 'refund',
        properties: { reason: fact.reason },
        refundOfKey: payment.key,
        idempotencyKey: keyOf(fact.id),
      })
    : record(context, workspace, payer, {
        ...event,
        type: 'sale',
        properties: { reason: 'dispute_won' },
        idempotencyKey: keyOf(`${fact.id}:reinstated`),
      });
}

/**
 * Money counts whether or not anybody knows who paid: an unknown payer becomes a visitor, and a name that is none of ours is
 * left out.
 */
async function record(
  context: Context,
  workspace: Workspace,
  payer: Payer,
  event: TrackEventInput,
): Promise<Applied> {
  const track = (named: Payer) =>
    trackEvent(context, workspace, { ...named, ...event }, { origin: 'api', createsVisitor: true });
  let tracked = await track(payer);
  if (tracked.ok && tracked.value.outcome === 'rejected' && isUnknown(tracked.value.code)) {
    tracked = await track(without(payer, 'visitorId', 'clickId'));
  }
  if (!tracked.ok) return { status: 'failed', reason: tracked.code, visitorId: undefined };
  const outcome = tracked.value;
  if (outcome.outcome !== 'rejected')
    return { status: 'applied', reason: null, visitorId: outcome.visitorId };
  // Another message of the payment has made the event, and has not come to note whose it is.
  return outcome.code === 'idempotency_conflict'
    ? { status: 'waiting', reason: 'payment_under_way' }
    : { status: 'failed', reason: outcome.code, visitorId: undefined };
}

function isUnknown(code: string): boolean {
  return code === 'visitor_not_found';
}

function moneyOf(fact: { readonly amountMinor: string; readonly currency: string }) {
  return { amountMinor: BigInt(fact.amountMinor), currency: fact.currency };
}

/** The provider's clock may be ahead of ours. */
function timeOf({ clock }: Context, fact: { readonly occurredAt: number }) {
  return { occurredAt: new Date(Math.min(fact.occurredAt, clock.now())) };
}
