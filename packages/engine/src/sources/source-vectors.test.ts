/**
 * Cases on which the well-known products agree or differ, and those that the tests of GoodAnalytics prove; the decision
 * is Headwater's.
 */
import { describe, expect, it } from 'vitest';

import type { ArrivalToClassify } from './arrival.ts';
import { classifySource } from './classify.ts';
import type { Source } from './source.ts';

function classify(query: string, referrer?: string, more: Partial<ArrivalToClassify> = {}): Source {
  const url = `https://shop.example/${query}`;
  return classifySource({ url, referrer, ownHosts: new Set(), landing: true, ...more });
}

describe('where GA4, Snowplow, Plausible and PostHog differ', () => {
  it.each<[title: string, query: string, referrer: string | undefined, channel: string]>([
    [
      'cpm of an unknown site is Display, which comes before Paid Other',
      '?utm_source=somesite.com&utm_medium=cpm&utm_campaign=x',
      undefined,
      'Display',
    ],
    [
      'cpm of Facebook is Paid Social',
      '?utm_source=facebook.com&utm_medium=cpm&utm_campaign=x',
      undefined,
      'Paid Social',
    ],
    [
      'the campaign cross-network is Cross-network',
      '?utm_source=google&utm_medium=cpc&utm_campaign=cross-network',
      undefined,
      'Cross-network',
    ],
    [
      'the medium interstitial is Display',
      '?utm_source=somesite.com&utm_medium=interstitial',
      undefined,
      'Display',
    ],
    [
      'the medium newsletter is nothing that GA4 knows',
      '?utm_source=acme&utm_medium=newsletter',
      undefined,
      'Unassigned',
    ],
    [
      'a gclid alone from google.com is Paid Search',
      '?gclid=abc',
      'https://www.google.com/',
      'Paid Search',
    ],
    [
      'a msclkid from bing.com is Paid Search',
      '?msclkid=abc',
      'https://www.bing.com/',
      'Paid Search',
    ],
    ['a fbclid alone is Organic Social', '?fbclid=abc', undefined, 'Organic Social'],
    [
      'a fbclid from facebook.com is Organic Social',
      '?fbclid=abc',
      'https://l.facebook.com/',
      'Organic Social',
    ],
    [
      'a fbclid with a paid medium is Paid Social',
      '?fbclid=abc&utm_source=facebook&utm_medium=paid',
      undefined,
      'Paid Social',
    ],
    [
      'the source fb-ads without a medium is nothing that GA4 knows',
      '?utm_source=fb-ads',
      undefined,
      'Unassigned',
    ],
    ['no referrer and no tags are Direct', '', undefined, 'Direct'],
    [
      'perplexity.ai is an AI Assistant and no referral',
      '',
      'https://www.perplexity.ai/',
      'AI Assistant',
    ],
    [
      "a click in Google's AI overview or AI mode is Organic Search",
      '',
      'https://www.google.com/search?udm=50&q=shoes',
      'Organic Search',
    ],
    [
      'a free listing of the Merchant Center is Organic Shopping',
      '?srsltid=abc',
      'https://www.google.com/',
      'Organic Shopping',
    ],
    [
      'chatgpt.com in the tag is an AI Assistant',
      '?utm_source=chatgpt.com',
      undefined,
      'AI Assistant',
    ],
    [
      "OpenAI's ads are paid, not an assistant",
      '?oppref=abc',
      'https://chatgpt.com/',
      'Paid Other',
    ],
    ['an affiliate id is Affiliates', '?awc=abc', undefined, 'Affiliates'],
    [
      'an affiliate id is Affiliates whatever the tags call it',
      '?irclickid=abc&utm_source=deals&utm_medium=cpc',
      undefined,
      'Affiliates',
    ],
    ['a display click id is Display', '?dclid=abc', 'https://www.google.com/', 'Display'],
    ['webmail is Email', '', 'https://mail.google.com/', 'Email'],
    ['a mailing is Email', '?mc_cid=abc', undefined, 'Email'],
    ['a video site is Organic Video', '', 'https://www.youtube.com/', 'Organic Video'],
    ['a shopping site is Organic Shopping', '', 'https://www.amazon.co.jp/', 'Organic Shopping'],
    ['a messenger is Organic Social', '', 'https://web.whatsapp.com/', 'Organic Social'],
    ['any other site is Referral', '', 'https://some-blog.com/post', 'Referral'],
    ['a partner parameter is Referral', '?via=john', undefined, 'Referral'],
    ['the own site is no new channel', '', 'https://www.shop.example/', 'Direct'],
  ])('%s', (_title, query, referrer, channel) => {
    expect(classify(query, referrer).channel).toBe(channel);
  });
});

describe('what the source classifier tests of GoodAnalytics prove', () => {
  it.each<[title: string, query: string, referrer: string | undefined, expected: Partial<Source>]>([
    [
      'gclid → google_ads, paid, high',
      '?gclid=abc',
      undefined,
      { platform: 'google_ads', medium: 'paid', confidence: 'high', clickIdType: 'gclid' },
    ],
    ['fbclid → meta, social', '?fbclid=abc', undefined, { platform: 'meta', medium: 'social' }],
    [
      'msclkid → microsoft_ads, paid, high',
      '?msclkid=abc',
      undefined,
      { platform: 'microsoft_ads', medium: 'paid', confidence: 'high' },
    ],
    [
      'gclid beats utm newsletter / email',
      '?gclid=abc&utm_source=newsletter&utm_medium=email',
      undefined,
      { source: 'google', medium: 'paid' },
    ],
    [
      'utm twitter / social / launch',
      '?utm_source=twitter&utm_medium=social&utm_campaign=launch',
      undefined,
      { source: 'twitter', medium: 'social', campaign: 'launch' },
    ],
    [
      'all five utm are kept',
      '?utm_source=a&utm_medium=b&utm_campaign=c&utm_content=d&utm_term=e',
      undefined,
      { source: 'a', medium: 'b', campaign: 'c', content: 'd', term: 'e' },
    ],
    [
      'google.com/search → google, organic',
      '',
      'https://www.google.com/search?q=x',
      { source: 'google', medium: 'organic' },
    ],
    ['t.co → twitter, social', '', 'https://t.co/abc', { source: 'twitter', medium: 'social' }],
    [
      'some-blog.com → referral with its host',
      '',
      'https://some-blog.com/post',
      { medium: 'referral', referrerHost: 'some-blog.com' },
    ],
    ['no referrer → direct', '', undefined, { kind: 'direct', source: 'direct' }],
    ['an empty referrer → direct', '', '', { kind: 'direct', source: 'direct' }],
    [
      'www.facebook.com → facebook, social',
      '',
      'https://www.facebook.com/',
      { source: 'facebook', medium: 'social' },
    ],
    [
      'via=john → partner, referral',
      '?via=john',
      undefined,
      { partnerKey: 'john', medium: 'referral' },
    ],
    ['ref=john → partner', '?ref=john', undefined, { partnerKey: 'john' }],
    ['via beats ref', '?ref=jane&via=john', undefined, { partnerKey: 'john' }],
    [
      'gclid, via, utm and facebook.com → google_ads with the partner',
      '?gclid=abc&via=john&utm_source=x&utm_medium=social',
      'https://www.facebook.com/',
      { platform: 'google_ads', confidence: 'high', partnerKey: 'john' },
    ],
    [
      'cpc stays what it is, in lower case',
      '?utm_source=a&utm_medium=CPC',
      undefined,
      { medium: 'cpc' },
    ],
    ['email', '?utm_source=a&utm_medium=email', undefined, { medium: 'email' }],
    [
      'an unknown medium passes',
      '?utm_source=a&utm_medium=podcast',
      undefined,
      { medium: 'podcast' },
    ],
    ...[
      'chatgpt.com',
      'chat.openai.com',
      'www.perplexity.ai',
      'claude.ai',
      'copilot.microsoft.com',
      'gemini.google.com',
    ].map((host): [string, string, string, Partial<Source>] => [
      `${host} → an AI assistant`,
      '',
      `https://${host}/`,
      { medium: 'ai-assistant' },
    ]),
    ...['chatgpt.com', 'www.perplexity.ai', 'ChatGPT.com'].map(
      (host): [string, string, string, Partial<Source>] => [
        `utm_source=${host} from facebook.com → an AI assistant by its own name`,
        `?utm_source=${host}`,
        'https://www.facebook.com/',
        {
          source: host.toLowerCase().includes('perplexity') ? 'perplexity' : 'chatgpt',
          medium: 'ai-assistant',
        },
      ],
    ),
    [
      'gclid beats chatgpt.com',
      '?gclid=abc',
      'https://chatgpt.com/',
      { source: 'google', medium: 'paid' },
    ],
    ...[
      'mail.google.com',
      'mail.googleusercontent.com',
      'outlook.live.com',
      'outlook.office.com',
      'outlook.office365.com',
      'outlook.com',
      'mail.yahoo.com',
      'mail.yahoo.co.jp',
      'mail.icloud.com',
      'mail.aol.com',
      'mail.proton.me',
      'mail.zoho.com',
      'mail.gmx.com',
      'mail.gmx.net',
      'mail.gmx.de',
      'mail.web.de',
      'e.mail.ru',
      'mail.yandex.ru',
      'mail.yandex.com',
      'mail.naver.com',
      'app.fastmail.com',
      'mail.tutanota.com',
      'app.hey.com',
    ].map((host): [string, string, string, Partial<Source>] => [
      `${host} → email`,
      '',
      `https://${host}/`,
      { medium: 'email', channel: 'Email' },
    ]),
    ['yahoo.com → organic', '', 'https://yahoo.com/', { source: 'yahoo', medium: 'organic' }],
  ])('%s', (_title, query, referrer, expected) => {
    expect(classify(query, referrer)).toMatchObject(expected);
  });

  it('a click id of a product of its own, by a rule of the workspace', () => {
    const rules = [
      {
        name: 'my_network',
        when: [{ field: 'parameter', name: 'my_click', exists: true }],
        set: { source: 'my_network', medium: 'paid' },
      },
    ] as const;
    expect(classify('?my_click=1', undefined, { rules })).toMatchObject({
      source: 'my_network',
      medium: 'paid',
      channel: 'Paid Other',
      rule: 'workspace.my_network',
    });
  });

  it('a list of referrers of its own, by a rule of the workspace', () => {
    const rules = [
      {
        name: 'forum',
        when: [{ field: 'referrer_host', is: ['forum.example'] }],
        set: { source: 'forum', medium: 'social' },
      },
    ] as const;
    expect(classify('', 'https://forum.example/t/1', { rules })).toMatchObject({
      source: 'forum',
      medium: 'social',
      channel: 'Organic Social',
      kind: 'referrer',
    });
  });
});

describe('what GoodAnalytics gets wrong', () => {
  it('the own site is never a source', () => {
    const source = classify('', 'https://www.shop.example/pricing');
    expect(source).toMatchObject({ kind: 'internal', rule: 'own_host' });
    expect(source).not.toHaveProperty('source');
  });

  it("a link's own tags are the source of its clicks", () => {
    const link = { utmSource: 'twitter', utmMedium: 'social', linkType: 'short' };
    expect(classify('', undefined, { link, landing: false })).toMatchObject({
      source: 'twitter',
      channel: 'Organic Social',
      confidence: 'certain',
    });
  });

  it('the alphabet does not choose among click ids', () => {
    expect(classify('?fbclid=1&gclid=2').platform).toBe('google_ads');
  });

  it('an empty click id proves nothing', () => {
    expect(classify('?gclid=').channel).toBe('Direct');
  });

  it('a campaign alone leaves the source of the referrer', () => {
    expect(classify('?utm_campaign=launch', 'https://t.co/x')).toMatchObject({
      source: 'twitter',
      campaign: 'launch',
    });
  });

  it('CPC is cpc', () => {
    expect(classify('?utm_source=google&utm_medium=CPC').channel).toBe('Paid Search');
  });

  it.each(['https://WWW.GOOGLE.COM/', 'https://www.google.de/', 'https://www.google.com.br/'])(
    '%s is Google',
    (referrer) => {
      expect(classify('', referrer)).toMatchObject({ source: 'google', channel: 'Organic Search' });
    },
  );

  it.each<[referrer: string, source: string, channel: string]>([
    ['https://mobile.twitter.com/', 'twitter', 'Organic Social'],
    ['https://news.google.com/', 'google_news', 'Organic Search'],
    ['android-app://com.google.android.gm/', 'gmail', 'Email'],
    ['android-app://com.google.android.googlequicksearchbox/', 'google', 'Organic Search'],
    ['android-app://com.reddit.frontpage/', 'reddit', 'Organic Social'],
    ['android-app://com.google.android.youtube/', 'youtube', 'Organic Video'],
    ['android-app://com.openai.chatgpt/', 'chatgpt', 'AI Assistant'],
    ['android-app://com.ebay.mobile/', 'ebay', 'Organic Shopping'],
    ['android-app://com.example.reader/', 'com.example.reader', 'Referral'],
  ])('subdomains and apps are known: %s', (referrer, source, channel) => {
    expect(classify('', referrer)).toMatchObject({ source, channel });
  });
});
