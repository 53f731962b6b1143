import { describe, expect, it } from 'vitest';

import { changeLink, emptyLink } from './link.ts';
import type { LinkFields } from './link.ts';

const rules = { appSchemes: ['myapp'], domain: 'mybrand.link' };
const partnerId = '01900000-0000-7000-8000-000000000001';
const existing: LinkFields = {
  ...emptyLink,
  url: 'https://example.com/',
  utmSource: 'twitter',
  tags: ['launch'],
};
const referral: LinkFields = { ...existing, linkType: 'referral', partnerId };

describe('changeLink', () => {
  it('keeps what is not given and empties what is null', () => {
    const { fields, errors } = changeLink(
      existing,
      { utmSource: null, utmMedium: 'social', tags: null },
      rules,
    );
    expect(errors).toEqual({});
    expect(fields).toEqual({ ...existing, utmSource: null, utmMedium: 'social', tags: [] });
  });

  it('keeps each tag once', () => {
    expect(changeLink(existing, { tags: ['a', 'b', 'a'] }, rules).fields.tags).toEqual(['a', 'b']);
  });

  it('writes countries in upper case', () => {
    const targets = { de: 'https://de.example.com/', FR: 'https://fr.example.com/' };
    expect(changeLink(existing, { geoTargeting: targets }, rules).fields.geoTargeting).toEqual({
      DE: 'https://de.example.com/',
      FR: 'https://fr.example.com/',
    });
  });

  it.each<[string, unknown, string]>([
    ['url', null, 'is required'],
    ['url', 'ftp://example.com', 'not allowed'],
    ['iosUrl', 'not-a-url', 'http or https'],
    ['androidUrl', 'otherapp://x', 'not allowed'],
    ['ogImage', 'myapp://picture', 'not allowed'],
    ['linkType', 'banner', 'must be one of'],
    ['utmSource', 42, 'must be a string'],
    ['utmSource', '', 'null clears it'],
    ['utmTerm', 'x'.repeat(256), 'at most 255'],
    ['utmTerm', 'a\r\nb', 'control characters'],
    ['externalId', 'a\0', 'control characters'],
    ['tags', 'launch', 'must be a list'],
    ['tags', [42], 'each tag must be a string'],
    ['tags', Array.from({ length: 51 }, (_, index) => `tag ${index}`), 'at most 50'],
    ['metadata', [], 'must be an object'],
    ['metadata', { a: 'x'.repeat(20_000) }, 'at most 16384'],
    ['metadata', { a: 'x\0' }, 'NUL'],
    ['metadata', { a: '\ud800' }, 'NUL or broken'],
    ['metadata', { a: Number.NaN }, 'finite'],
    ['geoTargeting', [], 'by country'],
    ['geoTargeting', { DEU: 'https://example.com/' }, 'two-letter'],
    ['geoTargeting', { de: 'https://a.example/', DE: 'https://b.example/' }, 'appears twice'],
    ['geoTargeting', { DE: 'javascript:alert(1)' }, 'not allowed'],
    ['geoTargeting', { DE: 42 }, 'must be a string'],
    ['expiresAt', '2026-12-31', 'valid date'],
    ['expiresAt', new Date(Number.NaN), 'valid date'],
  ])('refuses %s %j', (field, value, problem) => {
    const { errors } = changeLink(existing, { [field]: value }, rules);
    expect(errors[field]?.join()).toContain(problem);
  });

  it('refuses metadata that is no JSON', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const metadata of [circular, { big: 1n }, { call: () => 1 }]) {
      expect(changeLink(existing, { metadata }, rules).errors['metadata']).toEqual([
        'must contain JSON values only',
      ]);
    }
  });

  it('asks for a partner on referral links, and for none on others', () => {
    expect(changeLink(existing, { linkType: 'referral' }, rules).errors).toEqual({
      partnerId: ['is required for referral links'],
    });
    expect(changeLink(existing, { linkType: 'referral', partnerId }, rules).errors).toEqual({});
    expect(changeLink(existing, { partnerId }, rules).errors).toEqual({
      partnerId: ['can only be set on referral links'],
    });
    expect(changeLink(referral, { partnerId: null }, rules).errors).toHaveProperty('partnerId');
    expect(changeLink(existing, { linkType: 'referral', partnerId: '7' }, rules).errors).toEqual({
      partnerId: ['must be a UUID'],
    });
  });

  it('lets go of the partner when a referral link becomes another', () => {
    const { fields, errors } = changeLink(referral, { linkType: 'short' }, rules);
    expect(errors).toEqual({});
    expect(fields.partnerId).toBeNull();
  });

  it('leaves an old referral link without a partner editable', () => {
    const old = { ...referral, partnerId: null };
    expect(changeLink(old, { url: 'https://example.com/new' }, rules).errors).toEqual({});
  });

  it('leaves a link editable whose destination the options would not take any more', () => {
    const old = { ...existing, url: 'oldapp://x' };
    expect(changeLink(old, { tags: ['new'] }, rules).errors).toEqual({});
  });
});
