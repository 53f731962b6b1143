import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import { isAmountMinor, isCurrency } from '../kernel/money.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Result } from '../kernel/result.ts';
import { getLink } from '../links/get-link.ts';
import type { WriteOptions } from '../store/database.ts';
import { classifySource } from '../sources/classify.ts';
import { captureSignals } from '../sources/click-ids.ts';
import { reservedKinds } from '../visitors/identifier-kind.ts';
import { namedIdentifiers } from '../visitors/named-identifiers.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { digestOf, keyFromIdempotencyKey } from './event-key.ts';
import { eventTypes } from './event.ts';
import type { EventType, Identifier, IncomingEvent, IngestOutcome, Origin } from './event.ts';
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
  /** Advertising click ids and cookies. */
  readonly signals?: Readonly<Record<string, string>>;
  /** When it happened, for late and imported events. @default now */
  readonly occurredAt?: Date;
  /** The sender's own id of the event: sent again, it counts once. */
  readonly eventId?: string;
  readonly idempotencyKey?: string;
  /** Another visitor that somebody says is the same person. Only with `identify`. */
  readonly sameAsVisitorId?: string;
  readonly userAgent?: string;
}

export interface TrackEventOptions extends WriteOptions {
  /** @default 'library' */
  readonly origin?: Origin;
  /** Whether an unknown person becomes a new visitor. @default false: an event of a server never makes one */
  readonly createsVisitor?: boolean;
}

/** Nothing that Headwater could know of is older. */
const earliest = Date.UTC(2000, 0, 1);
const textMax = 8_192;

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
): Promise<Result<IngestOutcome, ValidationRefusal>> {
  const now = context.clock.now();
  const errors = checkEvent(workspace, input, now);
  if (errors !== undefined) return refuseFields(errors);
  if (
    input.linkId !== undefined &&
    (await getLink(context, workspace, input.linkId)) === undefined
  ) {
    return refuseField('linkId', 'must name a link of this workspace');
  }
  const event = toIncomingEvent(context, workspace, input, options, now);
  if (options.tx === undefined) return { ok: true, value: await context.ingest.submit(event) };
  await insertIntoInbox(context.database.join(options.tx), event, now);
  return {
    ok: true,
    value: { outcome: 'accepted', eventId: event.id, queued: true, identity: { outcome: 'none' } },
  };
}

/** Records several events; each has its own answer, and a refused one does not touch its neighbours. */
export function trackEvents(
  context: Context,
  workspace: Workspace,
  inputs: readonly TrackEventInput[],
  options: TrackEventOptions = {},
): Promise<Array<Result<IngestOutcome, ValidationRefusal>>> {
  return Promise.all(inputs.map((input) => trackEvent(context, workspace, input, options)));
}

function toIncomingEvent(
  context: Context,
  workspace: Workspace,
  input: TrackEventInput,
  options: TrackEventOptions,
  now: number,
): IncomingEvent {
  const id = context.createId(now);
  const { eventId, idempotencyKey, ...body } = input;
  const key =
    eventId ??
    (idempotencyKey === undefined ? id : keyFromIdempotencyKey(workspace.id, idempotencyKey));
  const signals = { ...captureSignals(input.url ?? ''), ...input.signals };
  const hasArrival =
    input.url !== undefined ||
    input.referrer !== undefined ||
    input.clickId !== undefined ||
    Object.keys(signals).length > 0;
  const source = hasArrival
    ? classifySource({
        ...(input.url === undefined ? {} : { url: input.url }),
        ...(input.referrer === undefined ? {} : { referrer: input.referrer }),
        ownHosts: context.workspaces.ownHosts(workspace),
        landing: true,
      })
    : undefined;
  const profile = {
    ...(input.personName === undefined ? {} : { name: input.personName }),
    ...(input.personMetadata === undefined ? {} : { metadata: input.personMetadata }),
  };
  return {
    workspaceId: workspace.id,
    id,
    key: key.toLowerCase(),
    digest: digestOf(body),
    type: input.type,
    occurredAt: input.occurredAt?.getTime() ?? now,
    origin: options.origin ?? 'library',
    identifiers: namedIdentifiers(workspace, input),
    createsVisitor: options.createsVisitor ?? false,
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.visitorId === undefined ? {} : { visitorId: input.visitorId.toLowerCase() }),
    ...(input.sameAsVisitorId === undefined
      ? {}
      : { sameAsVisitorId: input.sameAsVisitorId.toLowerCase() }),
    ...(Object.keys(profile).length === 0 ? {} : { profile }),
    ...(input.linkId === undefined ? {} : { linkId: input.linkId }),
    ...(source === undefined
      ? {}
      : {
          arrival: {
            source,
            ...(Object.keys(signals).length === 0 ? {} : { signals }),
            ...(input.clickId === undefined ? {} : { clickId: input.clickId.toLowerCase() }),
          },
        }),
    ...(input.url === undefined ? {} : { url: input.url }),
    ...(input.referrer === undefined ? {} : { referrer: input.referrer }),
    ...(input.userAgent === undefined ? {} : { userAgent: input.userAgent.slice(0, 512) }),
    ...(input.amountMinor === undefined
      ? {}
      : {
          amountMinor: input.amountMinor.toString(),
          currency: input.currency ?? workspace.currency,
        }),
    ...(input.properties === undefined ? {} : { properties: input.properties }),
  };
}

/** The rules that hold for every way in; messages by the field of {@link TrackEventInput}. */
function checkEvent(
  workspace: Workspace,
  input: TrackEventInput,
  now: number,
): Record<string, string[]> | undefined {
  const errors: Record<string, string[]> = {};
  const add = (field: string, message: string): void => {
    (errors[field] ??= []).push(message);
  };
  if (!eventTypes.includes(input.type)) add('type', `must be one of ${eventTypes.join(', ')}`);
  for (const field of ['visitorId', 'sameAsVisitorId', 'eventId', 'linkId', 'clickId'] as const) {
    if (input[field] !== undefined && !isUuid(input[field])) add(field, 'must be a UUID');
  }
  for (const field of [
    'name',
    'externalId',
    'email',
    'phone',
    'anonymousId',
    'personName',
    'url',
    'referrer',
  ] as const) {
    const value: unknown = input[field];
    if (value === undefined) continue;
    if (typeof value !== 'string') add(field, 'must be a text');
    else if (value.length > textMax) add(field, `must not be longer than ${textMax} characters`);
    else if (value.includes('\0')) add(field, 'must not contain the character U+0000');
  }
  for (const identifier of input.identifiers ?? []) {
    if (reservedKinds.has(identifier.kind)) add('identifiers', `must not have the kind ${identifier.kind}, which is Headwater's own`);
    else if (!/^[a-z][a-z0-9_]{0,62}$/.test(identifier.kind))
      add('identifiers', 'must have kinds of lower-case letters, digits and underscores');
    if (typeof identifier.value !== 'string' || identifier.value.includes('\0'))
      add('identifiers', 'must have texts as values');
  }
  if (
    input.amountMinor !== undefined &&
    (typeof input.amountMinor !== 'bigint' || !isAmountMinor(input.amountMinor))
  ) {
    add('amountMinor', 'must be a whole number of minor units, not negative and at most 10^15');
  }
  if (input.currency !== undefined && !isCurrency(input.currency))
    add('currency', 'must be an ISO 4217 code');
  if (
    input.idempotencyKey !== undefined &&
    (input.idempotencyKey.length === 0 || input.idempotencyKey.length > 255)
  ) {
    add('idempotencyKey', 'must have 1 to 255 characters');
  }
  if (
    JSON.stringify([input.properties ?? null, input.personMetadata ?? null]).includes('\\u0000')
  ) {
    add('properties', 'must not contain the character U+0000');
  }
  const at = input.occurredAt?.getTime();
  if (at !== undefined) {
    const retained = workspace.settings.retentionDays;
    const oldest = retained === undefined ? earliest : Math.max(earliest, now - retained * day);
    if (Number.isNaN(at)) add('occurredAt', 'must be a time');
    else if (at > now + day) add('occurredAt', 'must not be more than 24 hours in the future');
    else if (at < oldest)
      add('occurredAt', `must not be older than what is kept: ${new Date(oldest).toISOString()}`);
  }
  return Object.keys(errors).length === 0 ? undefined : errors;
}
