import { describe, expect, it } from 'vitest';

import { prepareRedirectLink } from '../links/redirect-link.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import { createClickClassifier } from './classify-click.ts';

const instagram = 'Mozilla/5.0 (iPhone) Mobile/15E148 Instagram 350.0.0.0';
const facebook = 'Mozilla/5.0 (iPhone) Mobile/15E148 [FBAN/FBIOS;FBAV/485.0]';
const browser = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36';

function makeLink(more: Partial<RedirectLink> = {}): RedirectLink {
  return prepareRedirectLink({
    workspaceId: 'w',
    id: 'l',
    domain: 'go.test',
    key: 'launch',
    linkType: 'short',
    partnerId: null,
    url: 'https://shop.test/',
    iosUrl: null,
    androidUrl: null,
    utmSource: null,
    utmMedium: null,
    utmCampaign: null,
    utmContent: null,
    utmTerm: null,
    geoTargeting: {},
    expiresAt: null,
    ...more,
  });
}

const rules: readonly SourceRule[] = [
  {
    name: 'launch',
    when: [{ field: 'path', is: ['/launch'] }],
    set: { source: 'fair', medium: 'offline' },
  },
];

describe('createClickClassifier', () => {
  const ownHosts = new Set(['shop.test']);
  const click = (more: Partial<Parameters<ReturnType<typeof createClickClassifier>>[1]> = {}) => ({
    url: 'https://go.test/launch',
    hasQuery: false,
    referrer: 'https://t.co/x',
    userAgent: browser,
    ownHosts,
    rules: undefined,
    ...more,
  });

  it('works out the source of a link and a referrer once', () => {
    const classify = createClickClassifier();
    const link = makeLink();
    const first = classify(link, click());
    expect(first).toMatchObject({ source: 'twitter', channel: 'Organic Social' });
    expect(classify(link, click({ userAgent: instagram }))).toBe(first);
  });

  it.each<[change: string, link: RedirectLink, more: Parameters<typeof click>[0], source: string]>([
    ['the link', makeLink({ utmSource: 'radio' }), {}, 'radio'],
    ['the rules', makeLink(), { rules }, 'fair'],
    ['the own hosts', makeLink(), { ownHosts: new Set(['t.co']) }, 'undefined'],
    ['the referrer', makeLink(), { referrer: 'https://www.bing.com/' }, 'bing'],
  ])('forgets it when %s changes', (_change, link, more, source) => {
    const classify = createClickClassifier();
    classify(makeLink(), click());
    expect(String(classify(link, click(more)).source)).toBe(source);
  });

  it('forgets it when a rule is taken back', () => {
    const classify = createClickClassifier();
    const link = makeLink();
    expect(classify(link, click({ rules })).rule).toBe('workspace.launch');
    expect(classify(link, click()).rule).toBe('link.referrer.social.twitter');
  });

  it('keeps apps apart where there is no referrer', () => {
    const classify = createClickClassifier();
    const link = makeLink();
    const from = (userAgent: string, referrer?: string) =>
      classify(link, click({ referrer, userAgent })).source;
    expect([from(instagram), from(facebook), from(browser), from(instagram)]).toEqual([
      'instagram',
      'facebook',
      undefined,
      'instagram',
    ]);
  });

  it('keeps apps apart where the referrer cannot be read', () => {
    const classify = createClickClassifier();
    const link = makeLink();
    const from = (userAgent: string) =>
      classify(link, click({ referrer: 'about:blank', userAgent })).source;
    expect([from(instagram), from(facebook), from(browser)]).toEqual([
      'instagram',
      'facebook',
      undefined,
    ]);
  });

  it('reads the query of every click', () => {
    const classify = createClickClassifier();
    const link = makeLink();
    classify(link, click());
    const url = 'https://go.test/launch?gclid=abc';
    expect(classify(link, click({ url, hasQuery: true })).platform).toBe('google_ads');
  });
});
