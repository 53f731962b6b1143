import type { Goal } from '../attribution/goal.ts';
import { reversalProperties } from '../attribution/reversal-reference.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import { minimiseWaiting } from '../privacy/minimise-event.ts';
import { findLinkTags } from '../links/link-store.ts';
import { withoutToken } from '../invitations/invitation-url.ts';
import { findReferrers } from '../partners/find-referrers.ts';
import type { WriteOptions } from '../store/database.ts';
import type { ClickedLink } from '../sources/arrival.ts';
import { classifySource } from '../sources/classify.ts';
import { captureSignals } from '../sources/click-ids.ts';
import type { Source } from '../sources/source.ts';
import { namedIdentifiers } from '../visitors/named-identifiers.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkEvent } from './check-event.ts';
import type { EventRefusal } from './check-event.ts';
import { digestOf, keyFromIdempotencyKey } from './event-key.ts';
import type {
  EventType,
  Identifier,
  IncomingEvent,
  IngestOutcome,
  Origin,
  SubmitOptions,
} from './event.ts';
import { insertIntoInbox } from './inbox-store.ts';

/** An event as the host application or the REST API tells it. */
export interface TrackEventInput {
  readonly type: EventType;
  /** For `custom` events: what happened. */
  readonly name?: string;
  /** A visitor's id; wins over every other way of naming the person. */
  readonly visitorId?: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly phone?: string;
  /** The value of the visitor cookie. */
  readonly anonymousId?: string;
  /** An `hw_click`: the id of a click of ours. */
  readonly clickId?: string;
  readonly identifiers?: readonly Identifier[];
  readonly personName?: string;
  readonly personMetadata?: Readonly<Record<string, unknown>>;
  /** Minor units. Without a currency it is in the workspace's. */
  readonly amountMinor?: bigint;
  readonly currency?: string;
  readonly url?: string;
  readonly referrer?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly linkId?: string;
  /** The partner who sent the person, where the host knows that: of somebody who is none nothing is kept. */
  readonly partnerId?: string;
  /** A code that was used at the till; of a partner's the sale is theirs. */
  readonly coupon?: string;
  /** Advertising click ids and cookies. */
  readonly signals?: Readonly<Record<string, string>>;
  /** What the person agreed to, by purpose, where the host asks: `{ ads: 'granted' }`. */
  readonly consent?: Readonly<Record<string, 'granted' | 'denied' | 'pending'>>;
  /** When it happened, for late and imported events. @default now */
  readonly occurredAt?: Date;
  /** The sender's own id of the event: sent again, it counts once. */
  readonly eventId?: string;
  readonly idempotencyKey?: string;
  /** Another visitor that somebody says is the same person. Only with `identify`. */
  readonly sameAsVisitorId?: string;
  readonly userAgent?: string;
  /**
   * Of a `refund`: the event that it takes back, by the id that its answer had or the sender's own. A refund without an
   * amount takes back all of it, as if it had never happened. @default the person's latest one
   */
  readonly refundOf?: string;
  /** The same by the idempotency key of that event. */
  readonly refundOfKey?: string;
  /** What a refund that names no event takes back. @default 'sale' */
  readonly refundOfType?: Goal;
}

export interface TrackEventOptions extends WriteOptions {
  /** @default 'library' */
  readonly origin?: Origin;
  /** Whether an unknown person becomes a new visitor. @default false: an event of a server never makes one */
  readonly createsVisitor?: boolean;
  /** Who says that two visitors are one person: noted with the merge. */
  readonly actor?: string;
  /** Where it came from, where the caller knows that better than the address of the page. */
  readonly source?: Source;
}

/**
 * Records one event. The answer comes after its commit; inside the host's own transaction it is `queued`, and who it
 * was is decided when that transaction has committed.
 * @throws {UnavailableError} the database did not confirm it in time; the same call may be repeated.
 */
export async function trackEvent(
  context: Context,
  workspace: Workspace,
  input: TrackEventInput,
  options: TrackEventOptions = {},
): Promise<Result<IngestOutcome, EventRefusal>> {
  const [result] = await trackEvents(context, workspace, [input], options);
  return result!;
}

/** Records several events; each has its own answer, and a refused one does not touch its neighbours. */
export async function trackEvents(
  context: Context,
  workspace: Workspace,
  inputs: readonly TrackEventInput[],
  options: TrackEventOptions = {},
): Promise<Array<Result<IngestOutcome, EventRefusal>>> {
  return Promise.all(await beginEvents(context, workspace, inputs, options));
}

/** The same for who answers each event by itself, also where the database does not confirm some of them in time. */
export async function beginEvents(
  context: Context,
  workspace: Workspace,
  inputs: readonly TrackEventInput[],
  options: TrackEventOptions = {},
): Promise<Array<Promise<Result<IngestOutcome, EventRefusal>>>> {
  const now = context.clock.now();
  const refusals = inputs.map((input) => checkEvent(workspace, input, now));
  const linkIds = new Set<string>();
  for (const [index, { linkId }] of inputs.entries())
    if (linkId !== undefined && refusals[index] === undefined) linkIds.add(linkId.toLowerCase());
  const known =
    linkIds.size === 0
      ? new Map<string, ClickedLink>()
      : await findLinkTags(context.database.db, workspace.id, [...linkIds]);
  const naming = inputs.filter(
    ({ coupon, partnerId }, index) =>
      (coupon !== undefined || partnerId !== undefined) && refusals[index] === undefined,
  );
  const referrerOf =
    naming.length === 0
      ? () => undefined
      : await findReferrers(context.database.db, workspace.id, naming);
  // One batch, in which they count in the order of their times.
  const submitting = inputs.length > 1 ? { together: inputs } : {};
  return inputs.map(async (input, index): Promise<Result<IngestOutcome, EventRefusal>> => {
    const refusal = refusals[index];
    if (refusal !== undefined) return refusal;
    if (input.linkId !== undefined && !known.has(input.linkId.toLowerCase()))
      return refuseField('linkId', 'must name a link of this workspace');
    const seen =
      input.type === 'impression' ? known.get(input.linkId?.toLowerCase() ?? '') : undefined;
    const event = toIncomingEvent(context, workspace, input, options, now, seen);
    const referredBy = referrerOf(input);
    const told = referredBy === undefined ? event : { ...event, referredBy };
    return ok(await submitEvent(context, workspace, told, { ...submitting, tx: options.tx }));
  });
}

/** Hands an event to the pipeline; inside the host's transaction to the inbox, which the pipeline takes in after it. */
export async function submitEvent(
  context: Context,
  workspace: Workspace,
  event: IncomingEvent,
  {
    tx,
    together,
  }: Pick<SubmitOptions, 'together'> & { readonly tx: WriteOptions['tx'] | undefined },
): Promise<IngestOutcome> {
  if (tx === undefined)
    return context.ingest.submit(event, together === undefined ? {} : { together });
  const kept = minimiseWaiting(workspace.settings, event);
  await insertIntoInbox(context.database.join(tx), kept, context.clock.now());
  return { outcome: 'accepted', eventId: event.id, queued: true, identity: { outcome: 'none' } };
}

/**
 * The event as the pipeline takes it; what it is made of has been checked by {@link checkEvent}. `seen` is the link of an
 * impression, which says where it was seen.
 */
export function toIncomingEvent(
  context: Context,
  workspace: Workspace,
  input: TrackEventInput,
  options: TrackEventOptions,
  now: number,
  seen?: ClickedLink,
): IncomingEvent {
  const id = context.createId(now);
  const { eventId, idempotencyKey, ...body } = input;
  const key =
    eventId ??
    (idempotencyKey === undefined ? id : keyFromIdempotencyKey(workspace.id, idempotencyKey));
  const shown = input.url === undefined ? undefined : captureSignals(input.url);
  const signals = input.signals === undefined ? shown : { ...shown, ...input.signals };
  const hasSignals = signals !== undefined && Object.keys(signals).length > 0;
  const hasArrival =
    input.url !== undefined ||
    input.referrer !== undefined ||
    input.clickId !== undefined ||
    seen !== undefined ||
    hasSignals;
  const classified = hasArrival
    ? classifySource({
        ...(input.url === undefined ? {} : { url: input.url }),
        ...(input.referrer === undefined ? {} : { referrer: input.referrer }),
        ...(input.userAgent === undefined ? {} : { userAgent: input.userAgent }),
        ...(seen === undefined ? {} : { link: seen }),
        ownHosts: context.workspaces.ownHosts(workspace),
        landing: seen === undefined,
        rules: workspace.settings.sourceRules,
      })
    : undefined;
  const source = options.source ?? classified;
  const event: { -readonly [Field in keyof IncomingEvent]: IncomingEvent[Field] } = {
    workspaceId: workspace.id,
    id,
    key: key.toLowerCase(),
    digest: digestOf(body),
    type: input.type,
    occurredAt: input.occurredAt?.getTime() ?? now,
    origin: options.origin ?? 'library',
    identifiers: namedIdentifiers(workspace, input),
    createsVisitor: options.createsVisitor ?? false,
  };
  // One field after the other: most events have few of them, and this runs for each.
  const { personName, personMetadata, userAgent, amountMinor } = input;
  if (options.actor !== undefined) event.actor = options.actor;
  if (input.name !== undefined) event.name = input.name;
  if (input.visitorId !== undefined) event.visitorId = input.visitorId.toLowerCase();
  if (input.sameAsVisitorId !== undefined)
    event.sameAsVisitorId = input.sameAsVisitorId.toLowerCase();
  if (personName !== undefined || personMetadata !== undefined)
    event.profile = {
      ...(personName !== undefined && { name: personName }),
      ...(personMetadata !== undefined && { metadata: personMetadata }),
    };
  if (input.linkId !== undefined) event.linkId = input.linkId.toLowerCase();
  if (source !== undefined)
    event.arrival = {
      source,
      ...(hasSignals && { signals }),
      ...(input.clickId !== undefined && { clickId: input.clickId.toLowerCase() }),
    };
  if (input.url !== undefined) event.url = withoutToken(input.url);
  if (input.referrer !== undefined) event.referrer = withoutToken(input.referrer);
  if (userAgent !== undefined) {
    event.userAgent = userAgent.slice(0, 512);
    event.device = context.devices.describe(userAgent);
  }
  if (amountMinor !== undefined) {
    event.amountMinor = amountMinor.toString();
    event.currency = input.currency ?? workspace.currency;
  }
  const properties = propertiesOf(workspace, input);
  if (properties !== undefined) event.properties = properties;
  if (input.consent !== undefined) event.consent = input.consent;
  return event;
}

/** What a refund takes back stands with its properties, where whoever reads the events finds it. */
function propertiesOf(
  workspace: Workspace,
  { properties, refundOf, refundOfKey, refundOfType }: TrackEventInput,
): IncomingEvent['properties'] {
  if (refundOf === undefined && refundOfKey === undefined && refundOfType === undefined)
    return properties && { ...properties };
  const key =
    refundOf ??
    (refundOfKey === undefined ? undefined : keyFromIdempotencyKey(workspace.id, refundOfKey));
  const reference = {
    ...(key !== undefined && { [reversalProperties.key]: key.toLowerCase() }),
    ...(refundOfType !== undefined && { [reversalProperties.goal]: refundOfType }),
  };
  return { ...properties, ...reference };
}
