import { decodeParameter, forEachParameter } from '../kernel/url.ts';
import { clickIdValue, findClickId } from './click-ids.ts';
import type { Evidence } from './evidence.ts';
import { findAppSource } from './app-source.ts';
import type { SourceCondition } from './source-rule.ts';
import type { Stage } from './stages.ts';
import { assistantOfTag } from './tagged-source.ts';
import { isEmptyUtm, type Utm } from './utm.ts';
import { firstUnmet, valueOf, type CompiledRule, type RuleFacts } from './workspace-rules.ts';

/** What a signal says, or why it says nothing, in words for people. */
export type Reason = (evidence: Evidence) => string;

export const stageReasons: Readonly<Record<Exclude<Stage['name'], 'workspace'>, Reason>> = {
  link({ arrival: { link }, linkUtm }) {
    if (link === undefined) return 'no link of ours was clicked';
    return isEmptyUtm(linkUtm)
      ? 'the link has no tags, so the weaker signals say where it was clicked'
      : `the link's own tags are certain: ${listTags(linkUtm)}`;
  },

  paid_click_id({ arrival, found: { clickId } }) {
    if (clickId?.paid !== true)
      return `no click id proves an ad or an affiliate${describeUnusable(arrival.url)}`;
    const { parameter, platform, medium } = clickId;
    return medium === 'affiliate'
      ? `${parameter} proves a click of the affiliate network ${platform}`
      : `${parameter} proves a click that ${platform} charges for`;
  },

  utm({ found: { utm }, byReferrer }) {
    if (isEmptyUtm(utm)) return 'the address has no tags (utm_, mtm_, pk_)';
    const tags = `the address has the tags ${listTags(utm)}`;
    if (utm.source !== undefined && assistantOfTag(utm.source) !== undefined)
      return `${tags}, and the source is an AI assistant`;
    const namesSource = utm.source !== undefined || utm.medium !== undefined;
    return namesSource || byReferrer.kind !== 'internal' ? tags : `${tags}, ${insideSite}`;
  },

  unpaid_click_id({ arrival, found: { clickId }, byReferrer }) {
    if (clickId?.paid === true) return `${clickId.parameter} proves more than a mark of a platform`;
    if (clickId === undefined)
      return `no click id marks where the link was copied${describeUnusable(arrival.url)}`;
    const mark = `${clickId.parameter} says that the link was once copied from ${clickId.platform}`;
    if (byReferrer.kind === 'internal') return `${mark}, ${insideSite}`;
    return byReferrer.kind === 'referrer'
      ? `${mark}; the referrer says where it was clicked`
      : `${mark}, and no referrer says where it was clicked`;
  },

  partner({ found: { partner }, byReferrer }) {
    if (partner === undefined) return 'the address has neither via nor ref';
    const says = `${partner.parameter} names the partner or code "${partner.key}"`;
    return byReferrer.kind === 'internal' ? `${says}, ${insideSite}` : says;
  },

  in_app_browser({ arrival: { userAgent }, byReferrer, found }) {
    if (byReferrer.kind !== 'direct') return 'not asked: there is a referrer';
    if (found.clickId !== undefined || !isEmptyUtm(found.utm))
      return 'not asked: there are tags or a click id';
    if (userAgent === undefined || userAgent === '') return 'no user agent is known';
    const app = findAppSource(userAgent);
    return app === undefined
      ? 'the user agent names no app that we know'
      : `"${app.token.trim()}" in the user agent is an app of ${app.source}`;
  },
};

const insideSite = 'which makes no arrival of a move inside the site';

/** Why a rule of the workspace does not match, by its first condition that does not hold; `undefined` where it matches. */
export function reasonOfMismatch(rule: CompiledRule, facts: RuleFacts): string | undefined {
  const unmet = firstUnmet(rule, facts);
  if (unmet === undefined) return undefined;
  const { condition } = unmet;
  const { field, name, exists } = condition;
  const subject = field === 'parameter' ? `parameter ${name}` : field;
  if (exists !== undefined) return `${subject} is ${exists ? 'absent' : 'there'}`;
  if (field === 'click_id') return `no click id is ${(condition.is ?? []).join(' or ')}`;
  const value = valueOf(condition, facts);
  return value === undefined
    ? `${subject} is absent`
    : `${subject} "${value}" ${describeTest(condition)}`;
}

function describeTest({ is, begins, ends, contains = [] }: SourceCondition): string {
  if (is !== undefined) return `is not ${listTexts(is)}`;
  if (begins !== undefined) return `does not begin with ${listTexts(begins)}`;
  return ends === undefined
    ? `does not contain ${listTexts(contains)}`
    : `does not end with ${listTexts(ends)}`;
}

function listTexts(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(' or ');
}

function listTags(utm: Utm): string {
  return Object.entries(utm)
    .map(([field, value]) => `${field} "${String(value)}"`)
    .join(', ');
}

/** Click ids that are there with a value that no platform makes: empty, too long, an unfilled `{gclid}`. */
function describeUnusable(url = ''): string {
  const names = new Set<string>();
  forEachParameter(url, (name, rawValue) => {
    const found = findClickId(name);
    if (found !== undefined && clickIdValue(decodeParameter(rawValue)) === undefined)
      names.add(found.parameter);
  });
  if (names.size === 0) return '';
  return `; ${[...names].join(', ')} came with a value that no platform makes`;
}
