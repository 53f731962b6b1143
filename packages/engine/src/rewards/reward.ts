import type { StoredEntity } from '../invitations/entity.ts';
import type { RewardSide } from './reward-rule.ts';

/**
 * `held`: it cannot be paid out yet. `available`: it can. `reversed`: all of it was taken back. `capped`: a cap of the
 * rule has left nothing of it.
 */
export const rewardStatuses = ['held', 'available', 'reversed', 'capped'] as const;
export type RewardStatus = (typeof rewardStatuses)[number];

/** What one side of a referral has earned by one thing that happened. Its money is in the ledger. */
export interface Reward {
  readonly id: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly side: RewardSide;
  readonly referralId: string;
  /** The code or the invitation that was redeemed. */
  readonly sourceId: string;
  /** What earned it: the redemption, the conversion or the event. */
  readonly triggerId: string;
  readonly triggerAt: Date;
  readonly account: StoredEntity;
  readonly unit: string;
  /** Minor units, while nothing is taken back. */
  readonly grantedMinor: bigint;
  /** What caps of the rule have cut off. */
  readonly cappedMinor: bigint;
  /** What is left of it: the sum of its entries. */
  readonly netMinor: bigint;
  readonly heldUntil: Date | null;
  readonly createdAt: Date;
}

export function rewardStatus(
  reward: Pick<Reward, 'grantedMinor' | 'netMinor' | 'heldUntil'>,
  now: number,
): RewardStatus {
  if (reward.grantedMinor === 0n) return 'capped';
  if (reward.netMinor === 0n) return 'reversed';
  return reward.heldUntil !== null && reward.heldUntil.getTime() > now ? 'held' : 'available';
}
