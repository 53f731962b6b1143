import type { CommissionRule, PartnerProgram, PartnerProgramParams } from '@headwater/client/api';
import { randomId } from '@mantine/hooks';

import { minorUnitsOf } from '../format/number.ts';

export const commissionTriggers = ['sale', 'lead', 'click'] as const;

/** A rule as a form has it: amounts in whole units of their currency, what is not asked for is empty. */
export interface RuleValues {
  /** Only so that a list of rules can be shown. */
  id: string;
  name: string;
  trigger: CommissionRule['trigger'];
  kind: 'percent' | 'amount';
  percent: number | '';
  amount: number | '';
  unit: string;
  amountMax: number | '';
  group: string;
  timesMax: number | '';
  months: number | '';
  holdDays: number | '';
  saleMin: number | '';
  capPartner: number | '';
  capTotal: number | '';
  /** What it was: what the form does not show stays. */
  before: CommissionRule | undefined;
}

export interface ProgramValues {
  name: string;
  windowDays: number | '';
  allowsPaidAds: boolean;
  floodClicks: number | '';
  hijackMinutes: number | '';
  rules: RuleValues[];
}

export function valuesOf(program: PartnerProgram | undefined, currency: string): ProgramValues {
  return {
    name: program?.name ?? '',
    windowDays: program?.window_days ?? 90,
    allowsPaidAds: program?.allows_paid_ads ?? false,
    floodClicks: program?.flood_clicks ?? 50,
    hijackMinutes: program?.hijack_minutes ?? 30,
    rules: program?.rules.map((rule) => ruleValues(rule, currency)) ?? [newRule('sales', currency)],
  };
}

export function newRule(name: string, currency: string): RuleValues {
  const rule = { name, trigger: 'sale', percent: 20, times_max: null, hold_days: 30 } as const;
  return { ...ruleValues(rule, currency), before: undefined };
}

function ruleValues(rule: CommissionRule, currency: string): RuleValues {
  const unit = rule.unit ?? currency;
  const whole = (amount: number | null | undefined): number | '' =>
    amount == null ? '' : amount / minorUnitsOf(unit);
  return {
    id: randomId(),
    name: rule.name,
    trigger: rule.trigger,
    kind: rule.percent === undefined ? 'amount' : 'percent',
    percent: rule.percent ?? '',
    amount: whole(rule.amount),
    unit,
    amountMax: whole(rule.amount_max),
    group: rule.group ?? '',
    // The API's own default is once.
    timesMax: rule.times_max === undefined ? 1 : (rule.times_max ?? ''),
    months: rule.months ?? '',
    holdDays: rule.hold_days ?? 0,
    saleMin: rule.sale_min == null ? '' : rule.sale_min / minorUnitsOf(currency),
    capPartner: whole(rule.caps?.per_partner?.amount),
    capTotal: whole(rule.caps?.total?.amount),
    before: rule,
  };
}

/** What the API is told. */
export function paramsOf(values: ProgramValues, currency: string): PartnerProgramParams {
  const { name, windowDays, allowsPaidAds, floodClicks, hijackMinutes, rules } = values;
  return {
    name,
    ...(windowDays !== '' && { window_days: windowDays }),
    allows_paid_ads: allowsPaidAds,
    ...(floodClicks !== '' && { flood_clicks: floodClicks }),
    ...(hijackMinutes !== '' && { hijack_minutes: hijackMinutes }),
    rules: rules.map((rule) => ruleParams(rule, currency)),
  };
}

function ruleParams(values: RuleValues, currency: string): CommissionRule {
  const { name, trigger, kind, percent, amount, unit, amountMax, before } = values;
  const isSale = trigger === 'sale';
  const isShare = isSale && kind === 'percent';
  const minor = (whole: number): number =>
    Math.round(whole * minorUnitsOf(isShare ? currency : unit));
  const caps = {
    ...capOf('per_partner', values.capPartner, before, minor),
    ...capOf('total', values.capTotal, before, minor),
  };
  return {
    name,
    trigger,
    ...(isShare && percent !== '' && { percent }),
    ...(isShare && amountMax !== '' && { amount_max: minor(amountMax) }),
    ...(!isShare && { ...(amount !== '' && { amount: minor(amount) }), unit }),
    group: values.group === '' ? null : values.group,
    partner_id: values.group === '' ? (before?.partner_id ?? null) : null,
    times_max: values.timesMax === '' ? null : values.timesMax,
    months: values.months === '' ? null : values.months,
    // Compared with the amount of a sale in its own currency, whichever that is.
    sale_min:
      isSale && values.saleMin !== '' ? Math.round(values.saleMin * minorUnitsOf(currency)) : null,
    currencies: isSale ? (before?.currencies ?? null) : null,
    link_ids: before?.link_ids ?? null,
    hold_days: values.holdDays === '' ? 0 : values.holdDays,
    ...(Object.keys(caps).length > 0 && { caps }),
  };
}

/** A cap may be of a number too, which stays as it was. */
function capOf(
  scope: 'per_partner' | 'total',
  whole: number | '',
  before: CommissionRule | undefined,
  minor: (whole: number) => number,
): CommissionRule['caps'] {
  const commissions = before?.caps?.[scope]?.commissions;
  const cap = {
    ...(commissions !== undefined && { commissions }),
    ...(whole !== '' && { amount: minor(whole) }),
  };
  return Object.keys(cap).length === 0 ? undefined : { [scope]: cap };
}
