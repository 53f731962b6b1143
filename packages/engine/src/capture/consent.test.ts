import { describe, expect, it } from 'vitest';

import { allowsAds, allowsRecognition, readConsent, withSignal } from './consent.ts';

describe('consent of a page', () => {
  it('is kept by purpose, without what is no purpose and no state', () => {
    expect(
      readConsent({
        analytics: 'granted',
        ads: 'denied',
        my_purpose: 'pending',
        gpc: true,
        other: 'yes',
        'Not a purpose': 'granted',
      }),
    ).toEqual({ analytics: 'granted', ads: 'denied', my_purpose: 'pending', gpc: true });
  });

  it.each([undefined, null, 'granted', [], {}, { gpc: 'granted' }, { gpc: false }, { ads: 1 }])(
    '%j is none',
    (value) => {
      expect(readConsent(value)).toBeUndefined();
    },
  );

  it('has 20 purposes at most', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}`, 'granted']));
    expect(Object.keys(readConsent(many) ?? {})).toHaveLength(20);
  });

  it('gets the signal of the browser, which the page cannot take away', () => {
    expect(withSignal({ ads: 'granted' }, true)).toEqual({ ads: 'granted', gpc: true });
    expect(withSignal(readConsent({ gpc: false }), true)).toEqual({ gpc: true });
    expect(withSignal(undefined, false)).toBeUndefined();
  });
});

describe('what consent allows', () => {
  it.each([
    [undefined, true, true],
    [{ analytics: 'granted', ads: 'granted' }, true, true],
    [{ ads: 'denied' }, true, false],
    [{ ads: 'pending' }, true, false],
    [{ analytics: 'denied' }, false, false],
    [{ analytics: 'pending' }, false, false],
    [{ gpc: true }, false, false],
    [{ gpc: true, analytics: 'granted', ads: 'granted' }, false, false],
  ] as const)('%j: recognition %j, ads %j', (consent, recognition, ads) => {
    expect(allowsRecognition({}, consent)).toBe(recognition);
    expect(allowsAds({}, consent)).toBe(ads);
  });

  it('is no recognition at all in a workspace without cookies', () => {
    expect(allowsRecognition({ cookieless: true }, { analytics: 'granted' })).toBe(false);
  });

  it('is not changed by a signal that the workspace only records', () => {
    expect(allowsRecognition({ gpc: 'recorded' }, { gpc: true })).toBe(true);
    expect(allowsAds({ gpc: 'recorded' }, { gpc: true })).toBe(true);
  });
});
