import { describe, expect, it } from 'vitest';
import { fc } from '../../../../test/support/properties.ts';
import {
  decodeParameter,
  hostOf,
  normaliseHost,
  parseQuery,
  pathOf,
  schemeOf,
  withoutPort,
  withoutWww,
} from './url.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom(
      '%',
      '2',
      'f',
      '&',
      '=',
      '+',
      '?',
      '#',
      ':',
      '/',
      '[',
      ']',
      '@',
      '.',
      '\\',
      '\u0000',
      '\ud800',
      'é',
    ),
    maxLength: 60,
  }),
  fc.string({ maxLength: 60 }).map((text) => `https://${text}`),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);

describe('parseQuery', () => {
  it.each<[title: string, url: string, expected: Array<[string, string]>]>([
    [
      'reads an absolute URL',
      'https://a.example/p?x=1&y=2',
      [
        ['x', '1'],
        ['y', '2'],
      ],
    ],
    ['reads a bare path', '/launch?x=1', [['x', '1']]],
    ['finds nothing without a query', 'https://a.example/p', []],
    ['leaves the fragment out', '/p?x=1#y=2', [['x', '1']]],
    ['reads no query inside the fragment', '/p#/route?x=1', []],
    [
      'keeps repeated parameters',
      '?a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['takes a plus for a space', '?q=red+shoes', [['q', 'red shoes']]],
    ['keeps an encoded plus', '?q=a%2Bb', [['q', 'a+b']]],
    ['decodes names too', '?utm%5Fsource=x', [['utm_source', 'x']]],
    ['splits at the first equals sign only', '?a=b=c', [['a', 'b=c']]],
    [
      'gives an empty value where none is',
      '?a&b=',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['skips empty pairs', '?&&a=1&', [['a', '1']]],
    ['keeps a further question mark', '?a=1?b=2', [['a', '1?b=2']]],
    ['decodes CJK', '?q=%E6%97%A5%E6%9C%AC', [['q', '日本']]],
    [
      'keeps broken percent encoding',
      '?a=100%&b=%zz&c=%E0%A4',
      [
        ['a', '100%'],
        ['b', '%zz'],
        ['c', '\ufffd'],
      ],
    ],
    [
      'decodes what it can beside a broken part',
      '?a=%41%&b=%FF+%42',
      [
        ['a', 'A%'],
        ['b', '\ufffd B'],
      ],
    ],
  ])('%s', (_title, url, expected) => {
    expect(parseQuery(url)).toEqual(expected);
  });

  it('reads at most 1,000 parameters', () => {
    expect(parseQuery(`/?${'a=1&'.repeat(25_000)}`)).toHaveLength(1_000);
  });

  it('finds a parameter at the end of a URL of 100 kB', () => {
    expect(parseQuery(`/?pad=${'x'.repeat(100_000)}&last=1`)).toContainEqual(['last', '1']);
  });

  it('reads a query up to 131,072 characters', () => {
    expect(parseQuery(`/?pad=${'x'.repeat(140_000)}&last=1`)).toHaveLength(1);
  });

  it('agrees with URLSearchParams on any query without a fragment', () => {
    // Node reads a raw `é` beside a broken escape as one byte of it, which the standard does not: none here.
    const query = fc.string({
      unit: fc.constantFrom('a', 'b', '%', '4', '1', 'F', '&', '=', '+', ' '),
      maxLength: 40,
    });
    fc.assert(
      fc.property(query, (text) => {
        const expected = [...new URLSearchParams(text)].filter(
          ([name, value]) => name !== '' || value !== '',
        );
        expect(
          parseQuery(`/?${text}`).filter(([name, value]) => name !== '' || value !== ''),
        ).toEqual(expected);
      }),
    );
  });
});

describe('decodeParameter', () => {
  it('cuts what is beyond 4,096 characters', () => {
    expect(decodeParameter('x'.repeat(5_000))).toHaveLength(4_096);
  });

  it('keeps an ampersand in a broken value', () => {
    expect(decodeParameter('a&b%')).toBe('a&b%');
  });
});

describe('hostOf', () => {
  it.each<[url: string, expected: string | undefined]>([
    ['https://Example.COM/path', 'example.com'],
    ['https://example.com', 'example.com'],
    ['https://example.com?x=1', 'example.com'],
    ['https://example.com#top', 'example.com'],
    ['https://example.com./', 'example.com'],
    ['https://example.com.:443/', 'example.com'],
    ['https://example.com:443/', 'example.com'],
    ['http://example.com:80/', 'example.com'],
    ['http://example.com:443/', 'example.com:443'],
    ['https://example.com:80/', 'example.com:80'],
    ['http://localhost:04400/x', 'localhost:4400'],
    ['https://user:pass@example.com/', 'example.com'],
    ['https://a@b@example.com/', 'example.com'],
    ['https://example.com\\@evil.example/', 'example.com'],
    ['HTTPS://EXAMPLE.COM', 'example.com'],
    ['https://münchen.example/', 'xn--mnchen-3ya.example'],
    ['https://ex%61mple.com/', 'example.com'],
    ['http://[::1]:8080/', '[::1]:8080'],
    ['http://[0:0:0:0:0:0:0:1]/', '[::1]'],
    ['https://[2001:DB8::A]:443/', '[2001:db8::a]'],
    ['android-app://com.google.android.gm/', 'com.google.android.gm'],
    ['android-app://com.laurencedawson.reddit_sync', 'com.laurencedawson.reddit_sync'],
    ['/path?x=https://example.com', undefined],
    ['//example.com/path', undefined],
    ['example.com/path', undefined],
    ['about:blank', undefined],
    ['javascript:alert(1)', undefined],
    ['https://', undefined],
    ['https:///path', undefined],
    ['https://a。example/', 'a.example'],
    ['https://a。。example/', undefined],
    ['https://a!b.example/', undefined],
    ['https://exa mple.com/', undefined],
    ['https://exam\u0000ple.com/', undefined],
    ['https://exam\r\nple.com/', undefined],
    ['https://.example.com/', undefined],
    ['https://example..com/', undefined],
    ['https://example.com:99999/', undefined],
    ['https://example.com:8a/', undefined],
    ['https://[::1/', undefined],
    [`https://${'a'.repeat(300)}.com/`, undefined],
    [`https://${'x'.repeat(100_000)}`, undefined],
    ['', undefined],
  ])('reads %j as %j', (url, expected) => {
    expect(hostOf(url)).toBe(expected);
  });
});

describe('normaliseHost', () => {
  it.each<[host: string, expected: string | undefined]>([
    ['Example.com', 'example.com'],
    ['example.com:443', 'example.com'],
    ['example.com:80', 'example.com'],
    ['example.com:', 'example.com'],
    ['example.com:8080', 'example.com:8080'],
    ['127.0.0.1:3000', '127.0.0.1:3000'],
    ['[::1]', '[::1]'],
    ['::1', '[::1]'],
    ['[::1]:443', '[::1]'],
    ['example.com/path', undefined],
    ['user@example.com', undefined],
    ['', undefined],
    ['.', undefined],
  ])('takes %j, of an unknown scheme, to %j', (host, expected) => {
    expect(normaliseHost(host)).toBe(expected);
  });

  it('is stable: a normalised host stays as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV6(), fc.ipV4(), hostile), (text) => {
        const host = normaliseHost(text);
        if (host !== undefined) expect(normaliseHost(host)).toBe(host);
      }),
    );
  });
});

describe('parts of a URL', () => {
  it('gives the scheme in lower case', () => {
    expect(schemeOf('HTTPS://example.com')).toBe('https');
    expect(schemeOf('mailto:a@example.com')).toBeUndefined();
  });

  it('gives the path up to query and fragment', () => {
    expect(pathOf('https://x.com/i/grok?q=1')).toBe('/i/grok');
    expect(pathOf('https://x.com/i#top')).toBe('/i');
    expect(pathOf('https://x.com')).toBe('');
    expect(pathOf('no url')).toBe('');
  });

  it('takes a port and www off', () => {
    expect(withoutPort('example.com:8080')).toBe('example.com');
    expect(withoutPort('[::1]:8080')).toBe('[::1]');
    expect(withoutPort('[::1]')).toBe('[::1]');
    expect(withoutWww('www.example.com')).toBe('example.com');
    expect(withoutWww('www.com')).toBe('www.com');
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        parseQuery(text);
        pathOf(text);
        schemeOf(text);
        const host = hostOf(text);
        if (host !== undefined) {
          expect(host).toMatch(/^[\x21-\x7e]{1,253}$/);
          expect(withoutPort(host)).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});
