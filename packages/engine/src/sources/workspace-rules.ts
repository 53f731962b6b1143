import { hostOf, pathOf, schemeOf, withoutWww } from '../kernel/url.ts';
import { clickIdValue } from './click-ids.ts';
import { builtInRulesVersion } from './data/version.ts';
import { sourceConditionTests, sourceRuleResults } from './source-rule.ts';
import type { SourceCondition, SourceConditionField, SourceRule } from './source-rule.ts';
import type { Utm } from './utm.ts';

/** What rules look at. */
export interface RuleFacts {
  /** Of the link that was clicked, otherwise of the address. */
  readonly utm: Utm;
  readonly referrerHost: string | undefined;
  readonly url: string | undefined;
  /** The parameters that the rules ask for, by their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly hasClickId: boolean;
}

/** Rules made ready once: they are asked on every arrival. */
export interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  /** Names of query parameters that have to be read for them, in lower case. */
  readonly parameters: ReadonlySet<string>;
  /** The built-in rules' version, and a digest of these where there are any. */
  readonly version: string;
}

export interface CompiledRule {
  readonly rule: SourceRule;
  readonly conditions: readonly CompiledCondition[];
  /** The address itself says it, so that it opens a visit as a campaign does. */
  readonly isCampaign: boolean;
}

export interface CompiledCondition {
  readonly condition: SourceCondition;
  readonly holds: (facts: RuleFacts) => boolean;
}

/** The first rule whose conditions all hold. */
export function findRule({ rules }: CompiledRules, facts: RuleFacts): CompiledRule | undefined {
  for (const candidate of rules) if (firstUnmet(candidate, facts) === undefined) return candidate;
  return undefined;
}

export function firstUnmet(
  { conditions }: CompiledRule,
  facts: RuleFacts,
): CompiledCondition | undefined {
  for (const candidate of conditions) if (!candidate.holds(facts)) return candidate;
  return undefined;
}

/** Ready-made once for each list: the settings of a workspace are one object until somebody changes them. */
export function compileRules(rules: readonly SourceRule[] | undefined): CompiledRules {
  if (rules === undefined || rules.length === 0) return noRules;
  const known = remembered.get(rules);
  if (known !== undefined) return known;
  const compiled: CompiledRules = {
    rules: rules.map(compileRule),
    parameters: new Set(rules.flatMap(({ when }) => when.flatMap(parametersOf))),
    version: `${builtInRulesVersion}+${digestOf(canonical(rules))}`,
  };
  remembered.set(rules, compiled);
  return compiled;
}

const noRules: CompiledRules = { rules: [], parameters: new Set(), version: builtInRulesVersion };
const remembered = new WeakMap<readonly SourceRule[], CompiledRules>();

function compileRule(rule: SourceRule): CompiledRule {
  return {
    rule: { ...rule, set: { ...rule.set, medium: rule.set.medium?.toLowerCase() } },
    conditions: rule.when.map((condition) => ({ condition, holds: compileCondition(condition) })),
    isCampaign: rule.when.some(
      ({ field, exists }) =>
        exists !== false &&
        (field === 'parameter' || field === 'click_id' || field.startsWith('utm_')),
    ),
  };
}

function compileCondition(condition: SourceCondition): CompiledCondition['holds'] {
  const { field, is, exists } = condition;
  if (field === 'click_id') {
    const names = is?.map(lower);
    if (names === undefined) return ({ hasClickId }) => hasClickId === exists;
    return ({ parameters }) =>
      names.some((name) => clickIdValue(parameters.get(name) ?? '') !== undefined);
  }
  if (exists !== undefined) return (facts) => (valueOf(condition, facts) !== undefined) === exists;
  const accepts = compileTexts(condition);
  return (facts) => {
    const value = valueOf(condition, facts);
    return value !== undefined && accepts(value);
  };
}

function compileTexts(condition: SourceCondition): (value: string) => boolean {
  const { field, begins, ends, contains } = condition;
  const is = (condition.is ?? []).map(lower);
  if (begins !== undefined) return anyOf(begins, (value, text) => value.startsWith(text));
  if (ends !== undefined) return anyOf(ends, (value, text) => value.endsWith(text));
  if (contains !== undefined) return anyOf(contains, (value, text) => value.includes(text));
  if (field !== 'referrer_host' && field !== 'host') {
    const exact = new Set(is);
    return (value) => exact.has(value);
  }
  const exact = new Set(is.map(withoutWww));
  const domains = is.filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
  return (host) => exact.has(host) || domains.some((domain) => `.${host}`.endsWith(domain));
}

function anyOf(
  texts: readonly string[],
  test: (value: string, text: string) => boolean,
): (value: string) => boolean {
  const wanted = texts.map(lower);
  return (value) => wanted.some((text) => test(value, text));
}

/** What an arrival has in the field of a condition, in lower case; click ids are many, and have none. */
export function valueOf(condition: SourceCondition, facts: RuleFacts): string | undefined {
  return readers[condition.field](facts, condition);
}

const readers: Readonly<
  Record<SourceConditionField, (facts: RuleFacts, condition: SourceCondition) => string | undefined>
> = {
  utm_source: ({ utm }) => utm.source?.toLowerCase(),
  utm_medium: ({ utm }) => utm.medium?.toLowerCase(),
  utm_campaign: ({ utm }) => utm.campaign?.toLowerCase(),
  utm_content: ({ utm }) => utm.content?.toLowerCase(),
  utm_term: ({ utm }) => utm.term?.toLowerCase(),
  referrer_host: ({ referrerHost }) => referrerHost,
  host: ({ url }) => (url === undefined ? undefined : landingHostOf(url)),
  path: ({ url }) => (url === undefined ? undefined : landingPathOf(url)),
  parameter: ({ parameters }, { name = '' }) => parameters.get(lower(name))?.toLowerCase(),
  click_id: () => undefined,
};

function landingHostOf(url: string): string | undefined {
  const host = hostOf(url);
  return host === undefined ? undefined : withoutWww(host);
}

/** The path of an address, or of a bare path with its query. */
function landingPathOf(url: string): string {
  const path = schemeOf(url) === undefined ? (/^[^?#]*/.exec(url)?.[0] ?? '') : pathOf(url);
  return lower(path === '' ? '/' : path);
}

function parametersOf({ field, name, is }: SourceCondition): readonly string[] {
  if (field === 'parameter') return [lower(name ?? '')];
  return field === 'click_id' ? (is ?? []).map(lower) : [];
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** The same text whatever the order of the fields, which a database does not keep. */
function canonical(rules: readonly SourceRule[]): string {
  const fields = ['name', 'when', 'field', ...sourceConditionTests, 'set', ...sourceRuleResults];
  return JSON.stringify(rules, fields);
}

/** FNV-1a of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): it tells versions apart, and guards nothing. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let position = 0; position < text.length; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
