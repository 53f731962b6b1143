import { normaliseHost } from '../kernel/url.ts';
import type { FieldErrors } from '../kernel/validation.ts';
import { cleanText } from './clean-text.ts';
import { isClickIdParameter } from './click-ids.ts';
import {
  sourceConditionFields,
  sourceConditionTests,
  sourceRuleResults,
  type SourceCondition,
  type SourceRule,
} from './source-rule.ts';

/** Every arrival asks every rule, so there cannot be any number of them. */
export const sourceRuleLimits = {
  rulesMax: 100,
  conditionsMax: 10,
  textsMax: 50,
  charactersMax: 255,
} as const;

/**
 * What is wrong with a workspace's rules, by the place where it stands (`sourceRules[0].when[1].is`, below `field`);
 * empty where they can be used.
 */
export function checkSourceRules(rules: readonly SourceRule[], field: string): FieldErrors {
  const errors: Record<string, string[]> = {};
  const { rulesMax } = sourceRuleLimits;
  if (rules.length > rulesMax) errors[field] = [`must have at most ${rulesMax} rules`];
  const names = new Set<string>();
  for (const [index, rule] of rules.slice(0, rulesMax).entries()) {
    const place = `${field}[${index}]`;
    const complain: Complain = (part, message) => {
      (errors[`${place}.${part}`] ??= []).push(`${message} (rule "${rule.name}")`);
    };
    if (!namePattern.test(rule.name)) {
      complain('name', 'must have 1 to 63 lower-case letters, digits and underscores');
    }
    if (names.has(rule.name)) complain('name', 'must be another one than that of a rule before');
    names.add(rule.name);
    checkConditions(rule, complain);
    checkResult(rule, complain);
  }
  return errors;
}

type Complain = (part: string, message: string) => void;

const namePattern = /^[a-z][a-z0-9_]{0,62}$/;

function checkConditions({ when }: SourceRule, complain: Complain): void {
  const { conditionsMax } = sourceRuleLimits;
  if (when.length === 0 || when.length > conditionsMax) {
    complain('when', `must have 1 to ${conditionsMax} conditions`);
    return;
  }
  for (const [index, condition] of when.entries()) {
    checkCondition(condition, (part, message) =>
      complain(part === '' ? `when[${index}]` : `when[${index}].${part}`, message),
    );
  }
}

function checkCondition(condition: SourceCondition, complain: Complain): void {
  const { field, name } = condition;
  if (!sourceConditionFields.includes(field)) {
    complain('field', `must be one of ${sourceConditionFields.join(', ')}`);
    return;
  }
  if (field === 'parameter' ? !isText(name) : name !== undefined) {
    const message = field === 'parameter' ? 'must name a parameter' : 'is for parameters alone';
    complain('name', message);
  }
  const tests = sourceConditionTests.filter((test) => condition[test] !== undefined);
  const [test] = tests;
  if (test === undefined || tests.length > 1) {
    complain('', `must have exactly one of ${sourceConditionTests.join(', ')}`);
  } else if (test !== 'exists') {
    checkTexts(condition, test, (message) => complain(test, message));
  }
}

function checkTexts(
  condition: SourceCondition,
  test: 'is' | 'begins' | 'ends' | 'contains',
  complain: (message: string) => void,
): void {
  const { field } = condition;
  const texts = condition[test] ?? [];
  const { textsMax, charactersMax } = sourceRuleLimits;
  if (texts.length === 0 || texts.length > textsMax) {
    complain(`must have 1 to ${textsMax} texts`);
  } else if (!texts.every(isText)) {
    complain(`must have texts of 1 to ${charactersMax} characters`);
  } else if (field === 'click_id' && test !== 'is') {
    complain('cannot be asked of click ids: use is or exists');
  } else if (field === 'click_id') {
    const unknown = texts.find((text) => !isClickIdParameter(text));
    if (unknown !== undefined) complain(`must name parameters of click ids; "${unknown}" is none`);
  } else if (test === 'is' && (field === 'referrer_host' || field === 'host')) {
    const bad = texts.find((text) => !isHostPattern(text));
    if (bad !== undefined)
      complain(`must have hosts like example.com or *.example.com; "${bad}" is none`);
  } else if (field === 'path' && (test === 'is' || test === 'begins')) {
    if (!texts.every((text) => text.startsWith('/'))) complain('must have paths that begin with /');
  }
}

function checkResult({ set }: SourceRule, complain: Complain): void {
  const named = sourceRuleResults.filter((result) => set[result] !== undefined);
  if (named.length === 0) complain('set', `must say one of ${sourceRuleResults.join(', ')}`);
  for (const result of named) {
    const text = set[result];
    if (!isText(text) || cleanText(text) !== text) {
      complain(
        `set.${result}`,
        `must have 1 to ${sourceRuleLimits.charactersMax} characters, without spaces around them or line breaks`,
      );
    }
  }
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '' && text.length <= sourceRuleLimits.charactersMax;
}

function isHostPattern(text: string): boolean {
  const host = (text.startsWith('*.') ? text.slice(2) : text).toLowerCase();
  return normaliseHost(host) === host;
}
