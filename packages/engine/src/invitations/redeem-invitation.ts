import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import { recordWithRows } from '../ingest/record-with-rows.ts';
import { toIncomingEvent } from '../ingest/track-event.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { given } from '../kernel/given.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { Redemption } from '../redemptions/redemption.ts';
import { releaseSeat } from '../redemptions/release-seat.ts';
import { takeSeat } from '../redemptions/take-seat.ts';
import type { SeatRefusal, TakenSeat } from '../redemptions/take-seat.ts';
import type { Db, WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { invitationNotFound } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import { plainJson } from './create-invitation.ts';
import { accountOf, readEntity, visitorType } from './entity.ts';
import type { Entity, EntityInput } from './entity.ts';
import { hashEmail, hashEntity } from './hash-entity.ts';
import { sourceOfInvitation } from './invitation-source.ts';
import {
  findEmails,
  findInvitation,
  returnInvitationSeat,
  takeInvitationSeat,
} from './invitation-store.ts';
import type { InvitationRow } from './invitation-store.ts';
import { invitationState, isOfDomain } from './invitation.ts';
import { refusePerson } from './person-refusal-store.ts';
import type { PersonRefusal } from './person-refusal-store.ts';
import { eventOf, refuseMetadata, signalsOf, toUsageRow } from './track-usage.ts';
import type { UsageSignals } from './track-usage.ts';
import { actionsOf, personOf, refuseAction, refuseEntityType } from './usage-rules.ts';
import { insertUsage } from './usage-store.ts';
import { findByToken, refuseState } from './validate-invitation.ts';
import type { InvitationUnusable } from './validate-invitation.ts';

export interface RedeemInvitationInput extends UsageSignals {
  /** Who is let in. */
  readonly entity: EntityInput;
  /** Of a token that was created as signed. */
  readonly signature?: string | undefined;
  /** The address of who is let in; needed where the invitation is bound to some. */
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  /** A usage that is noted with it, where that is not there yet: `registered`. */
  readonly action?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Of this attempt: the same again answers the same redemption. */
  readonly idempotencyKey?: string | undefined;
  /** The address of who asks: tries that fail are counted by its network, and always by the entity. */
  readonly address?: string | undefined;
}

export type RedeemInvitationRefusal =
  | RateLimitedRefusal
  | InvitationNotFound
  | InvitationUnusable
  | SeatRefusal
  | EventRefusal
  | PersonRefusal
  | (Refusal & {
      readonly code:
        | 'email_mismatch'
        | 'email_unverified'
        | 'invalid_entity_type'
        | 'invalid_action';
    });

/**
 * Takes a seat of an invitation: the atomic step of a sign-up. In the host's transaction it commits with the new user
 * or not at all.
 *
 * @example
 * await hw.invitations.redeem(token, { entity: ['user', user.id], action: 'registered' }, { tx });
 */
export async function redeemInvitation(
  context: Context,
  workspace: Workspace,
  tokenOrInvitation: string | { readonly id: string },
  input: RedeemInvitationInput,
  options?: WriteOptions,
): Promise<Result<TakenSeat, RedeemInvitationRefusal>> {
  const entity = readInput(context, workspace, input);
  if (!entity.ok) return entity;
  const guesser = { address: input.address, account: accountOf(entity.value) };
  const counted = await countGuess(context.limiter, workspace.id, guesser, options);
  if (!counted.ok) return counted;
  const found = await findRedeemed(context, workspace, tokenOrInvitation, input.signature);
  if (!found.ok) return found;
  // Whoever has a token that is one does not guess.
  counted.giveBack();
  const invitation = found.value;
  const bound = await refuseEmail(context.database.db, workspace, invitation, input);
  const taker = { entity: entity.value, key: hashEntity(workspace, entity.value) };
  const request = {
    of: { invitationId: invitation.id },
    taker,
    referrer:
      invitation.owner === null || invitation.ownerKey === null
        ? undefined
        : { entity: invitation.owner, key: invitation.ownerKey },
    selfReferral: 'refuse',
    idempotencyKey: input.idempotencyKey,
    metadata: plainJson(input.metadata ?? {}),
  } as const;
  return recordWithRows(
    context,
    workspace,
    options,
    async (tx, record): Promise<Result<TakenSeat, RedeemInvitationRefusal>> => {
      const person = await refusePerson(tx, workspace, entity.value);
      if (person !== undefined) return person;
      const taken = await takeSeat(context, tx, workspace, request, async (now) => {
        if (bound !== undefined) return bound;
        if ((await takeInvitationSeat(tx, workspace.id, invitation.id, now)) !== undefined)
          return undefined;
        const current = await findInvitation(tx, workspace.id, invitation.id);
        const state = current === undefined ? 'archived' : invitationState(current, now.getTime());
        // A seat that came free since is for the next attempt.
        return refuseState(state) ?? refuseState('exhausted');
      });
      if (!taken.ok || taken.value.repeated) return taken;
      const { redemption } = taken.value;
      const event = redemptionEvent(
        context,
        workspace,
        invitation,
        redemption,
        input,
        taker.entity,
      );
      if (event !== undefined) await record(event);
      if (input.action === undefined) return taken;
      const checked = {
        ...signalsOf(input),
        entity: taker.entity,
        action: input.action,
        rules: actionsOf(context, workspace)[input.action]!,
        metadata: redemption.metadata,
        occurredAt: redemption.redeemedAt,
      };
      const usage = toUsageRow(context, workspace, invitation, checked);
      if (!(await insertUsage(tx, usage))) return taken;
      const used = eventOf(context, workspace, invitation, usage, checked);
      if (used !== undefined) await record(used);
      return taken;
    },
  );
}

/** What the redemption is in the visitor graph; `undefined` where nobody is named. */
function redemptionEvent(
  context: Context,
  workspace: Workspace,
  invitation: InvitationRow,
  redemption: Redemption,
  input: RedeemInvitationInput,
  entity: Entity,
) {
  const signals = signalsOf(input);
  const person = personOf(entity);
  if (person === undefined && signals.anonymousId === undefined && signals.visitorId === undefined)
    return undefined;
  return toIncomingEvent(
    context,
    workspace,
    {
      ...signals,
      ...person,
      type: 'redemption',
      name: 'invitation',
      eventId: redemption.id,
      properties: { ...redemption.metadata, invitation_id: invitation.id },
    },
    { createsVisitor: true, source: sourceOfInvitation(invitation) },
    context.clock.now(),
  );
}

/** Gives a seat of an invitation back: the sign-up that took it has failed. */
export function releaseInvitation(
  context: Context,
  workspace: Workspace,
  redemptionId: string,
  options?: WriteOptions,
) {
  return releaseSeat(
    context,
    workspace,
    redemptionId,
    (redemption) => redemption.invitationId !== null,
    (tx, redemption, now) =>
      returnInvitationSeat(tx, workspace.id, redemption.invitationId ?? '', now),
    options,
  );
}

function readInput(
  context: Context,
  workspace: Workspace,
  input: RedeemInvitationInput,
): Result<Entity, RedeemInvitationRefusal> {
  const read = readEntity(input.entity);
  if ('problem' in read) return refuseField('entity', read.problem);
  const { entity } = read;
  if (entity.type === visitorType && !isUuid(entity.id))
    return refuseField('entity', 'of type visitor must have the id of a visitor');
  const { action, metadata, email, idempotencyKey } = input;
  const event = {
    ...signalsOf(input),
    ...personOf(entity),
    ...given({ email, idempotencyKey }),
    type: 'redemption',
  } as const;
  const refusal =
    refuseEntityType(context, workspace, entity.type) ??
    (action === undefined ? undefined : refuseAction(context, workspace, action)) ??
    (metadata === undefined ? undefined : refuseMetadata(metadata)) ??
    checkEvent(workspace, event, context.clock.now());
  return refusal ?? ok(entity);
}

async function findRedeemed(
  context: Context,
  workspace: Workspace,
  named: string | { readonly id: string },
  signature: string | undefined,
): Promise<Result<InvitationRow, InvitationNotFound | InvitationUnusable>> {
  if (typeof named === 'string')
    return findByToken(context, workspace, { token: named, signature });
  const row = isUuid(named.id)
    ? await findInvitation(context.database.db, workspace.id, named.id)
    : undefined;
  return row === undefined || row.archivedAt !== null ? invitationNotFound() : ok(row);
}

/** Whether the invitation is for somebody else. */
async function refuseEmail(
  db: Db,
  workspace: Workspace,
  invitation: InvitationRow,
  { email, emailVerified }: RedeemInvitationInput,
) {
  const emails = await findEmails(db, workspace.id, [invitation.id]);
  if (emails.length > 0 || invitation.emailDomains.length > 0) {
    const hash = email === undefined ? undefined : hashEmail(workspace, email);
    const isNamed =
      hash !== undefined && emails.some(({ valueHash }) => Buffer.compare(valueHash, hash) === 0);
    const isOfHost = email !== undefined && isOfDomain(email, invitation.emailDomains);
    if (!isNamed && !isOfHost)
      return refuse('email_mismatch', 'The invitation is for another address');
  }
  return invitation.verifiedEmail && emailVerified !== true
    ? refuse('email_unverified', 'The invitation needs a verified address')
    : undefined;
}
