import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import { recordWithRows } from '../ingest/record-with-rows.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { toIncomingEvent } from '../ingest/track-event.ts';
import { given } from '../kernel/given.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import { invitationNotFound } from './change-invitation.ts';
import { plainJson } from './create-invitation.ts';
import { readEntity, visitorType } from './entity.ts';
import type { Entity, EntityInput } from './entity.ts';
import { refusePerson } from './person-refusal-store.ts';
import type { PersonRefusal } from './person-refusal-store.ts';
import { hashEntity } from './hash-entity.ts';
import { sourceOfInvitation } from './invitation-source.ts';
import { findInvitation } from './invitation-store.ts';
import type { InvitationRow } from './invitation-store.ts';
import { attributesProblem, invitationState } from './invitation.ts';
import type { UsageAction } from './invitation-options.ts';
import { actionsOf, personOf, refuseAction, refuseEntityType } from './usage-rules.ts';
import { findUsage, insertUsage } from './usage-store.ts';
import type { UsageRow } from './usage-store.ts';
import type { Usage } from './usage.ts';
import { findByToken, refuseState } from './validate-invitation.ts';
import type { InvitationUnusable } from './validate-invitation.ts';

/** What a request says of who came: `hw.tracking.read(request).signals` has it. */
export type UsageSignals = Pick<
  TrackEventInput,
  | 'visitorId'
  | 'anonymousId'
  | 'clickId'
  | 'identifiers'
  | 'url'
  | 'referrer'
  | 'signals'
  | 'userAgent'
>;

/** Only them, of an input that has more. */
export function signalsOf(input: UsageSignals): UsageSignals {
  const { visitorId, anonymousId, clickId, identifiers, url, referrer, signals, userAgent } = input;
  return given({ visitorId, anonymousId, clickId, identifiers, url, referrer, signals, userAgent });
}

export interface TrackUsageInput extends UsageSignals {
  readonly entity: EntityInput;
  readonly action: string;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Of a token that was created as signed. */
  readonly signature?: string | undefined;
  /** @default now */
  readonly occurredAt?: Date | undefined;
}

/** The action counts once for each entity, and this one was there before. */
export type DuplicateUsage = Refusal & {
  readonly code: 'duplicate_usage';
  readonly existing: Usage;
};

export type TrackUsageRefusal =
  | InvitationNotFound
  | InvitationUnusable
  | DuplicateUsage
  | EventRefusal
  | PersonRefusal
  | (Refusal & { readonly code: 'invalid_entity_type' | 'invalid_action' });

/**
 * Notes what an entity did with an invitation. A token has to be good, but for its seats; an invitation that the caller
 * has in hand (an object with its id) also counts after its end. Of people it is an event too: on the timeline, a touch
 * where the action brings somebody, a conversion where it is a registration.
 */
export async function trackUsage(
  context: Context,
  workspace: Workspace,
  tokenOrInvitation: string | { readonly id: string },
  input: TrackUsageInput,
  options?: WriteOptions,
): Promise<Result<Usage, TrackUsageRefusal>> {
  const blank = refuseBlank(tokenOrInvitation, input);
  if (blank !== undefined) return blank;
  const read = readUsage(context, workspace, input);
  if (!read.ok) return read;
  const invitation = await findUsed(context, workspace, tokenOrInvitation, input.signature);
  if (!invitation.ok) return invitation;
  const usage = toUsageRow(context, workspace, invitation.value, read.value);
  return recordWithRows(
    context,
    workspace,
    options,
    async (tx, record): Promise<Result<Usage, TrackUsageRefusal>> => {
      const refusal = await refusePerson(tx, workspace, read.value.entity);
      if (refusal !== undefined) return refusal;
      if (!(await insertUsage(tx, usage))) return duplicate(tx, workspace, usage);
      const event = eventOf(context, workspace, invitation.value, usage, read.value);
      if (event !== undefined) await record(event);
      return ok(shown(usage));
    },
  );
}

/** Everything that is missing at once, for callers without types. */
function refuseBlank(
  named: unknown,
  { entity, action }: TrackUsageInput,
): ValidationRefusal | undefined {
  const isBlank = (value: unknown): boolean => value === undefined || value === null;
  const fields = [
    ...(isBlank(named) ? ['invitation'] : []),
    ...(isBlank(entity) ? ['entity.type', 'entity.id'] : []),
    ...(isBlank(action) ? ['action'] : []),
  ];
  if (fields.length === 0) return undefined;
  return refuseFields(Object.fromEntries(fields.map((field) => [field, ["can't be blank"]])));
}

/** Input of a usage that has been checked. */
export interface CheckedUsage extends UsageSignals {
  readonly entity: Entity;
  readonly action: string;
  readonly rules: UsageAction;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurredAt: Date;
}

function readUsage(
  context: Context,
  workspace: Workspace,
  input: TrackUsageInput,
): Result<CheckedUsage, TrackUsageRefusal> {
  const { action, metadata = {} } = input;
  const entity = readEntity(input.entity);
  if ('problem' in entity) return refuseField('entity', entity.problem);
  if (entity.entity.type === visitorType && !isUuid(entity.entity.id))
    return refuseField('entity', 'of type visitor must have the id of a visitor');
  const refusal =
    refuseEntityType(context, workspace, entity.entity.type) ??
    refuseAction(context, workspace, action) ??
    refuseMetadata(metadata);
  if (refusal !== undefined) return refusal;
  const now = context.clock.now();
  const { occurredAt = new Date(now) } = input;
  const signals = signalsOf(input);
  const rules = actionsOf(context, workspace)[action]!;
  const person = personOf(entity.entity);
  const invalid = checkEvent(
    workspace,
    { type: 'invitation', occurredAt, ...signals, ...person },
    now,
  );
  if (invalid !== undefined) return invalid;
  return ok({
    ...signals,
    entity: entity.entity,
    action,
    rules,
    metadata: plainJson(metadata),
    occurredAt,
  });
}

export function refuseMetadata(metadata: unknown): ValidationRefusal | undefined {
  const problem = attributesProblem(metadata);
  return problem === undefined ? undefined : refuseField('metadata', problem);
}

async function findUsed(
  context: Context,
  workspace: Workspace,
  named: string | { readonly id: string },
  signature: string | undefined,
): Promise<Result<InvitationRow, InvitationNotFound | InvitationUnusable>> {
  if (typeof named !== 'string') {
    const row = isUuid(named.id)
      ? await findInvitation(context.database.db, workspace.id, named.id)
      : undefined;
    return row === undefined || row.archivedAt !== null ? invitationNotFound() : ok(row);
  }
  const found = await findByToken(context, workspace, { token: named, signature });
  if (!found.ok) return found;
  const state = invitationState(found.value, context.clock.now());
  // Whoever has a seat goes on to register and activate when all are taken.
  return (state === 'exhausted' ? undefined : refuseState(state)) ?? found;
}

export function toUsageRow(
  context: Context,
  workspace: Workspace,
  invitation: Pick<InvitationRow, 'id'>,
  checked: Pick<CheckedUsage, 'entity' | 'action' | 'rules' | 'metadata' | 'occurredAt'>,
): UsageRow {
  return {
    workspaceId: workspace.id,
    id: context.createId(context.clock.now()),
    invitationId: invitation.id,
    entity: checked.entity,
    entityKey: hashEntity(workspace, checked.entity),
    action: checked.action,
    once: checked.rules.repeatable !== true,
    metadata: checked.metadata,
    occurredAt: checked.occurredAt,
  };
}

async function duplicate(
  tx: Parameters<typeof findUsage>[0],
  workspace: Workspace,
  usage: UsageRow,
): Promise<DuplicateUsage> {
  const existing = await findUsage(tx, workspace.id, usage.invitationId, {
    entityType: usage.entity.type,
    entityKey: usage.entityKey,
    action: usage.action,
  });
  return {
    ...refuse('duplicate_usage', 'This entity has done this with the invitation before'),
    existing: existing ?? shown(usage),
  };
}

/** What the usage is in the visitor graph; `undefined` where nobody is named. */
export function eventOf(
  context: Context,
  workspace: Workspace,
  invitation: InvitationRow,
  usage: UsageRow,
  { entity, rules, metadata, occurredAt, action, ...rest }: CheckedUsage,
) {
  const person = personOf(entity);
  if (person === undefined && rest.visitorId === undefined && rest.anonymousId === undefined)
    return undefined;
  const isRegistration = rules.event === 'registration';
  return toIncomingEvent(
    context,
    workspace,
    {
      ...rest,
      ...person,
      type: isRegistration ? 'registration' : 'invitation',
      name: action,
      occurredAt,
      eventId: usage.id,
      properties: {
        ...metadata,
        invitation_id: invitation.id,
        entity_type: entity.type,
      },
    },
    {
      createsVisitor: true,
      ...(rules.arrives === true && !isRegistration && { source: sourceOfInvitation(invitation) }),
    },
    context.clock.now(),
  );
}

function shown({
  workspaceId: _workspace,
  entityKey: _key,
  once: _once,
  ...usage
}: UsageRow): Usage {
  return usage;
}
