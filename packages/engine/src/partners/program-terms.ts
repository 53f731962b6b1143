import { given } from '../kernel/given.ts';
import type {
  CommissionCap,
  CommissionRule,
  CommissionTerms,
  CommissionTrigger,
  PartnerProgram,
} from './partner-program.ts';

/** A rule as JSON has it, in rows and on the wire: amounts are numbers, which are exact up to the largest that there may be. */
export interface StoredCommissionRule {
  readonly name: string;
  readonly trigger: CommissionTrigger;
  readonly amount?: number | undefined;
  readonly unit?: string | undefined;
  readonly percent?: number | undefined;
  readonly amount_max?: number | undefined;
  readonly group?: string | null | undefined;
  readonly partner_id?: string | null | undefined;
  readonly times_max?: number | null | undefined;
  readonly months?: number | null | undefined;
  readonly sale_min?: number | null | undefined;
  readonly currencies?: readonly string[] | null | undefined;
  readonly link_ids?: readonly string[] | null | undefined;
  readonly caps?:
    | {
        readonly per_partner?: StoredCap | undefined;
        readonly total?: StoredCap | undefined;
      }
    | undefined;
  readonly hold_days?: number | undefined;
}

interface StoredCap {
  readonly commissions?: number | undefined;
  readonly amount?: number | undefined;
}

/** What a version says, as its row has it. */
export interface StoredProgramTerms {
  readonly window_days: number;
  readonly allows_paid_ads: boolean;
  readonly flood_clicks: number;
  readonly hijack_minutes: number;
  readonly rules: readonly StoredCommissionRule[];
}

export function toStoredTerms(program: PartnerProgram): StoredProgramTerms {
  return {
    window_days: program.windowDays,
    allows_paid_ads: program.allowsPaidAds,
    flood_clicks: program.floodClicks,
    hijack_minutes: program.hijackMinutes,
    rules: program.rules.map(toStoredRule),
  };
}

export function toStoredRule(rule: CommissionRule): StoredCommissionRule {
  const { terms, caps } = rule;
  const capOf = (cap: CommissionCap | undefined) =>
    cap && given({ commissions: cap.commissions, amount: numberOf(cap.amountMinor) });
  return {
    name: rule.name,
    trigger: rule.trigger,
    ...('unit' in terms
      ? { amount: Number(terms.amountMinor), unit: terms.unit }
      : given({ percent: terms.percent, amount_max: numberOf(terms.amountMaxMinor) })),
    group: rule.group,
    partner_id: rule.partnerId,
    times_max: rule.timesMax,
    months: rule.months,
    sale_min: rule.saleMinMinor === null ? null : Number(rule.saleMinMinor),
    currencies: rule.currencies,
    link_ids: rule.linkIds,
    caps: given({ per_partner: capOf(caps.perPartner), total: capOf(caps.total) }),
    hold_days: rule.holdDays,
  };
}

/** The rule with what is left out as it is by default; it is not checked yet. */
export function fromStoredRule(stored: StoredCommissionRule): CommissionRule {
  const { caps } = stored;
  const capOf = (cap: StoredCap | undefined): CommissionCap | undefined =>
    cap && given({ commissions: cap.commissions, amountMinor: bigintOf(cap.amount) });
  return {
    name: stored.name,
    trigger: stored.trigger,
    terms: given({
      amountMinor: bigintOf(stored.amount),
      unit: stored.unit,
      percent: stored.percent,
      amountMaxMinor: bigintOf(stored.amount_max),
    }) as CommissionTerms,
    group: stored.group ?? null,
    partnerId: stored.partner_id ?? null,
    timesMax: stored.times_max === undefined ? 1 : stored.times_max,
    months: stored.months ?? null,
    saleMinMinor: stored.sale_min == null ? null : BigInt(stored.sale_min),
    currencies: stored.currencies ?? null,
    linkIds: stored.link_ids ?? null,
    caps: given({ perPartner: capOf(caps?.per_partner), total: capOf(caps?.total) }),
    holdDays: stored.hold_days ?? 0,
  };
}

function numberOf(amount: bigint | undefined): number | undefined {
  return amount === undefined ? undefined : Number(amount);
}

function bigintOf(amount: number | undefined): bigint | undefined {
  return amount === undefined ? undefined : BigInt(amount);
}
