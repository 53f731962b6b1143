import { unitProblem } from '../ledger/ledger-entry.ts';
import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { amountMinorMax } from '../kernel/money.ts';
import { rewardSides, rewardTriggers } from './reward-rule.ts';
import type { RewardCaps, RewardRule, RewardTerms } from './reward-rule.ts';

type Report = (field: string, problem: string | undefined) => void;

const nameLengthMax = 255;
const codesMax = 100;
const daysMax = 3_650;
const countMax = 1_000_000_000;

/** What a rule says, of a caller without types too; each problem is told with the field that has it. */
export function checkRewardRule(
  rule: Omit<RewardRule, 'id' | 'version' | 'createdAt' | 'effectiveFrom' | 'archivedAt'>,
  report: Report,
): void {
  report('name', nameProblem(rule.name));
  if (typeof rule.active !== 'boolean') report('active', 'must be true or false');
  if (!rewardTriggers.includes(rule.trigger))
    report('trigger', `must be one of ${rewardTriggers.join(', ')}`);
  if (rule.referrer === null && rule.referee === null)
    report('referrer', 'must have terms, or referee must');
  for (const side of rewardSides) {
    const terms = rule[side];
    if (terms !== null) checkTerms(terms, side, rule.trigger === 'payment', report);
  }
  report('holdDays', countProblem(rule.holdDays, 0, daysMax));
  if (rule.timesMax !== null) report('timesMax', countProblem(rule.timesMax, 1, countMax));
  if (rule.withinDays !== null) report('withinDays', countProblem(rule.withinDays, 1, daysMax));
  report('activation', nameProblem(rule.activation));
  if (rule.via !== null && !['code', 'invitation'].includes(rule.via))
    report('via', 'must be code or invitation');
  const { codeIds } = rule;
  if (codeIds === null) return;
  if (!Array.isArray(codeIds) || codeIds.length === 0 || codeIds.length > codesMax)
    report('codeIds', `must have 1 to ${codesMax} ids`);
  else if (!codeIds.every(isUuid)) report('codeIds', 'must have ids of codes');
}

function checkTerms(terms: RewardTerms, side: string, isPayment: boolean, report: Report): void {
  if (typeof terms !== 'object') {
    report(side, 'must have an amount and a unit, or a percentage');
    return;
  }
  const { percent } = terms as { percent?: unknown };
  const { amountMinor } = terms as { amountMinor?: unknown };
  if ((percent === undefined) === (amountMinor === undefined)) {
    report(side, 'must have an amount and a unit, or a percentage');
  } else if ('percent' in terms && percent !== undefined) {
    const isShare = typeof percent === 'number' && percent > 0 && percent <= 100;
    if (!isShare || !hasTwoDecimals(percent))
      report(`${side}.percent`, 'must be greater than 0, at most 100, with at most two decimals');
    if (!isPayment) report(`${side}.percent`, 'is for payments only');
    if (terms.amountMaxMinor !== undefined)
      report(`${side}.amountMaxMinor`, sizeProblem(terms.amountMaxMinor));
  } else if ('unit' in terms) {
    report(`${side}.amountMinor`, sizeProblem(terms.amountMinor));
    report(`${side}.unit`, unitProblem(terms.unit));
  } else report(`${side}.unit`, unitProblem(undefined));
  if (terms.caps !== undefined) checkCaps(terms.caps, `${side}.caps`, report);
}

function checkCaps(caps: RewardCaps, field: string, report: Report): void {
  for (const scope of ['perAccount', 'perCode', 'total'] as const) {
    const cap = caps[scope];
    if (cap === undefined) continue;
    if (cap.rewards === undefined && cap.amountMinor === undefined)
      report(`${field}.${scope}`, 'must have a number of rewards or an amount');
    if (cap.rewards !== undefined)
      report(`${field}.${scope}.rewards`, countProblem(cap.rewards, 1, countMax));
    if (cap.amountMinor !== undefined)
      report(`${field}.${scope}.amountMinor`, sizeProblem(cap.amountMinor));
  }
}

function hasTwoDecimals(percent: number): boolean {
  return Math.abs(percent * 100 - Math.round(percent * 100)) < 1e-9;
}

function sizeProblem(amount: unknown): string | undefined {
  return typeof amount === 'bigint' && amount > 0n && amount <= amountMinorMax
    ? undefined
    : `must be from 1 to ${amountMinorMax}`;
}

function countProblem(count: unknown, least: number, most: number): string | undefined {
  return Number.isSafeInteger(count) && (count as number) >= least && (count as number) <= most
    ? undefined
    : `must be a whole number from ${least} to ${most}`;
}

function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.trim() === '' || name.length > nameLengthMax)
    return `must have 1 to ${nameLengthMax} characters`;
  return textProblem(name);
}
