import { describe, expect, it } from 'vitest';
import { fc } from '../../../../test/support/properties.ts';
import type { ArrivalToClassify } from './arrival.ts';
import { classifySource } from './classify.ts';
import { clickIds } from './click-ids.ts';
import { builtInRulesVersion } from './data/version.ts';
import type { Source } from './source.ts';

const ownHosts = new Set(['example.com']);
const rulesVersion = builtInRulesVersion;

function classify(query: string, referrer?: string, more: Partial<ArrivalToClassify> = {}): Source {
  return classifySource({
    url: `https://example.com/${query}`,
    referrer,
    ownHosts,
    landing: true,
    ...more,
  });
}

describe('click ids', () => {
  it.each<[parameter: string, source: string, platform: string, medium: string, channel: string]>([
    ['gclid', 'google', 'google_ads', 'paid', 'Paid Search'],
    ['gbraid', 'google', 'google_ads', 'paid', 'Paid Search'],
    ['wbraid', 'google', 'google_ads', 'paid', 'Paid Search'],
    ['gad_source', 'google', 'google_ads', 'paid', 'Paid Search'],
    ['dclid', 'google', 'google_display', 'paid', 'Display'],
    ['msclkid', 'bing', 'microsoft_ads', 'paid', 'Paid Search'],
    ['fbclid', 'facebook', 'meta', 'social', 'Organic Social'],
    ['ttclid', 'tiktok', 'tiktok', 'paid', 'Paid Social'],
    ['twclid', 'twitter', 'twitter_ads', 'paid', 'Paid Social'],
    ['li_fat_id', 'linkedin', 'linkedin_ads', 'paid', 'Paid Social'],
    ['ScCid', 'snapchat', 'snapchat_ads', 'paid', 'Paid Social'],
    ['epik', 'pinterest', 'pinterest_ads', 'paid', 'Paid Social'],
    ['oppref', 'chatgpt', 'openai_ads', 'paid', 'Paid Other'],
    ['irclickid', 'impact', 'impact_radius', 'affiliate', 'Affiliates'],
    ['igshid', 'instagram', 'meta', 'social', 'Organic Social'],
    ['srsltid', 'google', 'google_merchant', 'organic', 'Organic Shopping'],
    ['mc_eid', 'mailchimp', 'mailchimp', 'email', 'Email'],
  ])('take %s alone for %s by %s, %s: %s', (parameter, source, platform, medium, channel) => {
    expect(classify(`?${parameter}=abc123`)).toEqual({
      source,
      medium,
      ...(parameter === 'srsltid' && { campaign: 'Shopping Free Listings' }),
      channel,
      clickIdType: parameter,
      platform,
      confidence: 'high',
      rule: `click_id.${parameter}`,
      rulesVersion,
      kind: 'campaign',
    });
  });

  it('count in any case of their letters', () => {
    for (const name of ['ScCid', 'sccid', 'SCCID']) {
      expect(classify(`?${name}=abc`)).toMatchObject({
        clickIdType: 'ScCid',
        platform: 'snapchat_ads',
      });
    }
  });

  it.each(['?gclid=', '?gclid', '?gclid=%20', '?gclid=%7Bgclid%7D', `?gclid=${'x'.repeat(600)}`])(
    'are absent when the value is empty or nothing a platform makes: %.30s',
    (query) => {
      expect(classify(query).kind).toBe('direct');
    },
  );

  it.each<[query: string, winner: string]>([
    ['?fbclid=1&gclid=2', 'gclid'],
    ['?dclid=1&gclid=2', 'gclid'],
    ['?epik=1&msclkid=2', 'msclkid'],
    ['?awc=1&wbraid=2', 'wbraid'],
    ['?awc=1&ttclid=2', 'ttclid'],
    ['?fbclid=1&awc=2', 'awc'],
    ['?igsh=1&fbclid=2', 'fbclid'],
    ['?gclid=&fbclid=2', 'fbclid'],
  ])('are decided by what they prove, not by the alphabet or the order: %s', (query, winner) => {
    expect(classify(query).clickIdType).toBe(winner);
    expect(classify(`?${query.slice(1).split('&').toReversed().join('&')}`).clickIdType).toBe(
      winner,
    );
  });

  it('beat UTM, whose campaign stays', () => {
    expect(
      classify(
        '?gclid=a&utm_source=newsletter&utm_medium=email&utm_campaign=spring&utm_term=shoes',
      ),
    ).toEqual({
      source: 'google',
      medium: 'paid',
      campaign: 'spring',
      term: 'shoes',
      channel: 'Paid Search',
      rulesVersion,
      clickIdType: 'gclid',
      platform: 'google_ads',
      confidence: 'high',
      rule: 'click_id.gclid',
      kind: 'campaign',
    });
  });

  it('leave the words of UTM that call the click paid too', () => {
    expect(classify('?gclid=a&utm_source=adwords&utm_medium=CPC')).toMatchObject({
      source: 'adwords',
      medium: 'cpc',
      platform: 'google_ads',
      rule: 'click_id.gclid',
    });
    expect(classify('?gclid=a&utm_medium=cpm')).toMatchObject({ source: 'google', medium: 'cpm' });
    expect(classify('?irclickid=a&utm_source=deals&utm_medium=affiliate')).toMatchObject({
      source: 'deals',
      medium: 'affiliate',
    });
  });

  it('beat the referrer, whose host stays, and keep the partner', () => {
    expect(
      classify('?gclid=a&via=john&utm_source=x&utm_medium=social', 'https://www.facebook.com/'),
    ).toMatchObject({
      source: 'google',
      medium: 'paid',
      platform: 'google_ads',
      confidence: 'high',
      partnerKey: 'john',
      referrerHost: 'facebook.com',
    });
    expect(classify('?gclid=a', 'https://chatgpt.com/')).toMatchObject({
      source: 'google',
      medium: 'paid',
    });
  });

  it('that prove nothing give way to UTM and keep the platform beside it', () => {
    expect(classify('?fbclid=a&utm_source=facebook&utm_medium=paid_social')).toMatchObject({
      source: 'facebook',
      medium: 'paid_social',
      clickIdType: 'fbclid',
      platform: 'meta',
      rule: 'utm',
    });
  });

  it('that prove nothing give way to the referrer: the link was passed on', () => {
    expect(classify('?fbclid=a', 'https://t.co/x')).toMatchObject({
      source: 'twitter',
      medium: 'social',
      clickIdType: 'fbclid',
      rule: 'referrer.social.twitter',
      kind: 'campaign',
    });
  });

  it('of our own are none of them', () => {
    expect(classify('?hw_click=0190&ga_id=0190').kind).toBe('direct');
  });
});

describe('UTM', () => {
  it('gives all five', () => {
    expect(
      classify(
        '?utm_source=twitter&utm_medium=social&utm_campaign=launch&utm_content=a&utm_term=b',
      ),
    ).toEqual({
      source: 'twitter',
      medium: 'social',
      campaign: 'launch',
      content: 'a',
      term: 'b',
      channel: 'Organic Social',
      rulesVersion,
      confidence: 'medium',
      rule: 'utm',
      kind: 'campaign',
    });
  });

  it.each([
    ['cpc', 'cpc'],
    ['CPC', 'cpc'],
    ['ppc', 'ppc'],
    ['Paid', 'paid'],
    [' Email ', 'email'],
    ['Paid_Social', 'paid_social'],
    ['podcast', 'podcast'],
  ])('keeps the medium %j as %j', (typed, medium) => {
    expect(classify(`?utm_source=x&utm_medium=${encodeURIComponent(typed)}`).medium).toBe(medium);
  });

  it('keeps the source as it was typed', () => {
    expect(classify('?utm_source=Fall+Flyer').source).toBe('Fall Flyer');
  });

  it('beats the referrer', () => {
    expect(
      classify('?utm_source=newsletter&utm_medium=email', 'https://www.google.com/'),
    ).toMatchObject({
      source: 'newsletter',
      medium: 'email',
      referrerHost: 'google.com',
    });
  });

  it('never borrows the medium of another source', () => {
    expect(classify('?utm_source=newsletter', 'https://www.google.com/')).not.toHaveProperty(
      'medium',
    );
  });

  it('with a campaign alone leaves the source of the referrer', () => {
    expect(classify('?utm_campaign=launch', 'https://t.co/x')).toMatchObject({
      source: 'twitter',
      medium: 'social',
      campaign: 'launch',
      kind: 'campaign',
    });
  });

  it('with a campaign alone and no referrer knows no source', () => {
    const source = classify('?utm_campaign=launch');
    expect(source).toEqual({
      campaign: 'launch',
      channel: 'Unassigned',
      rulesVersion,
      confidence: 'medium',
      rule: 'utm',
      kind: 'campaign',
    });
  });

  it('with a medium alone keeps the source of the referrer', () => {
    expect(classify('?utm_medium=cpc', 'https://www.google.com/')).toMatchObject({
      source: 'google',
      medium: 'cpc',
    });
  });

  it.each([
    '?utm_source=',
    '?utm_source=%20',
    '?utm_source',
    '?utm_source=&utm_medium=&utm_campaign=',
  ])('counts as absent when it is empty: %s', (query) => {
    expect(classify(query).kind).toBe('direct');
  });

  it('takes the first good value of a repeated parameter', () => {
    expect(classify('?utm_source=&utm_source=first&utm_source=second').source).toBe('first');
  });

  it.each([
    '?mtm_source=x&mtm_medium=Email&mtm_campaign=c&mtm_content=d&mtm_kwd=t',
    '?pk_source=x&pk_medium=email&pk_campaign=c&pk_content=d&pk_keyword=t',
    '?pk_source=no&utm_source=x&mtm_medium=email&mtm_campaign=c&utm_content=d&mtm_keyword=t',
  ])("reads Matomo's names beneath its own: %s", (query) => {
    expect(classify(query)).toMatchObject({
      source: 'x',
      medium: 'email',
      campaign: 'c',
      content: 'd',
      term: 't',
    });
  });

  it.each<[utmSource: string, assistant: string]>([
    ['chatgpt.com', 'chatgpt'],
    ['ChatGPT.com', 'chatgpt'],
    ['chatgpt', 'chatgpt'],
    ['www.perplexity.ai', 'perplexity'],
    ['perplexity', 'perplexity'],
    ['claude.ai', 'claude'],
    ['copilot.com', 'copilot'],
  ])('takes the source %s for the assistant %s', (utmSource, assistant) => {
    for (const medium of ['', '&utm_medium=referral', '&utm_medium=ai']) {
      expect(
        classify(`?utm_source=${utmSource}${medium}`, 'https://www.facebook.com/'),
      ).toMatchObject({
        source: assistant,
        medium: 'ai-assistant',
        rule: `utm.ai.${assistant}`,
      });
    }
  });

  it('keeps another medium of an assistant, a paid one above all', () => {
    expect(classify('?utm_source=chatgpt.com&utm_medium=cpc')).toMatchObject({
      source: 'chatgpt',
      medium: 'cpc',
    });
    expect(classify('?utm_source=chatgpt.com&oppref=x')).toMatchObject({
      source: 'chatgpt',
      medium: 'paid',
    });
  });

  it.each(['fb-ads', 'facebook.com', 'constructor', 'you', '..', 'a.b'])(
    'takes the source %s as it is',
    (utmSource) => {
      const source = classify(`?utm_source=${utmSource}`);
      expect(source).toMatchObject({ source: utmSource, rule: 'utm' });
      expect(source).not.toHaveProperty('medium');
    },
  );
});

describe('partner parameters', () => {
  it.each<[query: string, partnerKey: string, rule: string]>([
    ['?via=john', 'john', 'partner.via'],
    ['?ref=jane', 'jane', 'partner.ref'],
    ['?ref=jane&via=john', 'john', 'partner.via'],
    ['?via=&ref=jane', 'jane', 'partner.ref'],
  ])('%s brings %s', (query, partnerKey, rule) => {
    expect(classify(query)).toEqual({
      medium: 'referral',
      partnerKey,
      channel: 'Referral',
      rulesVersion,
      confidence: 'high',
      rule,
      kind: 'campaign',
    });
  });

  it('are absent when empty', () => {
    expect(classify('?via=&ref=%20').kind).toBe('direct');
  });

  it('leave where it was clicked to the referrer', () => {
    expect(classify('?via=john', 'https://t.co/x')).toMatchObject({
      source: 'twitter',
      medium: 'social',
      partnerKey: 'john',
      rule: 'partner.via',
    });
  });

  it('stay beside UTM', () => {
    expect(classify('?via=john&utm_source=x')).toMatchObject({
      source: 'x',
      partnerKey: 'john',
      rule: 'utm',
    });
  });
});

describe('the own site and providers', () => {
  it.each<[referrer: string, rule: string]>([
    ['https://example.com/pricing', 'own_host'],
    ['https://www.example.com/', 'own_host'],
    ['https://blog.example.com/', 'own_host'],
    ['https://checkout.stripe.com/', 'payment_provider'],
    ['https://accounts.google.com/', 'sign_in_provider'],
  ])('are internal and never a source: %s', (referrer, rule) => {
    const source = classify('', referrer);
    expect(source).toMatchObject({ kind: 'internal', rule });
    expect(source).not.toHaveProperty('source');
  });

  it('include the host of the landing itself', () => {
    const input = {
      url: 'https://shop.example/a',
      referrer: 'https://www.shop.example/',
      ownHosts: new Set<string>(),
    };
    expect(classifySource({ ...input, landing: true }).kind).toBe('internal');
    expect(classifySource({ ...input, landing: false }).kind).toBe('referrer');
  });

  it.each(['?via=john', '?fbclid=a', '?utm_campaign=launch'])(
    'stay internal when a page hands on %s',
    (query) => {
      expect(classify(query, 'https://example.com/').kind).toBe('internal');
    },
  );

  it.each(['?utm_source=x', '?utm_medium=cpc', '?gclid=a'])(
    'give way to a tag that names a source: %s',
    (query) => {
      expect(classify(query, 'https://example.com/').kind).toBe('campaign');
    },
  );
});

describe('own links', () => {
  const click = (link: NonNullable<ArrivalToClassify['link']>, query = '', referrer?: string) =>
    classifySource({ url: `/launch${query}`, referrer, link, ownHosts, landing: false });

  it('are certain by their own UTM', () => {
    expect(
      click(
        {
          utmSource: 'podcast',
          utmMedium: 'Audio',
          utmCampaign: 'ep1',
          utmContent: 'a',
          utmTerm: 'b',
        },
        '',
        'https://t.co/x',
      ),
    ).toEqual({
      source: 'podcast',
      medium: 'audio',
      campaign: 'ep1',
      content: 'a',
      term: 'b',
      channel: 'Audio',
      rulesVersion,
      referrerHost: 't.co',
      confidence: 'certain',
      rule: 'link.utm',
      kind: 'campaign',
    });
  });

  it('beat click id and UTM of the request, which stay beside', () => {
    expect(
      click(
        { utmSource: 'podcast' },
        '?gclid=a&utm_source=x&utm_medium=email&utm_campaign=c&via=john',
      ),
    ).toEqual({
      source: 'podcast',
      campaign: 'c',
      clickIdType: 'gclid',
      channel: 'Unassigned',
      rulesVersion,
      platform: 'google_ads',
      partnerKey: 'john',
      confidence: 'certain',
      rule: 'link.utm',
      kind: 'campaign',
    });
  });

  it.each<[query: string, referrer: string | undefined, expected: Partial<Source>]>([
    [
      '',
      'https://t.co/x',
      { source: 'twitter', medium: 'social', rule: 'link.referrer.social.twitter' },
    ],
    ['?gclid=a', undefined, { source: 'google', medium: 'paid', rule: 'link.click_id.gclid' }],
    ['?utm_source=x', undefined, { source: 'x', rule: 'link.utm' }],
    ['', 'https://example.com/', { rule: 'link.own_host', referrerHost: 'example.com' }],
    ['', undefined, { rule: 'link.direct' }],
  ])('without UTM take the source of what is known: %j from %j', (query, referrer, expected) => {
    const source = click({ linkType: 'short' }, query, referrer);
    expect(source).toEqual({ ...source, ...expected, kind: 'campaign', confidence: 'certain' });
    expect(source.source).toBe(expected.source);
  });

  it('of a partner are referrals where nothing else is known', () => {
    expect(click({ linkType: 'referral' }).medium).toBe('referral');
    expect(click({ linkType: 'referral', utmMedium: 'affiliate' }).medium).toBe('affiliate');
    expect(click({ linkType: 'referral', utmSource: 'x' })).not.toHaveProperty('medium');
  });

  it('ignore empty UTM', () => {
    expect(click({ utmSource: ' ', utmMedium: '' }, '', 'https://t.co/x').source).toBe('twitter');
  });
});

describe('any input', () => {
  const names = fc.constantFrom(
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'mtm_term',
    'pk_kwd',
    'via',
    'ref',
    'gclid',
    'fbclid',
    '__proto__',
    'x',
  );
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const encoded = text.map((value) => encodeURIComponent(value.toWellFormed()));
  const query = fc
    .array(fc.tuple(names, fc.oneof(text, encoded)), { maxLength: 12 })
    .map((parameters) => parameters.map(([name, value]) => `${name}=${value}`).join('&'));
  const referrer = fc.oneof(
    text,
    text.map((host) => `https://${host}`),
    fc.webUrl(),
    fc.constant('https://t.co/x'),
  );
  const link = fc.record(
    {
      utmSource: text,
      utmMedium: text,
      utmTerm: text,
      linkType: fc.constantFrom('short', 'referral'),
    },
    { requiredKeys: [] },
  );

  function expectGood(source: Source): void {
    for (const value of Object.values(source) as string[]) {
      expect(value.length).toBeGreaterThan(0);
      expect(value.length).toBeLessThanOrEqual(255);
      expect(value).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }
    expect(source.rule).toMatch(/^[\w.]+$/);
    expect(source.kind === 'internal' && 'source' in source).toBe(false);
  }

  it('gives a source of clean short texts and never throws', () => {
    fc.assert(
      fc.property(
        query,
        fc.option(referrer, { nil: undefined }),
        fc.option(link, { nil: undefined }),
        fc.boolean(),
        (parameters, from, clicked, landing) => {
          expectGood(
            classifySource({
              url: `https://example.com/?${parameters}`,
              referrer: from,
              link: clicked,
              ownHosts,
              landing,
            }),
          );
          expectGood(classifySource({ url: parameters, referrer: from, ownHosts, landing }));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never takes an own host, or a provider, for a source', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.oneof(
      label.map((name) => `${name}.example.com`),
      fc.constantFrom('example.com', 'WWW.Example.COM', 'example.com:8443', 'example.com.'),
      fc.constantFrom('checkout.stripe.com', 'www.paypal.com', 'accounts.google.co.uk'),
    );
    const weak = fc.subarray(['via=john', 'fbclid=1', 'utm_campaign=c', 'mc_cid=1', 'x=y']);
    fc.assert(
      fc.property(host, fc.webPath(), weak, (from, path, handedOn) => {
        const source = classify(`?${handedOn.join('&')}`, `https://${from}${path}`);
        expect(source.kind).toBe('internal');
        expect(source).not.toHaveProperty('source');
        expect(source).not.toHaveProperty('medium');
      }),
    );
  });

  it('does not depend on the order of different parameters', () => {
    const parameters = fc.uniqueArray(
      fc.constantFrom(
        'utm_source=a',
        'utm_medium=cpc',
        'mtm_source=b',
        'via=c',
        'ref=d',
        ...clickIds.map(({ parameter }) => `${parameter}=e`),
      ),
    );
    fc.assert(
      fc.property(parameters, (list) => {
        expect(classify(`?${list.toReversed().join('&')}`)).toEqual(classify(`?${list.join('&')}`));
      }),
    );
  });

  it.each<[title: string, url: string]>([
    ['one long value', `?utm_source=${'x'.repeat(100_000)}`],
    ['one long name', `?${'x'.repeat(100_000)}=1&utm_source=late`],
    ['percent signs', `?utm_source=${'%'.repeat(100_000)}`],
    ['broken sequences', `?utm_source=${'%E0%A4'.repeat(16_000)}`],
    ['pluses', `?utm_source=x${'+'.repeat(100_000)}`],
    ['empty pairs', `?${'&'.repeat(100_000)}utm_source=late`],
    ['many parameters', `?utm_source=early&${'a&'.repeat(50_000)}`],
    ['many click ids', `?utm_source=early&${'gclid=%3C&'.repeat(10_000)}`],
    ['control characters', `?utm_source=a${'%00'.repeat(33_000)}`],
    ['CJK', `?utm_source=${'%E6%97%A5'.repeat(11_000)}`],
    ['question marks', `?utm_source=a&${'?'.repeat(100_000)}`],
    ['fragments', `?utm_source=a${'#'.repeat(100_000)}`],
  ])('of 100 kB is handled: %s', (_title, longQuery) => {
    const source = classify(longQuery, `https://${'a.'.repeat(50_000)}com/`);
    expectGood(source);
    expect(source.rule).toBe('utm');
  });

  it.each([
    'https://' + 'a.'.repeat(126) + 'a',
    'https://' + '.'.repeat(100_000),
    `https://x.com/${'/'.repeat(100_000)}`,
    `https://${'@'.repeat(100_000)}`,
    ' '.repeat(100_000),
  ])('as referrer is handled: %.20s…', (from) => {
    expectGood(classify('', from));
  });

  it('lets nothing of the address break a header', () => {
    const source = classify(
      '?utm_source=a%0d%0aSet-Cookie:%20b&utm_medium=%00cpc%00&via=%0d%0ajohn',
    );
    expect(source).toMatchObject({ source: 'aSet-Cookie: b', medium: 'cpc', partnerKey: 'john' });
  });
});
