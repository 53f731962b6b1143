import { day } from '../kernel/clock.ts';
import { fullReward } from '../rewards/reward-rule.ts';
import type { TriggerEvent } from '../rewards/reward-rule.ts';

/** What earns a commission. A `lead` is a lead or a registration. */
export const commissionTriggers = ['click', 'lead', 'sale'] as const;
export type CommissionTrigger = (typeof commissionTriggers)[number];

/** The most that is given of a rule; what was taken back makes room again. */
export interface CommissionCap {
  readonly commissions?: number | undefined;
  /** Minor units; each currency is counted by itself. */
  readonly amountMinor?: bigint | undefined;
}

/** What a commission comes to: a fixed amount, or a share of the sale in its currency. */
export type CommissionTerms =
  | { readonly amountMinor: bigint; readonly unit: string }
  | {
      /** Greater than 0 and at most 100, with two decimals. */
      readonly percent: number;
      /** The most for one sale, in minor units of its currency. */
      readonly amountMaxMinor?: bigint | undefined;
    };

/** One rule of a programme. */
export interface CommissionRule {
  /** Its name within the programme; a next version that keeps it goes on counting. */
  readonly name: string;
  readonly trigger: CommissionTrigger;
  readonly terms: CommissionTerms;
  /** Only for this group of partners; `null`: for everybody. */
  readonly group: string | null;
  /** Only for this partner; `null`: for everybody. */
  readonly partnerId: string | null;
  /** How often one person earns by it; `null`: every time. */
  readonly timesMax: number | null;
  /** For how many months after the first time; `null`: for ever. */
  readonly months: number | null;
  /** Only for sales of at least this, in minor units of whatever currency; `null`: for all. */
  readonly saleMinMinor: bigint | null;
  /** Only for sales in these; `null`: in all. */
  readonly currencies: readonly string[] | null;
  /** Only for people who came by these links; `null`: by whichever, or by a coupon. */
  readonly linkIds: readonly string[] | null;
  readonly caps: {
    readonly perPartner?: CommissionCap | undefined;
    readonly total?: CommissionCap | undefined;
  };
  /** For so long after what earned it the commission cannot be paid out. */
  readonly holdDays: number;
}

/** What is suspicious in a programme. */
export interface SuspicionRules {
  /** Partners may bring people by advertisements. */
  readonly allowsPaidAds: boolean;
  /** So many clicks of a partner from one network within an hour are a flood. */
  readonly floodClicks: number;
  /** A partner who comes in so shortly before the sale, after somebody else had brought the person, is looked at. */
  readonly hijackMinutes: number;
}

/** One version of a programme. What happened under it stays with it. */
export interface PartnerProgram extends SuspicionRules {
  readonly id: string;
  /** From 1 on. */
  readonly version: number;
  readonly name: string;
  /** How long before a conversion an arrival may lie. */
  readonly windowDays: number;
  readonly rules: readonly CommissionRule[];
  /** When the first version was made. */
  readonly createdAt: Date;
  /** From when on this version counts, until the next one does. */
  readonly effectiveFrom: Date;
  readonly archivedAt: Date | null;
}

/** What a rule looks at of what happened. Times in milliseconds. */
export interface CommissionEvent {
  readonly id: string;
  readonly trigger: CommissionTrigger;
  readonly occurredAt: number;
  /** Minor units that were paid; `undefined` where nothing was said of it. */
  readonly amountMinor?: bigint | undefined;
  readonly currency?: string | undefined;
  /** What refunds leave of the amount. */
  readonly netMinor?: bigint | undefined;
  readonly removed: boolean;
}

/** The version of a programme that counted then; `undefined` before there was one, and once it has ended. */
export function programAt(
  versions: readonly PartnerProgram[],
  at: number,
): PartnerProgram | undefined {
  const version = versions.findLast(({ effectiveFrom }) => effectiveFrom.getTime() <= at);
  return version?.archivedAt === null ? version : undefined;
}

/** The narrowest rule that fits: one for the partner, then for their group, then for everybody; of several the first. */
export function chooseRule(
  program: Pick<PartnerProgram, 'rules'>,
  partner: { readonly id: string; readonly group: string | null },
  event: CommissionEvent,
  linkId: string | null,
): CommissionRule | undefined {
  const fitting = program.rules.filter((rule) => fits(rule, partner, event, linkId));
  return (
    fitting.find((rule) => rule.partnerId !== null) ??
    fitting.find((rule) => rule.group !== null) ??
    fitting[0]
  );
}

function fits(
  rule: CommissionRule,
  partner: { readonly id: string; readonly group: string | null },
  event: CommissionEvent,
  linkId: string | null,
): boolean {
  if (rule.trigger !== event.trigger) return false;
  if (rule.partnerId !== null && rule.partnerId !== partner.id) return false;
  if (rule.group !== null && rule.group !== partner.group) return false;
  if (rule.linkIds !== null && (linkId === null || !rule.linkIds.includes(linkId))) return false;
  const { amountMinor, currency } = event;
  if (rule.saleMinMinor !== null && (amountMinor ?? 0n) < rule.saleMinMinor) return false;
  return rule.currencies === null || rule.currencies.includes(currency ?? '');
}

/** What a commission comes to while nothing is taken back; `undefined` where the sale says no amount to take a share of. */
export function fullCommission(
  terms: CommissionTerms,
  event: CommissionEvent,
): { readonly amountMinor: bigint; readonly unit: string } | undefined {
  const full = fullReward(terms, toTriggerEvent(event));
  return full === undefined || full.amountMinor === 0n ? undefined : full;
}

/** As rules of rewards see it: the same arithmetic. */
export function toTriggerEvent(event: CommissionEvent): TriggerEvent {
  return { ...event, trigger: event.trigger === 'sale' ? 'payment' : 'registration' };
}

/** Whether a rule still pays for a person, of whom it has paid for these before. Times in milliseconds. */
export function isStillPaid(
  rule: Pick<CommissionRule, 'timesMax' | 'months'>,
  earlier: { readonly live: number; readonly firstAt: number | undefined },
  at: number,
): boolean {
  if (rule.timesMax !== null && earlier.live >= rule.timesMax) return false;
  if (rule.months === null || earlier.firstAt === undefined) return true;
  return at < addMonths(earlier.firstAt, rule.months);
}

/** The same day so many months later, in UTC; the last one of the month where it is shorter. */
function addMonths(at: number, months: number): number {
  const from = new Date(at);
  const day1 = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1);
  const next = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 1);
  const lastDay = (next - day1) / day;
  return day1 + (Math.min(from.getUTCDate(), lastDay) - 1) * day + (at % day);
}
