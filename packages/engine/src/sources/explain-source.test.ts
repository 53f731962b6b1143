import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { classifySource } from './classify.ts';
import { explainSource, type ArrivalToExplain } from './explain-source.ts';
import type { SourceRule } from './source-rule.ts';

const rules: SourceRule[] = [
  {
    name: 'podcast',
    when: [{ field: 'path', begins: ['/podcast'] }],
    set: { source: 'podcast', medium: 'audio' },
  },
  {
    name: 'forum',
    when: [
      { field: 'referrer_host', is: ['*.forum.example'] },
      { field: 'parameter', name: 'thread', exists: true },
    ],
    set: { channel: 'Community' },
  },
];

function explain(arrival: Partial<ArrivalToExplain>) {
  const explained = explainSource({
    url: 'https://shop.example/',
    ownHosts: new Set(),
    rules,
    ...arrival,
  });
  const of = (name: string) => explained.rules.find(({ rule }) => rule === name);
  return { ...explained, of };
}

describe('explainSource', () => {
  it('asks every rule, the strongest first', () => {
    expect(explain({}).rules.map(({ rule }) => rule)).toEqual([
      'workspace.podcast',
      'workspace.forum',
      'link',
      'paid_click_id',
      'utm',
      'unpaid_click_id',
      'partner',
      'own_host',
      'payment_provider',
      'sign_in_provider',
      'listed_host',
      'unlisted_host',
      'in_app_browser',
      'direct',
    ]);
  });

  it('says what decided, what was added, and what was overruled', () => {
    const { source, of } = explain({
      url: 'https://shop.example/?gclid=abc&utm_source=news&utm_medium=email&utm_campaign=spring&via=john',
      referrer: 'https://www.facebook.com/',
    });
    expect(source).toMatchObject({ source: 'google', campaign: 'spring', partnerKey: 'john' });
    expect(of('paid_click_id')).toEqual({
      rule: 'paid_click_id',
      outcome: 'decided',
      reason: 'gclid proves a click that google_ads charges for',
      gave: ['source', 'medium', 'clickIdType', 'platform'],
    });
    expect(of('utm')).toEqual({
      rule: 'utm',
      outcome: 'added',
      reason: 'the address has the tags source "news", medium "email", campaign "spring"',
      gave: ['campaign'],
    });
    expect(of('partner')).toMatchObject({ outcome: 'added', gave: ['partnerKey'] });
    expect(of('listed_host')).toEqual({
      rule: 'listed_host',
      outcome: 'added',
      reason: 'facebook.com is in a list of ours (social: facebook)',
      gave: ['referrerHost'],
    });
    expect(of('unlisted_host')).toMatchObject({
      outcome: 'not_matched',
      reason: 'not asked: a rule before it matched',
    });
  });

  it("says of a workspace's rules which condition did not hold", () => {
    const { of } = explain({ referrer: 'https://www.forum.example/' });
    expect(of('workspace.podcast')).toMatchObject({
      outcome: 'not_matched',
      reason: 'path "/" does not begin with "/podcast"',
    });
    expect(of('workspace.forum')).toMatchObject({
      outcome: 'not_matched',
      reason: 'parameter thread is absent',
    });
    const matching = explain({ url: 'https://shop.example/podcast?thread=1' });
    expect(matching.of('workspace.podcast')).toMatchObject({
      outcome: 'decided',
      reason: 'its conditions hold',
      gave: ['source', 'medium'],
    });
    expect(matching.of('workspace.forum')?.reason).toBe('not asked: a rule before it matched');
  });

  it('says who named the channel', () => {
    const named = explain({
      url: 'https://shop.example/?thread=1',
      referrer: 'https://a.forum.example/',
    });
    expect(named.channels).toEqual([
      { channel: 'Community', matched: true, reason: 'workspace.forum names the channel' },
    ]);
    expect(explain({}).channels).toEqual([
      {
        channel: 'Direct',
        matched: true,
        reason:
          'source "direct" is one of direct, (direct), and medium "none" is one of none, (none), (not set)',
      },
    ]);
    expect(explain({ referrer: 'https://shop.example/' }).channels).toEqual([
      { channel: 'Direct', matched: true, reason: 'a move inside the site counts as direct' },
    ]);
  });

  it.each<[title: string, arrival: Partial<ArrivalToExplain>, rule: string, reason: string]>([
    [
      'a click id that no platform makes',
      { url: 'https://shop.example/?gclid=%7Bgclid%7D' },
      'paid_click_id',
      'no click id proves an ad or an affiliate; gclid came with a value that no platform makes',
    ],
    [
      'an affiliate',
      { url: 'https://shop.example/?awc=1' },
      'paid_click_id',
      'awc proves a click of the affiliate network awin',
    ],
    [
      'a mark beside a referrer',
      { url: 'https://shop.example/?fbclid=1', referrer: 'https://t.co/x' },
      'unpaid_click_id',
      'fbclid says that the link was once copied from meta; the referrer says where it was clicked',
    ],
    [
      'a page that hands on tags',
      { url: 'https://shop.example/?utm_campaign=x', referrer: 'https://shop.example/' },
      'utm',
      'the address has the tags campaign "x", which makes no arrival of a move inside the site',
    ],
    [
      'a rule that matches a move inside the site',
      { url: 'https://shop.example/podcast', referrer: 'https://shop.example/' },
      'workspace.podcast',
      'its conditions hold, but a move inside the site is no arrival',
    ],
    [
      'a link without tags',
      { link: { linkType: 'short' }, url: '/x' },
      'link',
      'the link has no tags, so the weaker signals say where it was clicked',
    ],
    [
      'a link with tags',
      { link: { utmSource: 'a', utmMedium: 'B' }, url: '/x' },
      'link',
      'the link\'s own tags are certain: source "a", medium "b"',
    ],
    [
      'a referrer that cannot be read',
      { referrer: 'about:blank' },
      'listed_host',
      'the referrer is no address of the web or of an app',
    ],
    [
      'an app',
      { userAgent: 'Mozilla/5.0 [FBAN/FBIOS;FBAV/1]' },
      'in_app_browser',
      '"FBAN" in the user agent is an app of facebook',
    ],
    [
      'a payment provider',
      { referrer: 'https://checkout.stripe.com/' },
      'payment_provider',
      "checkout.stripe.com is a payment provider's, from where people come back",
    ],
    ['nothing at all', {}, 'direct', 'nothing says where the arrival came from'],
  ])('gives the reason of %s', (_title, arrival, rule, reason) => {
    expect(explain(arrival).of(rule)?.reason).toBe(reason);
  });

  it('takes the address for the short link where a link was clicked', () => {
    const referrer = 'https://go.example/page';
    const url = 'https://go.example/x';
    expect(explain({ url, referrer }).source.kind).toBe('internal');
    expect(explain({ url, referrer, link: {} }).source.rule).toBe('link.referrer.unlisted');
  });

  it('decides as classification does, once, and accounts for every field', () => {
    const arrival = fc.record(
      {
        url: fc
          .array(
            fc.constantFrom(
              'utm_source=a',
              'utm_source=chatgpt.com',
              'utm_medium=cpc',
              'utm_campaign=c',
              'gclid=1',
              'gclid=',
              'fbclid=1',
              'awc=1',
              'via=p',
              'thread=1',
            ),
            { maxLength: 4 },
          )
          .chain((query) =>
            fc
              .constantFrom('', '/podcast')
              .map((path) => `https://shop.example${path}?${query.join('&')}`),
          ),
        referrer: fc.constantFrom(
          'https://www.google.com/',
          'https://shop.example/',
          'https://checkout.stripe.com/',
          'https://a.forum.example/',
          'about:blank',
          '',
        ),
        userAgent: fc.constantFrom('Mozilla/5.0 [FBAN/FBIOS]', 'Mozilla/5.0'),
        link: fc.constantFrom({}, { utmSource: 'l' }, { linkType: 'referral' }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(arrival, (given) => {
        const asked = { ...given, ownHosts: new Set<string>(), rules };
        const { source, rules: considered, channels } = explainSource(asked);
        expect(source).toEqual(classifySource({ ...asked, landing: given.link === undefined }));
        expect(considered.filter(({ outcome }) => outcome === 'decided')).toHaveLength(1);
        const about = ['confidence', 'rule', 'rulesVersion', 'kind'];
        const told = Object.keys(source).filter((field) => !about.includes(field));
        const gave = considered.flatMap((rule) => rule.gave);
        const built = channels.some(({ reason }) => reason.endsWith('names the channel'))
          ? []
          : ['channel'];
        expect([...gave, ...built].sort()).toEqual(told.sort());
        expect(channels.at(-1)).toMatchObject({ channel: source.channel, matched: true });
      }),
      { numRuns: 500 },
    );
  });
});
