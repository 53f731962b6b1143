import { describe, expect, it } from 'vitest';

import { checkSourceRules, sourceRuleLimits } from './check-source-rules.ts';
import type { SourceCondition, SourceRule, SourceRuleResult } from './source-rule.ts';

const good: SourceRule = {
  name: 'podcast',
  when: [{ field: 'path', begins: ['/podcast'] }],
  set: { source: 'podcast', medium: 'audio', channel: 'Audio' },
};
const check = (...rules: SourceRule[]) => checkSourceRules(rules, 'settings.sourceRules');
const withCondition = (condition: SourceCondition) => check({ ...good, when: [condition] });
const withResult = (set: SourceRuleResult) => check({ ...good, set });

describe('checkSourceRules', () => {
  it('finds nothing wrong with rules that can be used', () => {
    const { rulesMax } = sourceRuleLimits;
    expect(check()).toEqual({});
    expect(
      check(...Array.from({ length: rulesMax }, (_, index) => ({ ...good, name: `r${index}` }))),
    ).toEqual({});
  });

  it.each<SourceCondition>([
    { field: 'utm_source', is: ['Spring Sale'] },
    { field: 'referrer_host', is: ['example.com', '*.example.com', 'Localhost:3000'] },
    { field: 'referrer_host', contains: ['forum'] },
    { field: 'parameter', name: 'aff', exists: true },
    { field: 'click_id', is: ['gclid', 'sccid'] },
    { field: 'click_id', exists: false },
    { field: 'path', is: ['/'] },
    { field: 'path', ends: ['.html'] },
  ])('takes the condition %j', (condition) => {
    expect(withCondition(condition)).toEqual({});
  });

  it.each<[condition: SourceCondition, place: string, message: RegExp]>([
    [{ field: 'colour' as 'path', is: ['red'] }, 'when[0].field', /^must be one of utm_source, /],
    [{ field: 'path' }, 'when[0]', /^must have exactly one of is, begins, ends, contains, exists/],
    [{ field: 'path', is: ['/a'], exists: true }, 'when[0]', /^must have exactly one of is, /],
    [{ field: 'path', is: [] }, 'when[0].is', /^must have 1 to 50 texts/],
    [{ field: 'path', is: [' '] }, 'when[0].is', /^must have texts of 1 to 255 characters/],
    [
      { field: 'utm_source', contains: ['x'.repeat(256)] },
      'when[0].contains',
      /^must have texts of 1 to 255 characters/,
    ],
    [{ field: 'path', begins: ['lp'] }, 'when[0].begins', /^must have paths that begin with \//],
    [{ field: 'parameter', exists: true }, 'when[0].name', /^must name a parameter/],
    [{ field: 'path', name: 'x', is: ['/'] }, 'when[0].name', /^is for parameters alone/],
    [{ field: 'click_id', begins: ['g'] }, 'when[0].begins', /use is or exists/],
    [{ field: 'click_id', is: ['clickid'] }, 'when[0].is', /"clickid" is none/],
    [
      { field: 'referrer_host', is: ['https://example.com/'] },
      'when[0].is',
      /^must have hosts like example\.com or \*\.example\.com; "https:\/\/example\.com\/" is none/,
    ],
    [{ field: 'host', is: ['*.*.example.com'] }, 'when[0].is', /^must have hosts like/],
  ])('names what is wrong with the condition %j, and its rule', (condition, place, message) => {
    const errors = withCondition(condition);
    expect(Object.keys(errors)).toEqual([`settings.sourceRules[0].${place}`]);
    expect(Object.values(errors)[0]?.[0]).toMatch(message);
    expect(Object.values(errors)[0]?.[0]).toMatch(/\(rule "podcast"\)$/);
  });

  it.each<[set: SourceRuleResult, place: string]>([
    [{}, 'set'],
    [{ source: '' }, 'set.source'],
    [{ channel: ' Audio' }, 'set.channel'],
    [{ campaign: 'a\nb' }, 'set.campaign'],
    [{ medium: 'x'.repeat(256) }, 'set.medium'],
  ])('names what is wrong with the result %j', (set, place) => {
    expect(Object.keys(withResult(set))).toEqual([`settings.sourceRules[0].${place}`]);
  });

  it('wants names of their own, and of letters', () => {
    expect(check(good, good)).toEqual({
      'settings.sourceRules[1].name': [
        'must be another one than that of a rule before (rule "podcast")',
      ],
    });
    for (const name of ['', '1st', 'My Rule', 'x'.repeat(64)])
      expect(Object.keys(check({ ...good, name }))).toEqual(['settings.sourceRules[0].name']);
  });

  it('limits rules and conditions', () => {
    const { rulesMax, conditionsMax } = sourceRuleLimits;
    const many = Array.from({ length: rulesMax + 1 }, (_, index) => ({
      ...good,
      name: `r${index}`,
    }));
    expect(check(...many)).toEqual({ 'settings.sourceRules': ['must have at most 100 rules'] });
    const conditions = Array.from({ length: conditionsMax + 1 }, () => good.when[0]!);
    for (const when of [[], conditions])
      expect(check({ ...good, when })).toEqual({
        'settings.sourceRules[0].when': ['must have 1 to 10 conditions (rule "podcast")'],
      });
  });
});
