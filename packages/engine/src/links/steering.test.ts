import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { matchPattern, readPattern } from './link-pattern.ts';
import { prepareRedirectLink, toStoredRedirectLink } from './redirect-link.ts';
import type { StoredRedirectLink } from './redirect-link.ts';
import { fillCaptures } from './link-pattern.ts';
import { pickVariant } from './visitor-share.ts';

const plain: StoredRedirectLink = {
  workspaceId: '01900000-0000-7000-8000-000000000001',
  id: '01900000-0000-7000-8000-000000000002',
  domain: 'mybrand.link',
  key: 'launch',
  linkType: 'short',
  partnerId: null,
  url: 'https://example.com/',
  iosUrl: 'myapp://pricing',
  androidUrl: null,
  geoTargeting: { DE: 'https://example.de/' },
  utmSource: 'x',
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
  expiresAt: 1_800_000_000_000,
};

describe('steering', () => {
  it('is nothing for a link without rules, so that its redirect asks for nothing else', () => {
    expect(prepareRedirectLink(plain).steering).toBeUndefined();
    for (const more of [
      { routing: { version: 1, query: 'none' } as const },
      { passwordHash: 'scrypt$' },
      { ogTitle: 'Launch' },
      { key: 'docs/*' },
    ])
      expect(prepareRedirectLink({ ...plain, ...more }).steering).toBeDefined();
  });

  it('keeps in a snapshot that there is a password, and not what it is compared with', () => {
    const link = prepareRedirectLink({ ...plain, passwordHash: 'scrypt$15$8$3$salt$hash' });
    const kept = JSON.stringify(toStoredRedirectLink(link));
    expect(kept).not.toContain('salt');
    const read = prepareRedirectLink(JSON.parse(kept) as StoredRedirectLink);
    expect(read.steering?.passwordHash).toBe('');
  });
});

describe('a variant', () => {
  const names = ['a', 'b', 'c'] as const;
  const pick = (weights: readonly number[], visitor: string) =>
    pickVariant(
      names.map((name, index) => ({ name, weight: weights[index] ?? 1 })),
      visitor,
      plain.id,
    )?.name;

  it('gets its share of the visitors', () => {
    const counts = { a: 0, b: 0, c: 0 };
    for (let visitor = 0; visitor < 20_000; visitor += 1)
      counts[pick([1, 2, 7], `visitor ${visitor}`)!] += 1;
    expect(counts.a / 20_000).toBeCloseTo(0.1, 1);
    expect(counts.b / 20_000).toBeCloseTo(0.2, 1);
    expect(counts.c / 20_000).toBeCloseTo(0.7, 1);
  });

  it('loses nobody to another one but the one whose weight has grown', () => {
    const weight = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(weight, weight, weight, weight, fc.string(), (a, b, c, more, visitor) => {
        const before = pick([a, b, c], visitor);
        const after = pick([a + more, b, c], visitor);
        return after === before || after === 'a';
      }),
    );
  });
});

describe('captures', () => {
  it('change neither the scheme nor the host of a destination, whatever a request holds', () => {
    const pattern = readPattern('u/:name/*')!;
    const segment = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '.', '//evil.test', '@evil.test', '\\', '%2e%2e', '?', '#', '\r\n'),
    );
    fc.assert(
      fc.property(segment, fc.array(segment), (name, rest) => {
        const path = ['u', name, ...rest].map(encodeURI).join('/');
        const captures = matchPattern(pattern, path, true);
        if (captures === undefined) return;
        const url = fillCaptures('https://shop.test/a/{name}/b/{*}?q={name}#{*}', captures);
        const parsed = new URL(url);
        expect(parsed.origin).toBe('https://shop.test');
        expect(parsed.pathname.startsWith('/a/')).toBe(true);
        expect(parsed.pathname).toContain('/b/');
      }),
    );
  });
});
