/** What somebody said about each purpose; absent where nobody asked. */
export type AdConsent = Readonly<Partial<Record<ConsentPurpose, 'granted' | 'denied'>>>;

/**
 * Which purposes gate what. Nothing is sent while one of `sending` is denied; of a conversion the person (email, name …)
 * is left out while one of `person` is denied, and the device (address, user agent) while one of `device` is.
 */
export interface ConsentNeeds {
  readonly sending: readonly ConsentPurpose[];
  readonly person: readonly ConsentPurpose[];
  readonly device: readonly ConsentPurpose[];
}

export type ConsentPurpose = 'analytics' | 'ads' | 'ad_user_data' | 'ad_personalization';

const purposes: readonly ConsentPurpose[] = [
  'analytics',
  'ads',
  'ad_user_data',
  'ad_personalization',
];

/**
 * The consent that came with a touch or an event, in the words of ad platforms. Pending is denied until it is granted;
 * `ad_user_data` and `ad_personalization` are what `ads` is where a page does not ask for them apart; and a browser that
 * asks not to be sold or shared (GPC) denies what ads need, unless the workspace only records that.
 */
export function readAdConsent(
  consent: Readonly<Record<string, unknown>> | undefined,
  { honourGpc }: { readonly honourGpc: boolean },
): AdConsent {
  if (consent === undefined) return {};
  const said: Partial<Record<ConsentPurpose, 'granted' | 'denied'>> = {};
  for (const purpose of purposes) {
    const state = consent[purpose] ?? (purpose.startsWith('ad_') ? consent['ads'] : undefined);
    if (state === 'granted') said[purpose] = 'granted';
    else if (state === 'denied' || state === 'pending') said[purpose] = 'denied';
  }
  if (consent['gpc'] !== true || !honourGpc) return said;
  return { ...said, ads: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };
}

/** The stricter of what was said at two moments, the touch and the conversion for example. */
export function stricterConsent(one: AdConsent, other: AdConsent): AdConsent {
  const said: Partial<Record<ConsentPurpose, 'granted' | 'denied'>> = { ...one };
  for (const purpose of purposes) {
    const state = other[purpose];
    if (state !== undefined && said[purpose] !== 'denied') said[purpose] = state;
  }
  return said;
}
