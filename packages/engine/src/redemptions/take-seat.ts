import type { Context } from '../context.ts';
import { noteAdmission } from '../gate/admit-entity.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Tx } from '../store/database.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Telling } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { KeyedEntity, Redeemable, Redemption, SelfReferralRule } from './redemption.ts';
import {
  deleteRedemption,
  findActiveRedemption,
  findRedemptionByAttempt,
  insertRedemption,
  showRedemption,
} from './redemption-store.ts';
import type { RedemptionRow } from './redemption-store.ts';
import { insertReferral } from './referral-store.ts';

export interface SeatRequest {
  readonly of: Redeemable;
  readonly taker: KeyedEntity;
  /** Who refers the taker, where somebody does. */
  readonly referrer: KeyedEntity | undefined;
  /** Whether the taker has made what is redeemed: that is a self-referral too. */
  readonly isOwn?: boolean;
  readonly selfReferral: SelfReferralRule;
  /** The caller's own key of this attempt. */
  readonly idempotencyKey: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface TakenSeat {
  readonly redemption: Redemption;
  /** It was there before, under the same key: nothing was counted. */
  readonly repeated: boolean;
}

/** The entity has one; it is here with the refusal. Wins over every other reason but a wrong key. */
export type AlreadyRedeemed = Refusal & {
  readonly code: 'already_redeemed';
  readonly redemption: Redemption;
};

export type SeatRefusal =
  | AlreadyRedeemed
  | (Refusal & { readonly code: 'self_referral' | 'idempotency_conflict' });

const attemptsMax = 5;

/**
 * Takes a seat in the caller's transaction. The redemption is inserted first, so that a repeat is recognised before the
 * limit is looked at; `claim` then counts the seat, and answers a refusal where there is none, which takes the row back.
 */
export async function takeSeat<R extends Refusal>(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  request: SeatRequest,
  claim: (now: Date) => Promise<R | undefined>,
): Promise<Result<TakenSeat, SeatRefusal | R>> {
  const now = new Date(context.clock.now());
  const refersItself =
    request.isOwn === true ||
    (request.referrer !== undefined && isSame(request.referrer, request.taker));
  const row: RedemptionRow = {
    workspaceId: workspace.id,
    id: context.createId(now.getTime()),
    invitationId: 'invitationId' in request.of ? request.of.invitationId : null,
    codeId: 'codeId' in request.of ? request.of.codeId : null,
    entity: request.taker.entity,
    entityKey: request.taker.key,
    status: 'active',
    selfReferral: refersItself,
    attemptKey: request.idempotencyKey ?? null,
    metadata: request.metadata,
    redeemedAt: now,
    reversedAt: null,
  };
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const earlier = await findEarlier(tx, workspace, request, row);
    if (earlier !== undefined) return earlier;
    if (refersItself && request.selfReferral === 'refuse')
      return refuse('self_referral', 'Nobody can be referred by themselves');
    // Waits for whoever is redeeming the same for the same entity.
    if (!(await insertRedemption(tx, row))) continue;
    const refusal = await claim(now);
    if (refusal !== undefined) {
      await deleteRedemption(tx, workspace.id, row.id);
      return refusal;
    }
    await admit(context, tx, workspace, request);
    if (request.referrer !== undefined && !refersItself)
      await refer(context, tx, workspace, { ...request, referrer: request.referrer }, row);
    return ok({ redemption: showRedemption(row), repeated: false });
  }
  throw new Error('A redemption conflicts with one that is never there.');
}

async function refer(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  { referrer, taker }: SeatRequest & { readonly referrer: KeyedEntity },
  { id: redemptionId, redeemedAt: createdAt }: RedemptionRow,
): Promise<void> {
  const id = context.createId(createdAt.getTime());
  const referral = { id, redemptionId, referrer, referee: taker, createdAt };
  if (await insertReferral(tx, workspace.id, referral))
    await tellOfSubject(context, tx, workspace.id, { type: 'referral.created', id });
}

/** Whoever has redeemed may come in, also where that is asked for later only. */
async function admit(
  context: Pick<Context, 'clock'>,
  tx: Tx,
  workspace: Workspace,
  { taker, of }: SeatRequest,
): Promise<void> {
  const { type, id } = taker.entity;
  if (id === undefined) return;
  const via = 'codeId' in of ? 'code' : 'invitation';
  await noteAdmission(context, tx, workspace, { type, id }, via);
}

async function findEarlier(
  tx: Tx,
  workspace: Workspace,
  request: SeatRequest,
  row: RedemptionRow,
): Promise<Result<TakenSeat, SeatRefusal> | undefined> {
  const { idempotencyKey, taker } = request;
  const attempted =
    idempotencyKey === undefined
      ? undefined
      : await findRedemptionByAttempt(tx, workspace.id, idempotencyKey);
  if (attempted !== undefined) {
    const isRepeat =
      attempted.codeId === row.codeId &&
      attempted.invitationId === row.invitationId &&
      isSame({ entity: attempted.entity, key: attempted.entityKey }, taker);
    return isRepeat
      ? ok({ redemption: showRedemption(attempted), repeated: true })
      : refuse('idempotency_conflict', 'The idempotency key was used for another redemption');
  }
  const active = await findActiveRedemption(tx, workspace.id, request.of, {
    type: taker.entity.type,
    key: taker.key,
  });
  return (
    active && {
      ...refuse('already_redeemed', 'This has been redeemed by the same entity before'),
      redemption: showRedemption(active),
    }
  );
}

function isSame(one: KeyedEntity, other: KeyedEntity): boolean {
  return one.entity.type === other.entity.type && Buffer.compare(one.key, other.key) === 0;
}
