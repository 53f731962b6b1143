import type { ConsentNeeds } from './ad-consent.ts';

/** Ad platforms: nothing without ads, and nothing about the person or the device without `ad_user_data`. */
export const adPlatformConsent: ConsentNeeds = {
  sending: ['ads'],
  person: ['ad_user_data'],
  device: ['ad_user_data'],
};
