import { describe, expect, it } from 'vitest';
import { findKnownApp, findKnownHost, knownHosts } from './known-host.ts';

const patterns = Object.entries(knownHosts).flatMap(([category, sources]) =>
  Object.entries(sources).flatMap(([source, list]) =>
    list.map((pattern) => ({ category, source, pattern })),
  ),
);

describe('the tables of known hosts', () => {
  it('name each host once', () => {
    const names = patterns.map(({ pattern }) => pattern);
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
  });

  it('hold patterns in the forms that are explained', () => {
    const form =
      /^(?:(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:\.[a-z]{2,}|\.\*)(?:\/[a-z0-9/_-]+)?|android-app:[a-z0-9._]+)$/;
    expect(patterns.filter(({ pattern }) => !form.test(pattern))).toEqual([]);
  });

  it('name sources by lower-case words that fit a rule id', () => {
    expect(patterns.filter(({ source }) => !/^[a-z0-9_]+$/.test(source))).toEqual([]);
  });

  it('use one name for one category of source, providers aside', () => {
    const categories = new Map<string, Set<string>>();
    for (const { category, source } of patterns) {
      if (category === 'payment' || category === 'sign_in') continue;
      categories.set(source, (categories.get(source) ?? new Set()).add(category));
    }
    expect([...categories].filter(([, of]) => of.size > 1)).toEqual([]);
  });

  it('give back every entry by its own host', () => {
    const lost = patterns.filter(({ category, source, pattern }) => {
      if (pattern.startsWith('android-app:')) {
        const known = findKnownApp(pattern.slice('android-app:'.length));
        return known?.source !== source || known.category !== category;
      }
      const [host = '', path = ''] = pattern
        .replace('.*', '.de')
        .replace('*.', '')
        .split(/(?=\/)/, 2);
      const known = findKnownHost(host, path === '' ? '' : pattern.slice(pattern.indexOf('/')));
      return known?.source !== source || known.category !== category;
    });
    expect(lost).toEqual([]);
  });
});

describe('findKnownHost', () => {
  it.each<[host: string, path: string, expected: string | undefined]>([
    ['google.com', '/search', 'search google'],
    ['google.de', '', 'search google'],
    ['google.co.uk', '', 'search google'],
    ['google.com.br', '', 'search google'],
    ['google.com.hk', '', 'search google'],
    ['google.co.ao', '', 'search google'],
    ['images.google.fr', '', 'search google'],
    ['news.google.com', '', 'search google_news'],
    ['docs.google.com', '', undefined],
    ['translate.google.com', '', undefined],
    ['google.evil.com', '', undefined],
    ['google.uk.com', '', undefined],
    ['google.xyz', '', undefined],
    ['notgoogle.com', '', undefined],
    ['r.search.yahoo.com', '', 'search yahoo'],
    ['search.yahoo.co.jp', '', 'search yahoo'],
    ['uk.search.yahoo.com', '', 'search yahoo'],
    ['mail.yahoo.com', '', 'email yahoo_mail'],
    ['mail.yahoo.co.jp', '', 'email yahoo_mail'],
    ['finance.yahoo.com', '', undefined],
    ['yandex.com.tr', '', 'search yandex'],
    ['r.duckduckgo.com', '', 'search duckduckgo'],
    ['cn.bing.com', '', 'search bing'],
    ['bing.com', '/chat', 'ai copilot'],
    ['edgeservices.bing.com', '', 'ai copilot'],
    ['tieba.baidu.com', '', 'social tieba'],
    ['mobile.twitter.com', '', 'social twitter'],
    ['x.com', '/someone/status/1', 'social twitter'],
    ['x.com', '/i/grok', 'ai grok'],
    ['l.instagram.com', '', 'social instagram'],
    ['pinterest.co.uk', '', 'social pinterest'],
    ['de.pinterest.com', '', 'social pinterest'],
    ['ask.fm', '', 'social ask_fm'],
    ['amazon.de', '', 'shopping amazon'],
    ['aws.amazon.com', '', undefined],
    ['pay.amazon.com', '', 'payment amazon_pay'],
    ['accounts.google.com', '', 'sign_in google'],
    ['accounts.google.co.uk', '', 'sign_in google'],
    ['gemini.google.com', '', 'ai gemini'],
    ['github.com', '/login/oauth/authorize', 'sign_in github'],
    ['github.com', '/someone/repository', undefined],
    ['play.google.com', '', 'search google_play'],
    ['groups.google.de', '', 'social google_groups'],
    ['maps.google.co.jp', '', 'search google_maps'],
    ['mail.yandex.com.tr', '', 'email yandex_mail'],
    ['market.yandex.ru', '', 'shopping yandex_market'],
    ['zen.yandex.ru', '', 'social dzen'],
    ['so.toutiao.com', '', 'search toutiao_search'],
    ['m.toutiao.com', '', 'social toutiao'],
    ['shopping.naver.com', '', 'shopping naver_shopping'],
    ['kin.naver.com', '', 'social naver_blog'],
    ['pay.naver.com', '', 'payment naver_pay'],
    ['shopify.com', '/checkouts/c/1', 'payment shopify_checkout'],
    ['apps.shopify.com', '', 'shopping shopify'],
    ['pay.line.me', '', 'payment line_pay'],
    ['liff.line.me', '', 'messaging line'],
    ['instagram.com', '/oauth/authorize', 'sign_in instagram'],
    ['l.threads.com', '', 'social threads'],
    ['lastfm.de', '', 'social last_fm'],
    ['www2.mercadolibre.com.mx', '', 'shopping mercado_libre'],
    ['ebay.co.uk', '', 'shopping ebay'],
    ['kagi.com', '/assistant', 'ai kagi_assistant'],
    ['kagi.com', '/search', 'search kagi'],
    ['eur01.safelinks.protection.outlook.com', '', 'email outlook'],
    ['protect-eu.mimecast.com', '', 'email mimecast'],
    ['localhost', '', undefined],
    ['127.0.0.1', '', undefined],
    ['[::1]', '', undefined],
    ['com', '', undefined],
  ])('takes %s%s for %s', (host, path, expected) => {
    const known = findKnownHost(host, path);
    expect(known && `${known.category} ${known.source}`).toBe(expected);
  });
});

describe('findKnownApp', () => {
  it.each<[packageName: string, expected: string | undefined]>([
    ['com.google.android.googlequicksearchbox', 'search google'],
    ['com.google.android.gm', 'email gmail'],
    ['com.facebook.katana', 'social facebook'],
    ['com.instagram.lite', 'social instagram'],
    ['com.whatsapp', 'messaging whatsapp'],
    ['com.zing.zalo', 'messaging zalo'],
    ['com.google.android.youtube', 'video youtube'],
    ['com.einnovation.temu', 'shopping temu'],
    ['com.anthropic.claude', 'ai claude'],
    ['com.example.reader', undefined],
  ])('takes %s for %s', (packageName, expected) => {
    const known = findKnownApp(packageName);
    expect(known && `${known.category} ${known.source}`).toBe(expected);
  });
});
