import { isGoal } from '../attribution/goal.ts';
import { reversalProperties } from '../attribution/reversal-reference.ts';
import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import { digestOf, keyFromIdempotencyKey } from '../ingest/event-key.ts';
import type { IncomingEvent, IngestOutcome, Origin, TrackedMark } from '../ingest/event.ts';
import { submitEvent, toIncomingEvent } from '../ingest/track-event.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { minute } from '../kernel/clock.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields, renameFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { hmac } from '../security/keyring.ts';
import type { WriteOptions } from '../store/database.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { eventTypeOf, nameTypes, trackedActions, typesOf } from './project.ts';
import type { Project, TrackedAction } from './project.ts';

/** What a product tells of one of its users. */
export interface TrackedInput {
  /** `user_registered`, `user_converted`, or a type of the project's own. */
  readonly eventType: string;
  /** The product's own id of the user, which is the external id of the visitor. */
  readonly userId: string;
  /** Counts once for each project, type and action, however often it comes. */
  readonly eventId: string;
  /** @default now */
  readonly occurredAt?: Date | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** `remove` takes back the latest `add` of this user and type that is not taken back yet. @default 'add' */
  readonly action?: TrackedAction | undefined;
}

export interface Tracked {
  /** The sender's. */
  readonly eventId: string;
  /** It was known before, and nothing was counted. */
  readonly duplicate: boolean;
}

export interface TrackForProjectOptions extends WriteOptions {
  /** @default 'library' */
  readonly origin?: Origin;
}

export type TrackRefusal =
  | ValidationRefusal
  | (Refusal & {
      readonly code: 'event_id_conflict' | 'too_old' | 'in_the_future' | 'unstorable';
    });

const eventIdLengthMax = 255;
/** How far clocks of servers may be apart. */
const futureMilliseconds = 10 * minute;

/**
 * Tells Headwater what users of a project did: each event identifies its user, converts and counts, and has an answer
 * of its own. An unknown user becomes a visitor.
 * @throws {UnavailableError} (each promise) the database did not confirm it in time; the same call may be repeated.
 */
export function trackForProject(
  context: Context,
  workspace: Workspace,
  project: Project,
  inputs: readonly TrackedInput[],
  options: TrackForProjectOptions = {},
): Array<Promise<Result<Tracked, TrackRefusal>>> {
  const now = context.clock.now();
  const submitting = inputs.length > 1 ? { together: inputs } : {};
  return inputs.map(async (input): Promise<Result<Tracked, TrackRefusal>> => {
    const made = makeEvent(context, workspace, project, input, options, now);
    if (!made.ok) return made;
    const given = { ...submitting, tx: options.tx };
    return describe(input, await submitEvent(context, workspace, made.value, given));
  });
}

function describe(input: TrackedInput, outcome: IngestOutcome): Result<Tracked, TrackRefusal> {
  if (outcome.outcome !== 'rejected')
    return ok({ eventId: input.eventId, duplicate: outcome.outcome === 'duplicate' });
  switch (outcome.code) {
    case 'idempotency_conflict':
      return refuse('event_id_conflict', 'This event id belongs to another event');
    case 'visitor_erased':
      return refuseFields({ userId: ['is of somebody who was erased'] });
    default:
      return refuse('unstorable', outcome.message);
  }
}

/** Where the pipeline has another name for a field. */
const fieldNames = { externalId: 'userId', properties: 'metadata', name: 'eventType' } as const;

function makeEvent(
  context: Context,
  workspace: Workspace,
  project: Project,
  input: TrackedInput,
  { origin = 'library' }: TrackForProjectOptions,
  now: number,
): Result<IncomingEvent, TrackRefusal> {
  const { eventType, eventId, occurredAt, metadata, action = 'add' } = input;
  const types = typesOf(project);
  const kind = Object.hasOwn(types, eventType) ? types[eventType] : undefined;
  const userId =
    typeof input.userId === 'string'
      ? normaliseIdentifier({ kind: 'external_id', value: input.userId }, workspace.settings)
      : undefined;
  const errors: Record<string, readonly string[]> = {};
  if (kind === undefined) errors['eventType'] = [`must be ${nameTypes(project)}`];
  if (userId === undefined) errors['userId'] = ['must be the id of a user'];
  if (typeof eventId !== 'string' || eventId.trim() === '' || eventId.length > eventIdLengthMax)
    errors['eventId'] = [`must have 1 to ${eventIdLengthMax} characters`];
  if (!trackedActions.includes(action))
    errors['action'] = [`must be ${trackedActions.join(' or ')}`];
  if (occurredAt !== undefined && occurredAt.getTime() > now + futureMilliseconds)
    errors['occurredAt'] = ['must not be more than 10 minutes in the future'];
  if (kind === undefined || userId === undefined || Object.keys(errors).length > 0)
    return refuseFields(errors);

  const type = eventTypeOf(kind, action);
  const event: TrackEventInput = {
    type,
    name: eventType,
    externalId: `${project.externalIdPrefix}${userId}`,
    ...(metadata !== undefined && { properties: metadata }),
    ...(occurredAt !== undefined && { occurredAt }),
    ...(type === 'refund' && isGoal(kind) && { refundOfType: kind }),
  };
  const refusal = checkEvent(workspace, event, now);
  if (refusal !== undefined) return renameFields(refusal, fieldNames);
  const mark: TrackedMark = {
    projectId: project.id,
    type: eventType,
    action,
    scope: scopeOf(workspace, project, eventType, userId),
  };
  const incoming = toIncomingEvent(
    context,
    workspace,
    event,
    { origin, createsVisitor: true },
    now,
  );
  return ok({
    ...incoming,
    key: keyFromIdempotencyKey(
      workspace.id,
      ['tracked', project.id, eventType, action, eventId].join('\0'),
    ),
    digest: digestOf({ userId, occurredAt, metadata }),
    properties: propertiesOf(project, incoming, action),
    tracked: mark,
  });
}

/** Reports find the project beside what the product says itself; which `add` is meant, only the scope says. */
function propertiesOf(
  project: Project,
  { properties = {} }: IncomingEvent,
  action: TrackedAction,
): Readonly<Record<string, unknown>> {
  const named = Object.entries(properties).filter(([name]) => name !== reversalProperties.key);
  return {
    project: project.slug,
    ...(action === 'remove' && { action }),
    ...Object.fromEntries(named),
  };
}

/** Keyed, so that nobody finds the user without the workspace's key. */
function scopeOf(workspace: Workspace, { id }: Project, type: string, userId: string): string {
  const hex = hmac(workspace.dataKey, ['tracked', id, type, userId].join('\0')).toString('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
