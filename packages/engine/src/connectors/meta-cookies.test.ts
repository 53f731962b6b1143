import { describe, expect, it } from 'vitest';

import { browserIdOfMeta, clickIdOfMeta } from './meta-cookies.ts';

const clickedAt = new Date(1_794_992_400_000);
const seen = (value: string) => ({ value, seenAt: clickedAt });
const before = 'fb.1.1794000000000';
const after = 'fb.1.1794999999999';

describe('clickIdOfMeta', () => {
  it('is made of the click and when it happened, in milliseconds', () => {
    expect(clickIdOfMeta(seen('IwAR_x-Y'), undefined)).toBe('fb.1.1794992400000.IwAR_x-Y');
  });

  it.each([
    ['of the same click', seen(`${before}.IwAR`), `${before}.IwAR`],
    ['with an appendix', seen(`${before}.IwAR.AQEBAQEB`), `${before}.IwAR.AQEBAQEB`],
    ['of a later click', seen(`${after}.Other`), `${after}.Other`],
    ['of an earlier click', seen(`${before}.Other`), 'fb.1.1794992400000.IwAR'],
    ['that is none', seen('nonsense'), 'fb.1.1794992400000.IwAR'],
  ])('beside a cookie %s', (_, cookie, clickId) => {
    expect(clickIdOfMeta(seen('IwAR'), cookie)).toBe(clickId);
  });

  it('is the cookie where nothing else is known, unless it is none', () => {
    expect(clickIdOfMeta(undefined, seen(`${before}.Other`))).toBe(`${before}.Other`);
    expect(clickIdOfMeta(undefined, seen('nonsense'))).toBeUndefined();
    expect(clickIdOfMeta(undefined, undefined)).toBeUndefined();
  });
});

describe('browserIdOfMeta', () => {
  it('is the cookie as it is, appendix included', () => {
    const cookie = 'fb.1.1794992401234.1098115397.AQEBAQEB';
    expect(browserIdOfMeta(seen(cookie))).toBe(cookie);
    expect(browserIdOfMeta(seen('GA1.1.1'))).toBeUndefined();
  });
});
