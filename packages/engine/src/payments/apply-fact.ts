import { hash } from 'node:crypto';

import type { Context } from '../context.ts';
import { keyFromIdempotencyKey } from '../ingest/event-key.ts';
import { trackEvent } from '../ingest/track-event.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { hour } from '../kernel/clock.ts';
import { without } from '../kernel/without.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { namePayment, noteSale } from './name-payment.ts';
import { findClicker, findPayments, findVisitorOfKey, insertNames } from './payment-names-store.ts';
import type { KnownPayment, SourceKey } from './payment-names-store.ts';
import type { Payer, PaymentFact } from './payment-provider.ts';
import type { PaymentSource } from './payment-source.ts';

export type Applied =
  | {
      readonly status: 'applied';
      readonly visitorId: string | undefined;
      readonly names: readonly string[];
      /** The event was there, from another message. */
      readonly isRepeat?: true;
    }
  | { readonly status: 'failed'; readonly reason: string }
  /** For the payment of these names. */
  | { readonly status: 'waiting'; readonly reason: string; readonly names: readonly string[] };

type Fact<Kind extends PaymentFact['kind']> = Extract<PaymentFact, { readonly kind: Kind }>;

/** One source, and how its facts become events. */
interface Applying {
  readonly context: Context;
  readonly workspace: Workspace;
  readonly source: SourceKey;
  readonly believesPayer: boolean;
  readonly receivedAt: Date;
}

/** How long a fact of last resort leaves its payment to other messages. */
const lastResortAfter = hour;

/**
 * Makes the events that a fact stands for. It may be done again, and in several processes at once: each event has an id
 * that follows from the fact.
 */
export async function applyFact(
  context: Context,
  workspace: Workspace,
  source: PaymentSource,
  { fact, receivedAt }: { readonly fact: PaymentFact; readonly receivedAt: Date },
): Promise<Applied> {
  const applying: Applying = {
    context,
    workspace,
    source: { workspaceId: workspace.id, sourceId: source.id },
    believesPayer: source.payerReference === 'trusted',
    receivedAt,
  };
  if (fact.kind === 'payment') return sell(applying, fact);
  if (fact.kind === 'names') return nameOnly(applying, fact);
  if (fact.kind === 'refund') return refund(applying, fact);
  if (fact.kind === 'refund_failed') return tellOfFailure(applying, fact);
  const payer = await knowPayer(applying, fact.payer, fact.id);
  return record(applying, payer, {
    type: 'custom',
    name: 'subscription_ended',
    properties: fact.properties,
    occurredAt: new Date(fact.occurredAt),
    eventId: idOf(applying, `${fact.id}:ended`),
  });
}

async function sell(applying: Applying, fact: Fact<'payment'>): Promise<Applied> {
  const { context, source } = applying;
  const names = fact.references;
  const key = idOf(applying, names[0] ?? '');
  const { payment, repeated } = await namePayment(context, source, names, key);
  await takeBack(applying, repeated);
  const payer = await knowPayer(applying, fact.payer, payment.key);
  if (payment.visitorId !== undefined) {
    await tellPayer(applying, payer, { ...payment, visitorId: payment.visitorId });
    return { status: 'applied', visitorId: payment.visitorId, names };
  }
  if (fact.isLastResort === true && isYoung(applying))
    return { status: 'waiting', reason: 'may_be_told_better', names };
  const sold = await record(applying, payer, {
    type: 'sale',
    ...eventOf(fact),
    properties: fact.properties,
    eventId: payment.key,
  });
  if (sold.status !== 'applied' || sold.visitorId === undefined) return sold;
  const own = { key: payment.key, visitorId: sold.visitorId };
  if (sold.isRepeat === true) await tellPayer(applying, payer, own);
  const noted = await noteSale(context, source, names, own);
  if (noted.repeated !== undefined) await takeBack(applying, [noted.repeated]);
  return { status: 'applied', visitorId: sold.visitorId, names };
}

function isYoung({ context, receivedAt }: Applying): boolean {
  return context.clock.now() - receivedAt.getTime() < lastResortAfter;
}

/** Another message of the payment made the sale, of whom that one named: this one may know more of them. */
async function tellPayer(
  applying: Applying,
  payer: Named,
  { key, visitorId }: { readonly key: string; readonly visitorId: string },
): Promise<void> {
  if (!hasNames(payer)) return;
  const eventId = idOf(applying, `${key}:payer:${JSON.stringify(payer)}`);
  await record(applying, { ...payer, visitorId }, { type: 'identify', eventId });
}

/** The names count at once, whether or not anybody has told of the payment yet. */
async function nameOnly(applying: Applying, fact: Fact<'names'>): Promise<Applied> {
  const { context, source } = applying;
  const names = fact.references;
  const key = idOf(applying, names[0] ?? '');
  const { payment, repeated } = await namePayment(context, source, names, key);
  await takeBack(applying, repeated);
  return { status: 'applied', visitorId: payment.visitorId, names };
}

/** A refund of a payment that nobody has told of waits for it. */
async function refund(applying: Applying, fact: Fact<'refund'>): Promise<Applied> {
  const { context, source } = applying;
  const { db } = context.database;
  const [payment] = await findPayments(db, source, fact.of);
  if (payment?.visitorId === undefined)
    return { status: 'waiting', reason: 'payment_unknown', names: fact.of };
  await insertNames(db, source, fact.of, { ...payment, now: new Date(context.clock.now()) });
  return record(
    applying,
    { visitorId: payment.visitorId },
    {
      type: 'refund',
      ...eventOf(fact),
      properties: { reason: fact.reason },
      refundOf: payment.key,
      eventId: idOf(applying, fact.id),
    },
  );
}

/**
 * A refund is never undone: what it took back stays taken back, also at the platforms that were told of it. So the failure
 * stands on the timeline, for somebody to decide.
 */
async function tellOfFailure(applying: Applying, fact: Fact<'refund_failed'>): Promise<Applied> {
  const { context, source } = applying;
  const [payment] = await findPayments(context.database.db, source, fact.of);
  if (payment?.visitorId === undefined)
    return { status: 'waiting', reason: 'payment_unknown', names: fact.of };
  const { amountMinor, currency } = fact;
  return record(
    applying,
    { visitorId: payment.visitorId },
    {
      type: 'custom',
      name: 'refund_failed',
      properties: { ...fact.properties, amount_minor: Number(amountMinor), currency },
      occurredAt: new Date(fact.occurredAt),
      eventId: idOf(applying, `${fact.id}:failed`),
    },
  );
}

/** Sales that turned out to be another's payment never happened. */
async function takeBack(applying: Applying, repeated: readonly KnownPayment[]): Promise<void> {
  for (const { key, visitorId } of repeated)
    await record(
      applying,
      { visitorId },
      {
        type: 'refund',
        properties: { reason: 'same_payment' },
        refundOf: key,
        eventId: idOf(applying, `${key}:same`),
      },
    );
}

type Named = Pick<TrackEventInput, 'externalId' | 'email' | 'identifiers'> & {
  readonly visitorId?: string | undefined;
};

/**
 * How the payer is named in events. A visitor or a click that the message names is told to be the same person first, so that
 * the customer finds them with the next payment; by itself a visitor's id would leave everything else out.
 */
async function knowPayer(applying: Applying, payer: Payer, name: string): Promise<Named> {
  const { context, workspace, believesPayer } = applying;
  const { claimed, clickId, visitorId, ...rest } = payer;
  const said = { ...(believesPayer ? claimed : undefined), ...definedOf({ clickId, visitorId }) };
  const known: Named = { ...without(said, 'clickId', 'visitorId'), ...rest };
  const clicker =
    said.clickId === undefined
      ? undefined
      : await findClicker(context.database.db, workspace.id, said.clickId);
  const visitor = said.visitorId ?? clicker;
  if (visitor === undefined) return known;
  if (!hasNames(known)) return { visitorId: visitor };
  // Where it is refused, two people share a browser: the names win.
  await record(
    applying,
    { ...known, visitorId: visitor },
    {
      type: 'identify',
      eventId: idOf(applying, `${name}:payer`),
    },
  );
  return known;
}

function hasNames({ externalId, email, identifiers = [] }: Named): boolean {
  return externalId !== undefined || email !== undefined || identifiers.length > 0;
}

/** Money counts whether or not anybody knows who paid: an unknown payer becomes a visitor. */
async function record(
  { context, workspace }: Applying,
  { visitorId, ...named }: Named,
  event: TrackEventInput & { readonly eventId: string },
): Promise<Applied> {
  const track = (input: TrackEventInput) =>
    trackEvent(context, workspace, input, { origin: 'api', createsVisitor: true });
  const input = { ...named, ...event };
  let tracked = await track(visitorId === undefined ? input : { ...input, visitorId });
  if (
    tracked.ok &&
    tracked.value.outcome === 'rejected' &&
    visitorId !== undefined &&
    event.type !== 'refund' &&
    (tracked.value.code === 'visitor_not_found' || tracked.value.code === 'visitor_erased')
  )
    tracked = await track(input);
  if (!tracked.ok) return { status: 'failed', reason: tracked.code };
  const outcome = tracked.value;
  if (outcome.outcome !== 'rejected')
    return { status: 'applied', visitorId: outcome.visitorId, names: [] };
  if (outcome.code !== 'idempotency_conflict') return { status: 'failed', reason: outcome.code };
  // Another message of the payment has made the event.
  const known = await findVisitorOfKey(context.database.db, workspace.id, event.eventId);
  return { status: 'applied', visitorId: known, names: [], isRepeat: true };
}

/** An event's id that follows from what the provider calls something. */
function idOf({ workspace, source }: Applying, name: string): string {
  return keyFromIdempotencyKey(workspace.id, `payment:${source.sourceId}:${hash('sha256', name)}`);
}

function eventOf(fact: Fact<'payment' | 'refund'>) {
  return {
    amountMinor: BigInt(fact.amountMinor),
    currency: fact.currency,
    occurredAt: new Date(fact.occurredAt),
  };
}

function definedOf<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}
