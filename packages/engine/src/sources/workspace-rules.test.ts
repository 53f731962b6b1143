import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import type { ArrivalToClassify } from './arrival.ts';
import { classifySource } from './classify.ts';
import { builtInRulesVersion } from './data/version.ts';
import type { SourceCondition, SourceRule } from './source-rule.ts';

type Where = Partial<ArrivalToClassify>;

function classify(rules: readonly SourceRule[], more: Where = {}) {
  return classifySource({
    url: 'https://shop.example/',
    ownHosts: new Set(),
    landing: true,
    rules,
    ...more,
  });
}

const rule = (...when: SourceCondition[]): SourceRule[] => [
  { name: 'mine', when, set: { source: 'podcast', medium: 'Audio' } },
];
const landing = (path: string): Where => ({ url: `https://shop.example${path}` });

describe('a condition', () => {
  it.each<[condition: SourceCondition, matching: Where, other: Where]>([
    [
      { field: 'utm_source', is: ['Spotify', 'overcast'] },
      landing('/?utm_source=SPOTIFY'),
      landing('/?utm_source=spotify.com'),
    ],
    [
      { field: 'utm_medium', begins: ['pod'] },
      landing('/?utm_medium=Podcast'),
      landing('/?utm_medium=videopod'),
    ],
    [
      { field: 'utm_campaign', contains: ['-show-'] },
      landing('/?utm_campaign=my-show-12'),
      landing('/?utm_campaign=show'),
    ],
    [
      { field: 'utm_content', ends: ['_b'] },
      landing('/?utm_content=hero_b'),
      landing('/?utm_content=hero_a'),
    ],
    [{ field: 'utm_term', exists: true }, landing('/?utm_term=x'), landing('/?utm_term=')],
    [{ field: 'utm_source', exists: false }, landing('/'), landing('/?utm_source=x')],
    [
      { field: 'referrer_host', is: ['forum.example'] },
      { referrer: 'https://www.forum.example/t/1' },
      { referrer: 'https://m.forum.example/t/1' },
    ],
    [
      { field: 'referrer_host', is: ['www.forum.example'] },
      { referrer: 'https://forum.example/' },
      { referrer: 'https://notforum.example/' },
    ],
    [
      { field: 'referrer_host', is: ['*.forum.example'] },
      { referrer: 'https://a.b.forum.example/' },
      { referrer: 'https://notforum.example/' },
    ],
    [
      { field: 'referrer_host', is: ['*.forum.example'] },
      { referrer: 'https://forum.example/' },
      {},
    ],
    [
      { field: 'referrer_host', is: ['com.example.reader'] },
      { referrer: 'android-app://com.example.Reader/' },
      { referrer: 'https://example.com/' },
    ],
    [
      { field: 'host', is: ['shop.example'] },
      { url: 'https://www.shop.example/a' },
      { url: 'https://other.example/a' },
    ],
    [{ field: 'path', begins: ['/Podcast'] }, landing('/podcast/12?x=1'), landing('/?p=/podcast')],
    [{ field: 'path', is: ['/'] }, { url: 'https://shop.example?x=1' }, landing('/a')],
    [{ field: 'path', is: ['/lp'] }, { url: '/lp?x=1' }, { url: '/lp/2' }],
    [
      { field: 'parameter', name: 'Partner', is: ['ACME'] },
      landing('/?partner=acme'),
      landing('/?partner=acme2'),
    ],
    [{ field: 'parameter', name: 'aff', exists: true }, landing('/?AFF=1'), landing('/?aff=')],
    [
      { field: 'click_id', is: ['GCLID', 'msclkid'] },
      landing('/?gclid=abc'),
      landing('/?gclid=&fbclid=abc'),
    ],
    [{ field: 'click_id', exists: true }, landing('/?fbclid=abc'), landing('/?fbclid=%20')],
    [{ field: 'click_id', exists: false }, landing('/'), landing('/?gclid=abc')],
  ])('%j matches %j and not %j', (condition, matching, other) => {
    expect(classify(rule(condition), matching).rule).toBe('workspace.mine');
    expect(classify(rule(condition), other).rule).not.toBe('workspace.mine');
  });

  it('reads the tags of the link that was clicked before those of its address', () => {
    const rules = rule({ field: 'utm_source', is: ['spotify'] });
    const click = { url: '/ep1?utm_source=x', landing: false };
    expect(classify(rules, { ...click, link: { utmSource: 'Spotify' } }).rule).toBe(
      'workspace.mine',
    );
    expect(classify(rules, { ...click, link: { utmSource: 'radio' } }).rule).toBe('link.utm');
  });

  it('has to hold together with all the others of its rule', () => {
    const rules = rule(
      { field: 'path', begins: ['/podcast'] },
      { field: 'parameter', name: 'show', exists: true },
    );
    expect(classify(rules, landing('/podcast?show=1')).rule).toBe('workspace.mine');
    expect(classify(rules, landing('/podcast')).rule).toBe('direct');
    expect(classify(rules, landing('/?show=1')).rule).toBe('direct');
  });
});

describe('a rule that matches', () => {
  it('sets what it names, and the rest stays as the built-in rules found it', () => {
    const rules: SourceRule[] = [
      {
        name: 'fb',
        when: [{ field: 'utm_source', is: ['fb-ads'] }],
        set: { source: 'facebook' },
      },
    ];
    const url =
      'https://shop.example/?utm_source=fb-ads&utm_medium=cpc&utm_campaign=spring&fbclid=abc&via=john';
    expect(classify(rules, { url, referrer: 'https://l.facebook.com/' })).toEqual({
      source: 'facebook',
      medium: 'cpc',
      campaign: 'spring',
      channel: 'Paid Social',
      clickIdType: 'fbclid',
      platform: 'meta',
      referrerHost: 'l.facebook.com',
      partnerKey: 'john',
      confidence: 'high',
      rule: 'workspace.fb',
      rulesVersion: expect.stringMatching(/^\d{4}-\d{2}-\d{2}\+[0-9a-f]{8}$/),
      kind: 'campaign',
    });
  });

  it('may name a channel of its own', () => {
    const rules: SourceRule[] = [
      {
        name: 'newsletter',
        when: [{ field: 'utm_medium', is: ['newsletter'] }],
        set: { channel: 'Newsletter' },
      },
    ];
    expect(classify(rules, landing('/?utm_source=acme&utm_medium=newsletter'))).toMatchObject({
      source: 'acme',
      medium: 'newsletter',
      channel: 'Newsletter',
    });
  });

  it('gives the channel that its source and medium have', () => {
    expect(classify(rule({ field: 'path', is: ['/'] }))).toMatchObject({
      source: 'podcast',
      medium: 'audio',
      channel: 'Audio',
    });
  });

  it('comes before click ids and the tags of a link', () => {
    const rules = rule({ field: 'parameter', name: 'show', exists: true });
    expect(classify(rules, landing('/?show=1&gclid=abc'))).toMatchObject({
      source: 'podcast',
      clickIdType: 'gclid',
      rule: 'workspace.mine',
    });
    expect(
      classify(rules, { url: '/x?show=1', landing: false, link: { utmSource: 'x' } }),
    ).toMatchObject({ source: 'podcast', confidence: 'certain', rule: 'workspace.mine' });
  });

  it('counts before those after it', () => {
    const condition = { field: 'path', is: ['/'] } as const;
    const rules = [...rule(condition), { ...rule(condition)[0]!, name: 'second' }];
    expect(classify(rules).rule).toBe('workspace.mine');
    expect(classify(rules.toReversed()).rule).toBe('workspace.second');
  });

  it('makes a campaign of an arrival by what the address says, not by a page or a referrer', () => {
    expect(classify(rule({ field: 'path', is: ['/'] })).kind).toBe('referrer');
    expect(
      classify(rule({ field: 'referrer_host', is: ['a.example'] }), {
        referrer: 'https://a.example/',
      }).kind,
    ).toBe('referrer');
    const parameter = rule({ field: 'parameter', name: 'show', exists: true });
    expect(classify(parameter, landing('/?show=1')).kind).toBe('campaign');
    const path = rule({ field: 'path', is: ['/'] });
    expect(classify(path, landing('/?utm_campaign=x')).kind).toBe('campaign');
  });

  it.each([
    'https://www.shop.example/',
    'https://checkout.stripe.com/',
    'https://accounts.google.com/',
  ])('makes no source of a move from %s', (referrer) => {
    const rules = rule({ field: 'parameter', name: 'show', exists: true });
    const source = classify(rules, { ...landing('/?show=1'), referrer });
    expect(source.kind).toBe('internal');
    expect(source).not.toHaveProperty('source');
  });
});

describe('the version of the rules', () => {
  const version = (rules?: readonly SourceRule[]) => classify(rules ?? []).rulesVersion;

  it("is the built-in rules' where a workspace has none", () => {
    expect(version()).toBe(builtInRulesVersion);
    expect(classifySource({ ownHosts: new Set(), landing: true }).rulesVersion).toBe(
      builtInRulesVersion,
    );
  });

  it('changes with every rule and every order of them', () => {
    const first = rule({ field: 'path', is: ['/a'] });
    const second = [{ ...first[0]!, name: 'other' }];
    const versions = [
      version(first),
      version(second),
      version([...first, ...second]),
      version([...second, ...first]),
      version(rule({ field: 'path', is: ['/b'] })),
      version(rule({ field: 'path', ends: ['/a'] })),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    for (const text of versions) expect(text).toMatch(/^\d{4}-\d{2}-\d{2}\+[0-9a-f]{8}$/);
  });

  it('does not depend on the order of fields, which a database does not keep', () => {
    const [one] = rule({ field: 'path', is: ['/a'] });
    const { name, when, set } = one!;
    const turned = [{ set: { medium: set.medium, source: set.source }, when, name }];
    expect(version(turned)).toBe(version([one!]));
  });
});

describe('any rules and any arrival', () => {
  it('give clean text and never throw', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    const condition = fc.oneof(
      fc.record({
        field: fc.constantFrom('utm_source', 'referrer_host', 'path', 'host'),
        is: fc.array(text),
      }),
      fc.record({ field: fc.constantFrom('utm_medium', 'path'), contains: fc.array(text) }),
      fc.record({ field: fc.constant('parameter'), name: text, exists: fc.boolean() }),
      fc.record({ field: fc.constant('click_id'), exists: fc.boolean() }),
    ) as fc.Arbitrary<SourceCondition>;
    const rules = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b'),
        when: fc.array(condition, { minLength: 1, maxLength: 3 }),
        set: fc.constantFrom({ source: 's' }, { medium: 'm', channel: 'C' }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(rules, text, text, (list, query, referrer) => {
        const source = classify(list, { url: `https://shop.example/?${query}`, referrer });
        for (const value of Object.values(source)) {
          expect(value).not.toBe('');
          expect(value).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        }
      }),
    );
  });
});
