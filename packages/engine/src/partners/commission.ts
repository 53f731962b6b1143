import { rewardLeft } from '../rewards/reward-rule.ts';
import type { CommissionEvent, CommissionTrigger } from './partner-program.ts';
import { toTriggerEvent } from './partner-program.ts';

/**
 * `review`: something is suspicious about it, and somebody has to decide. `held`: it cannot be paid out yet. `available`:
 * it can. `rejected`: a reviewer has refused it. `reversed`: all of it was taken back. `capped`: a cap of the rule has
 * left nothing of it.
 */
export const commissionStatuses = [
  'review',
  'held',
  'available',
  'rejected',
  'reversed',
  'capped',
] as const;
export type CommissionStatus = (typeof commissionStatuses)[number];

/** What can be suspicious about a commission. */
export const suspicionKinds = [
  'self_referral',
  'paid_ad',
  'click_flood',
  'coupon_hijack',
  'ring',
] as const;
export type SuspicionKind = (typeof suspicionKinds)[number];

/** A reason to look at a commission: ids and counts, nothing that says who somebody is. */
export interface Suspicion {
  readonly kind: SuspicionKind;
  readonly evidence: Readonly<Record<string, string | number | readonly string[]>>;
}

/** What a partner has earned by one click, lead or sale. Its money is in the ledger. */
export interface Commission {
  readonly id: string;
  readonly programId: string;
  readonly programVersion: number;
  /** The rule's name in its programme. */
  readonly rule: string;
  readonly partnerId: string;
  readonly trigger: CommissionTrigger;
  /** The touch or the conversion; an id of nobody once the person was forgotten. */
  readonly triggerId: string;
  readonly triggerAt: Date;
  /** By which arrival, or coupon, the person came. */
  readonly touchId: string | null;
  readonly visitorId: string | null;
  /** ISO 4217. */
  readonly unit: string;
  /** Minor units, while nothing is taken back. */
  readonly grantedMinor: bigint;
  /** What caps of the rule have cut off. */
  readonly cappedMinor: bigint;
  /** What is left of it: the sum of its entries. */
  readonly netMinor: bigint;
  readonly heldUntil: Date | null;
  readonly flags: readonly Suspicion[];
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly note: string | null;
  readonly createdAt: Date;
}

export function commissionStatus(commission: Commission, now: number): CommissionStatus {
  if (commission.decision === 'rejected') return 'rejected';
  if (commission.grantedMinor === 0n) return 'capped';
  if (commission.netMinor === 0n) return waitsForReview(commission) ? 'review' : 'reversed';
  return isHeld(commission, now) ? 'held' : 'available';
}

/** Whether a reviewer may still find something: decided ones and those that could be paid out stay as they are. */
export function isOpen(commission: Commission, now: number): boolean {
  return commission.decision === null && (commission.netMinor === 0n || isHeld(commission, now));
}

/**
 * What a commission should be worth now. `event`: what earned it, `undefined` where it is not kept any more. `isTheirs`:
 * whether the person who did that is still the one whom the partner has brought.
 */
export function dueCommission(
  commission: Commission,
  event: CommissionEvent | undefined,
  isTheirs: boolean,
  now: number,
): bigint {
  if (commission.decision === 'rejected' || !isTheirs) return 0n;
  // Suspicion holds what is not due yet, and takes nothing that was: that is somebody's decision.
  if (waitsForReview(commission) && (commission.netMinor === 0n || isHeld(commission, now)))
    return 0n;
  // What is not kept any more took nothing back.
  if (event === undefined) return commission.netMinor;
  return rewardLeft(commission.grantedMinor, toTriggerEvent(event));
}

function waitsForReview({ flags, decision }: Commission): boolean {
  return flags.length > 0 && decision === null;
}

function isHeld({ heldUntil }: Commission, now: number): boolean {
  return heldUntil !== null && heldUntil.getTime() > now;
}
