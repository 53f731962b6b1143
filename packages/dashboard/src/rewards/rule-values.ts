import type { RewardRule, RewardRuleParams, RewardTerms } from '@headwater/client/api';

import { minorUnitsOf } from '../format/number.ts';

export const triggers = ['redemption', 'registration', 'activation', 'payment'] as const;

/** What one side gets, as a form has it: amounts in whole units of their currency. */
export interface TermsValues {
  kind: 'none' | 'amount' | 'percent';
  amount: number | '';
  unit: string;
  percent: number | '';
}

export interface RuleValues {
  name: string;
  trigger: RewardRule['trigger'];
  activation: string;
  referrer: TermsValues;
  referee: TermsValues;
  holdDays: number | '';
  timesMax: number | '';
  active: boolean;
}

export function valuesOf(rule: RewardRule | undefined, currency: string): RuleValues {
  return {
    name: rule?.name ?? '',
    trigger: rule?.trigger ?? 'payment',
    activation: rule?.activation ?? '',
    referrer: termsValues(rule?.referrer, currency, rule === undefined ? 'amount' : 'none'),
    referee: termsValues(rule?.referee, currency, 'none'),
    holdDays: rule?.hold_days ?? 14,
    timesMax: rule === undefined ? 1 : (rule.times_max ?? ''),
    active: rule?.active ?? true,
  };
}

function termsValues(
  terms: RewardTerms | undefined,
  currency: string,
  otherwise: TermsValues['kind'],
): TermsValues {
  if (terms == null) return { kind: otherwise, amount: '', unit: currency, percent: '' };
  const unit = terms.unit ?? currency;
  return {
    kind: terms.percent === undefined ? 'amount' : 'percent',
    amount: terms.amount === undefined ? '' : terms.amount / minorUnitsOf(unit),
    unit,
    percent: terms.percent ?? '',
  };
}

/** What the API is told. The caps of a rule that is changed stay. */
export function paramsOf(values: RuleValues, rule?: RewardRule): RewardRuleParams {
  const { name, trigger, activation, holdDays, timesMax, active } = values;
  return {
    name,
    trigger,
    active,
    hold_days: holdDays === '' ? 0 : holdDays,
    times_max: timesMax === '' ? null : timesMax,
    ...(trigger === 'activation' && { activation }),
    referrer: termsOf(values.referrer, rule?.referrer),
    referee: termsOf(values.referee, rule?.referee),
  };
}

function termsOf(
  { kind, amount, unit, percent }: TermsValues,
  before: RewardTerms | undefined,
): RewardTerms {
  if (kind === 'none') return null;
  const caps = before?.caps !== undefined && { caps: before.caps };
  if (kind === 'percent') {
    const most = before?.amount_max !== undefined && { amount_max: before.amount_max };
    return { ...(percent !== '' && { percent }), ...most, ...caps };
  }
  return {
    ...(amount !== '' && { amount: Math.round(amount * minorUnitsOf(unit)) }),
    unit,
    ...caps,
  };
}
