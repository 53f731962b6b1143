import { describe, expect, it } from 'vitest';

import { inAppBrowsers } from '../devices/data/in-app-browsers.ts';
import { describeDevice } from '../devices/device.ts';
import { findAppSource } from './app-source.ts';
import { classifySource } from './classify.ts';
import { knownHosts } from './known-host.ts';

const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15';
const android = 'Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/142.0.0.0';

describe('findAppSource', () => {
  it.each<[userAgent: string, source: string]>([
    [`${iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/485.0.0.38.109;FBBV/1;FBDV/iPhone15,2]`, 'facebook'],
    [`${android} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/485.0.0.0;]`, 'facebook'],
    [`${iphone} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/485.0.0.0]`, 'messenger'],
    [`${android} Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/485.0.0.0;]`, 'messenger'],
    [`${iphone} Mobile/15E148 Instagram 350.0.0.0 (iPhone15,2; iOS 18_5)`, 'instagram'],
    [`${iphone} Mobile/15E148 Barcelona 350.0.0.0 (iPhone15,2; iOS 18_5)`, 'threads'],
    [`${iphone} Mobile/15E148 musical_ly_35.1.0 BytedanceWebview/d8a21c6`, 'tiktok'],
    [`${iphone} Mobile/15E148 Snapchat/13.1.0.33 (like Safari/8619.1)`, 'snapchat'],
    [`${iphone} Mobile/15E148 [Pinterest/iOS]`, 'pinterest'],
    [`${iphone} Mobile/15E148 [LinkedInApp]/9.30.1`, 'linkedin'],
    [`${iphone} Mobile/15E148 Twitter for iPhone/10.60`, 'twitter'],
    [`${android} Mobile Safari/537.36 TwitterAndroid`, 'twitter'],
    [`${android} Mobile Safari/537.36 MicroMessenger/8.0.50 Language/en`, 'wechat'],
    [`${iphone} Mobile/15E148 Safari Line/14.1.0`, 'line'],
    [`${android} Mobile Safari/537.36 KAKAOTALK/25.1.0 (INAPP)`, 'kakaotalk'],
    [`${android} Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.5.4)`, 'naver'],
    [`${iphone} Mobile/15E148 baiduboxapp/13.60.0.10`, 'baidu'],
    [`${iphone} GSA/340.3.1 Mobile/15E148 Safari/604.1`, 'google'],
  ])('knows %s', (userAgent, source) => {
    expect(findAppSource(userAgent)?.source).toBe(source);
  });

  it.each([
    undefined,
    '',
    `${iphone} Version/18.5 Mobile/15E148 Safari/604.1`,
    `${android} Mobile Safari/537.36`,
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
    `${'x'.repeat(100_000)} FBAN/FBIOS`,
  ])('takes %.60s for a browser proper', (userAgent) => {
    expect(findAppSource(userAgent)).toBeUndefined();
  });

  it('knows the same apps that devices are described with', () => {
    for (const token of ['MetaIAB/1', 'aweme_230400', 'DaumApps/5', 'Reddit/2023.1', 'Discord/2']) {
      const userAgent = `${android} Mobile Safari/537.36 ${token}`;
      const app = inAppBrowsers.find(({ name }) => name === describeDevice(userAgent).inApp);
      expect([token, findAppSource(userAgent)?.source]).toEqual([token, app?.source]);
    }
    const outside = `${android} Mobile Safari/537.36 AliApp(AP/10.1) AlipayClient/10.1`;
    expect(describeDevice(outside).inApp).toBe('Alipay');
    expect(findAppSource(outside)).toBeUndefined();
  });

  it('names sources of our tables', () => {
    const { social, messaging, video, search, email } = knownHosts;
    const names = Object.keys({ ...social, ...messaging, ...video, ...search, ...email });
    const sources = inAppBrowsers.flatMap(({ source }) => source ?? []);
    expect(sources.filter((source) => !names.includes(source))).toEqual([]);
  });
});

describe('the app of a user agent', () => {
  const userAgent = `${iphone} Mobile/15E148 Instagram 350.0.0.0 (iPhone15,2; iOS 18_5)`;
  const classify = (query: string, referrer?: string, link?: { linkType: string }) =>
    classifySource({
      url: `https://shop.example/${query}`,
      referrer,
      userAgent,
      link,
      ownHosts: new Set(),
      landing: link === undefined,
    });

  it('is the source where nothing else says one', () => {
    expect(classify('')).toMatchObject({
      source: 'instagram',
      medium: 'social',
      channel: 'Organic Social',
      confidence: 'low',
      rule: 'in_app.instagram',
      kind: 'referrer',
    });
    expect(classify('', 'about:blank').rule).toBe('in_app.instagram');
  });

  it('says where a link was clicked, and where a partner posted', () => {
    expect(classify('', undefined, { linkType: 'short' })).toMatchObject({
      source: 'instagram',
      rule: 'link.in_app.instagram',
      confidence: 'certain',
      kind: 'campaign',
    });
    expect(classify('?via=john')).toMatchObject({ source: 'instagram', partnerKey: 'john' });
  });

  it.each<[query: string, referrer: string | undefined]>([
    ['?utm_campaign=spring', undefined],
    ['?utm_source=newsletter', undefined],
    ['?gclid=abc', undefined],
    ['?fbclid=abc', undefined],
    ['', 'https://t.co/x'],
    ['', 'https://shop.example/'],
  ])('is not asked where %j from %j says more', (query, referrer) => {
    const { source, rule } = classify(query, referrer);
    expect(source).not.toBe('instagram');
    expect(rule).not.toContain('in_app');
  });
});
