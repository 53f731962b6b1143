import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { amountMinorMax, isCurrency } from '../kernel/money.ts';
import { groupPattern } from './partner.ts';
import { commissionTriggers } from './partner-program.ts';
import type { CommissionCap, CommissionRule, PartnerProgram } from './partner-program.ts';

type Report = (field: string, problem: string | undefined) => void;

const nameLengthMax = 255;
const daysMax = 3_650;
const monthsMax = 1_200;
const countMax = 1_000_000_000;
const rulesMax = 200;
const listMax = 100;

/** What a programme says, of a caller without types too; each problem is told with the field that has it. */
export function checkProgram(
  program: Pick<
    PartnerProgram,
    'name' | 'windowDays' | 'floodClicks' | 'hijackMinutes' | 'allowsPaidAds' | 'rules'
  >,
  report: Report,
): void {
  const { name } = program;
  const rules: readonly CommissionRule[] = program.rules;
  if (typeof name !== 'string' || name.trim() === '' || name.length > nameLengthMax)
    report('name', `must have 1 to ${nameLengthMax} characters`);
  else report('name', textProblem(name));
  report('windowDays', countProblem(program.windowDays, 1, daysMax));
  report('floodClicks', countProblem(program.floodClicks, 2, countMax));
  report('hijackMinutes', countProblem(program.hijackMinutes, 1, 1_440));
  if (typeof program.allowsPaidAds !== 'boolean') report('allowsPaidAds', 'must be true or false');
  if (!isList(rules) || rules.length > rulesMax) {
    report('rules', `must have at most ${rulesMax} rules`);
    return;
  }
  const names = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const at = `rules[${index}]`;
    if (names.has(rule.name)) report(`${at}.name`, 'is that of another rule');
    names.add(rule.name);
    checkRule(rule, (field, problem) => report(`${at}.${field}`, problem));
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function checkRule(rule: CommissionRule, report: Report): void {
  const { name, trigger, group, partnerId, currencies, linkIds, saleMinMinor, caps } = rule;
  if (typeof name !== 'string' || !groupPattern.test(name))
    report('name', 'must have 1 to 63 lower-case letters, digits, - or _');
  if (!commissionTriggers.includes(trigger))
    report('trigger', `must be one of ${commissionTriggers.join(', ')}`);
  checkTerms(rule, report);
  if (group !== null && !groupPattern.test(group))
    report('group', 'must have 1 to 63 lower-case letters, digits, - or _');
  if (partnerId !== null && !isUuid(partnerId)) report('partnerId', 'must be a UUID');
  if (group !== null && partnerId !== null)
    report('partnerId', 'must not stand beside a group: a rule is for one of them');
  if (rule.timesMax !== null) report('timesMax', countProblem(rule.timesMax, 1, countMax));
  if (rule.months !== null) report('months', countProblem(rule.months, 1, monthsMax));
  if (saleMinMinor !== null) report('saleMinMinor', sizeProblem(saleMinMinor));
  if ((saleMinMinor ?? currencies) !== null && trigger !== 'sale')
    report(saleMinMinor === null ? 'currencies' : 'saleMinMinor', 'is for sales only');
  if (currencies !== null)
    report('currencies', listProblem(currencies, isCurrency, 'currencies (ISO 4217)'));
  if (linkIds !== null) report('linkIds', listProblem(linkIds, isUuid, 'ids of links'));
  for (const scope of ['perPartner', 'total'] as const)
    if (caps[scope] !== undefined) checkCap(caps[scope], `caps.${scope}`, report);
  report('holdDays', countProblem(rule.holdDays, 0, daysMax));
}

function checkTerms({ terms, trigger }: CommissionRule, report: Report): void {
  const { percent, amountMinor, unit, amountMaxMinor } = terms as Record<string, unknown>;
  if ((percent === undefined) === (amountMinor === undefined)) {
    report('percent', 'must be there, or an amount and its unit; not both');
  } else if (percent === undefined) {
    report('amountMinor', sizeProblem(amountMinor));
    if (!isCurrency(unit)) report('unit', 'must be a currency (ISO 4217)');
  } else {
    const isShare = typeof percent === 'number' && percent > 0 && percent <= 100;
    if (!isShare || Math.abs(percent * 100 - Math.round(percent * 100)) >= 1e-9)
      report('percent', 'must be greater than 0, at most 100, with at most two decimals');
    if (trigger !== 'sale') report('percent', 'is for sales only');
    if (amountMaxMinor !== undefined) report('amountMaxMinor', sizeProblem(amountMaxMinor));
  }
}

function checkCap(cap: CommissionCap, field: string, report: Report): void {
  if (cap.commissions === undefined && cap.amountMinor === undefined)
    report(field, 'must have a number of commissions or an amount');
  if (cap.commissions !== undefined)
    report(`${field}.commissions`, countProblem(cap.commissions, 1, countMax));
  if (cap.amountMinor !== undefined) report(`${field}.amountMinor`, sizeProblem(cap.amountMinor));
}

function listProblem(
  list: unknown,
  isOne: (value: unknown) => boolean,
  what: string,
): string | undefined {
  const hasRoom = Array.isArray(list) && list.length > 0 && list.length <= listMax;
  return hasRoom && list.every(isOne) ? undefined : `must have 1 to ${listMax} ${what}`;
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
