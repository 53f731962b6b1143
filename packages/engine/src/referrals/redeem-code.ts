import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import { recordWithRows } from '../ingest/record-with-rows.ts';
import { toIncomingEvent } from '../ingest/track-event.ts';
import { plainJson } from '../invitations/create-invitation.ts';
import { accountOf, readEntity, userType, visitorType } from '../invitations/entity.ts';
import type { Entity, EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import { refuseMetadata, signalsOf } from '../invitations/track-usage.ts';
import type { UsageSignals } from '../invitations/track-usage.ts';
import { personOf } from '../invitations/usage-rules.ts';
import { given } from '../kernel/given.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { Redemption } from '../redemptions/redemption.ts';
import { releaseSeat } from '../redemptions/release-seat.ts';
import { takeSeat } from '../redemptions/take-seat.ts';
import type { SeatRefusal, TakenSeat } from '../redemptions/take-seat.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { codeNotFound } from './change-code.ts';
import type { CodeNotFound } from './change-code.ts';
import { findCode, returnCodeSeat, takeCodeSeat } from './code-store.ts';
import type { CodeRow } from './code-store.ts';
import { findLiveCode } from './get-code.ts';
import { sourceOfCode } from './code-source.ts';
import { codeState } from './referral-code.ts';
import type { CodeState } from './referral-code.ts';
import { referralSettings } from './referral-settings.ts';

export interface RedeemCodeInput extends UsageSignals {
  /** Who redeems. */
  readonly entity: EntityInput;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Of this attempt: the same again answers the same redemption. */
  readonly idempotencyKey?: string | undefined;
  /** The address of who asks: codes that are none are counted by its network, and always by the entity. */
  readonly address?: string | undefined;
}

/** The precise reason. It is for the host: the public is told {@link publicCodeMessage}, whatever it is. */
export type CodeUnusable = Refusal & {
  readonly code: 'code_inactive' | 'code_expired' | 'code_exhausted' | 'referrals_disabled';
};

export type RedeemCodeRefusal =
  | RateLimitedRefusal
  | CodeNotFound
  | CodeUnusable
  | SeatRefusal
  | EventRefusal
  | PersonRefusal;

/** What somebody who tries codes may be told, whatever the reason: it does not say which codes there are. */
export const publicCodeMessage = 'This referral code cannot be used';

/**
 * Redeems a code, in the host's transaction where there is one. Whoever has redeemed it before is told so, also when it
 * is used up by now.
 */
export async function redeemCode(
  context: Context,
  workspace: Workspace,
  codeOrId: string | { readonly id: string },
  input: RedeemCodeInput,
  options?: WriteOptions,
): Promise<Result<TakenSeat, RedeemCodeRefusal>> {
  const settings = referralSettings(workspace);
  if (!settings.enabled) return refuse('referrals_disabled', 'Referral codes are switched off');
  const entity = readInput(context, workspace, input);
  if (!entity.ok) return entity;
  const guesser = { address: input.address, account: accountOf(entity.value) };
  const counted = await countGuess(context.limiter, workspace.id, guesser, options);
  if (!counted.ok) return counted;
  const code = await findLiveCode(context, workspace, codeOrId);
  if (code === undefined) return codeNotFound();
  // Whoever has a code that is one does not guess.
  counted.giveBack();
  const request = {
    of: { codeId: code.id },
    taker: { entity: entity.value, key: hashEntity(workspace, entity.value) },
    referrer: referrerOfCode(code),
    isOwn: isMadeBy(code, entity.value.type, hashEntity(workspace, entity.value)),
    selfReferral: settings.selfReferral,
    idempotencyKey: input.idempotencyKey,
    metadata: plainJson(input.metadata ?? {}),
  };
  return recordWithRows(
    context,
    workspace,
    options,
    async (tx, record): Promise<Result<TakenSeat, RedeemCodeRefusal>> => {
      const forgotten = await refuseForgotten(tx, workspace, entity.value);
      if (forgotten !== undefined) return forgotten;
      const taken = await takeSeat(context, tx, workspace, request, (now) =>
        claim(tx, workspace, code, now),
      );
      if (!taken.ok || taken.value.repeated) return taken;
      const event = eventOf(context, workspace, code, entity.value, taken.value.redemption, input);
      if (event !== undefined) await record(event);
      return taken;
    },
  );
}

/** Gives a use of a code back. The redemption stays, and counts in the total. */
export function reverseRedemption(
  context: Context,
  workspace: Workspace,
  redemptionId: string,
  options?: WriteOptions,
) {
  return releaseSeat(
    context,
    workspace,
    redemptionId,
    (redemption) => redemption.codeId !== null,
    (tx, redemption, now) => returnCodeSeat(tx, workspace.id, redemption.codeId ?? '', now),
    options,
  );
}

/** Why a code lets nobody in. */
function refuseCodeState(state: CodeState): CodeUnusable | undefined {
  switch (state) {
    case 'inactive':
      return refuse('code_inactive', 'The referral code is not active');
    case 'expired':
      return refuse('code_expired', 'The referral code has expired');
    case 'exhausted':
      return refuse('code_exhausted', 'The referral code has been used up');
    case 'valid':
      return undefined;
    default:
      return state satisfies never;
  }
}

async function claim(
  tx: Tx,
  workspace: Workspace,
  code: CodeRow,
  now: Date,
): Promise<CodeNotFound | CodeUnusable | undefined> {
  if (await takeCodeSeat(tx, workspace.id, code.id, now)) return undefined;
  const current = await findCode(tx, workspace.id, code.id);
  if (current === undefined || current.archivedAt !== null) return codeNotFound();
  // A use that came free since is for the next attempt.
  return refuseCodeState(codeState(current, now.getTime())) ?? refuseCodeState('exhausted');
}

function readInput(
  context: Context,
  workspace: Workspace,
  input: RedeemCodeInput,
): Result<Entity, RedeemCodeRefusal> {
  const read = readEntity(input.entity);
  if ('problem' in read) return refuseField('entity', read.problem);
  const { entity } = read;
  if (entity.type === visitorType && !isUuid(entity.id))
    return refuseField('entity', 'of type visitor must have the id of a visitor');
  const { metadata, idempotencyKey } = input;
  const event = {
    ...signalsOf(input),
    ...personOf(entity),
    ...given({ idempotencyKey }),
    type: 'redemption',
  } as const;
  const refusal =
    (metadata === undefined ? undefined : refuseMetadata(metadata)) ??
    checkEvent(workspace, event, context.clock.now());
  return refusal ?? ok(entity);
}

/** Whoever redeems a code was referred by its beneficiary. */
export function referrerOfCode({ beneficiaryId, beneficiaryKey }: CodeRow) {
  return beneficiaryKey === null
    ? undefined
    : { entity: { type: userType, id: beneficiaryId ?? undefined }, key: beneficiaryKey };
}

/** By its key: who made it may have been forgotten since. */
function isMadeBy({ creatorKey }: CodeRow, type: string, key: Buffer): boolean {
  return creatorKey !== null && type === userType && Buffer.compare(creatorKey, key) === 0;
}

function eventOf(
  context: Context,
  workspace: Workspace,
  code: CodeRow,
  entity: Entity,
  redemption: Redemption,
  input: RedeemCodeInput,
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
      name: 'referral_code',
      eventId: redemption.id,
      properties: { ...redemption.metadata, code_id: code.id, code: code.code },
    },
    { createsVisitor: true, source: sourceOfCode(code) },
    context.clock.now(),
  );
}
