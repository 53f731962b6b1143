import { describe, expect, it } from 'vitest';

import { readAdConsent, stricterConsent } from './ad-consent.ts';

describe('readAdConsent', () => {
  const honourGpc = true;

  it('knows nothing where nobody was asked', () => {
    expect(readAdConsent(undefined, { honourGpc })).toEqual({});
    expect(readAdConsent({ newsletter: 'granted' }, { honourGpc })).toEqual({});
  });

  it('takes ads for what pages do not ask apart', () => {
    expect(readAdConsent({ ads: 'granted', ad_personalization: 'denied' }, { honourGpc })).toEqual({
      ads: 'granted',
      ad_user_data: 'granted',
      ad_personalization: 'denied',
    });
  });

  it('takes pending as denied', () => {
    expect(readAdConsent({ analytics: 'pending' }, { honourGpc })).toEqual({
      analytics: 'denied',
    });
  });

  it('denies ads to a browser that asks for privacy, unless that is only recorded', () => {
    const consent = { ads: 'granted', gpc: true };
    expect(readAdConsent(consent, { honourGpc })).toEqual({
      ads: 'denied',
      ad_user_data: 'denied',
      ad_personalization: 'denied',
    });
    expect(readAdConsent(consent, { honourGpc: false })).toMatchObject({ ads: 'granted' });
  });
});

it('takes the stricter of what was said at the touch and at the conversion', () => {
  const touch = { ads: 'denied', analytics: 'granted' } as const;
  const conversion = { ads: 'granted', analytics: 'denied', ad_user_data: 'granted' } as const;
  expect(stricterConsent(touch, conversion)).toEqual({
    ads: 'denied',
    analytics: 'denied',
    ad_user_data: 'granted',
  });
});
