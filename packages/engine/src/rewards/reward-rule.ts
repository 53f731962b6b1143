import { day } from '../kernel/clock.ts';

/** What earns a reward. `payment` is a sale, `activation` an event of a name that the rule says. */
export const rewardTriggers = ['redemption', 'registration', 'activation', 'payment'] as const;
export type RewardTrigger = (typeof rewardTriggers)[number];

/** Who earns it: who referred, or who came. */
export const rewardSides = ['referrer', 'referee'] as const;
export type RewardSide = (typeof rewardSides)[number];

/** The most that is given; what was taken back makes room again. */
export interface RewardCap {
  readonly rewards?: number | undefined;
  /** Minor units; each unit is counted by itself. */
  readonly amountMinor?: bigint | undefined;
}

export interface RewardCaps {
  readonly perAccount?: RewardCap | undefined;
  /** For each code, or invitation. */
  readonly perCode?: RewardCap | undefined;
  readonly total?: RewardCap | undefined;
}

/** What one side gets: a fixed amount of a unit, or a share of the payment in its currency. */
export type RewardTerms = (
  | { readonly amountMinor: bigint; readonly unit: string }
  | {
      /** Greater than 0 and at most 100, with two decimals. */
      readonly percent: number;
      /** The most for one payment, in minor units of its currency. */
      readonly amountMaxMinor?: bigint | undefined;
    }
) & { readonly caps?: RewardCaps | undefined };

/** One version of a rule. What happened under it stays with it. */
export interface RewardRule {
  readonly id: string;
  /** From 1 on. */
  readonly version: number;
  readonly name: string;
  readonly active: boolean;
  readonly trigger: RewardTrigger;
  readonly referrer: RewardTerms | null;
  readonly referee: RewardTerms | null;
  /** For so long after what earned it the reward cannot be paid out. */
  readonly holdDays: number;
  /** How many of one referral are rewarded; `null`: every one. */
  readonly timesMax: number | null;
  /** Only what happens so soon after the referral; `null`: whenever. */
  readonly withinDays: number | null;
  /** The name of the event that is the activation. */
  readonly activation: string;
  /** Only referrals by these codes; `null`: by whichever. */
  readonly codeIds: readonly string[] | null;
  /** Only referrals by codes, or by invitations; `null`: by both. */
  readonly via: 'code' | 'invitation' | null;
  /** When the first version was made. */
  readonly createdAt: Date;
  /** From when on this version counts, until the next one does. */
  readonly effectiveFrom: Date;
  readonly archivedAt: Date | null;
}

/** What a rule looks at of a referral. Times in milliseconds. */
export interface RuledReferral {
  readonly createdAt: number;
  readonly codeId: string | null;
}

/** Something that may earn a reward. */
export interface TriggerEvent {
  readonly id: string;
  readonly trigger: RewardTrigger;
  /** In milliseconds. */
  readonly occurredAt: number;
  /** Of an activation. */
  readonly name?: string | undefined;
  /** Minor units that were paid; `undefined` where nothing was said of it. */
  readonly amountMinor?: bigint | undefined;
  readonly currency?: string | undefined;
  /** What refunds leave of the amount. */
  readonly netMinor?: bigint | undefined;
  /** It never happened. */
  readonly removed: boolean;
}

/** Sign-ups often note the registration first and redeem the code right after. */
const registrationGrace = day;

/** The version of a rule that counted then; `undefined` before there was one. `versions` are in their order. */
export function versionAt(versions: readonly RewardRule[], at: number): RewardRule | undefined {
  return versions.findLast(({ effectiveFrom }) => effectiveFrom.getTime() <= at);
}

/** Whether a rule rewards this of a referral, whoever else it has rewarded. */
export function rewards(rule: RewardRule, referral: RuledReferral, event: TriggerEvent): boolean {
  if (!rule.active || rule.archivedAt !== null || event.trigger !== rule.trigger) return false;
  if (rule.trigger === 'activation' && event.name !== rule.activation) return false;
  if (rule.codeIds !== null && !rule.codeIds.includes(referral.codeId ?? '')) return false;
  if (rule.via !== null && rule.via !== (referral.codeId === null ? 'invitation' : 'code'))
    return false;
  const grace = rule.trigger === 'registration' ? registrationGrace : 0;
  const since = event.occurredAt - referral.createdAt;
  return since >= -grace && (rule.withinDays === null || since <= rule.withinDays * day);
}

/** What is earned while nothing is taken back; `undefined` where the terms say nothing of it. */
export function fullReward(
  terms: RewardTerms,
  event: TriggerEvent,
): { readonly amountMinor: bigint; readonly unit: string } | undefined {
  if (event.trigger === 'payment' && event.amountMinor === 0n) return undefined;
  if ('unit' in terms) return { amountMinor: terms.amountMinor, unit: terms.unit };
  const { amountMinor: paid, currency } = event;
  if (paid === undefined || currency === undefined) return undefined;
  // Fractions of a minor unit are nobody's.
  const share = (paid * BigInt(Math.round(terms.percent * 100))) / 10_000n;
  const most = terms.amountMaxMinor;
  return { amountMinor: most !== undefined && share > most ? most : share, unit: currency };
}

/** What is left of a reward, in proportion to what refunds leave of the payment; rounded down. */
export function rewardLeft(grantedMinor: bigint, event: TriggerEvent): bigint {
  if (event.removed) return 0n;
  const { amountMinor: paid, netMinor: net } = event;
  if (paid === undefined || net === undefined || paid <= 0n || net >= paid) return grantedMinor;
  return net <= 0n ? 0n : (grantedMinor * net) / paid;
}

/** What caps leave of an amount, by what was given before. */
export function withinCap(
  amountMinor: bigint,
  cap: RewardCap | undefined,
  given: { readonly rewards: number; readonly amountMinor: bigint },
): bigint {
  if (cap === undefined) return amountMinor;
  if (cap.rewards !== undefined && given.rewards >= cap.rewards) return 0n;
  if (cap.amountMinor === undefined) return amountMinor;
  const room = cap.amountMinor - given.amountMinor;
  if (room <= 0n) return 0n;
  return room < amountMinor ? room : amountMinor;
}
