import type { ConsentChoices, ConsentState, InitOptions } from './options.ts';

/** What a page sends of it: the choices, and the browser's own signal. */
export type WireConsent = Readonly<Record<string, string | boolean>>;

export interface Consent {
  /** Adds choices to those that were made before. */
  choose(choices: ConsentState | ConsentChoices): void;
  /** What becomes of an event that happens now. */
  decide(): 'send' | 'hold' | 'drop';
  /** Whether the cookies of ad platforms may be read. */
  allowsAds(): boolean;
  /** Whether something may be kept on the device once events may be sent. */
  readonly allowsStorage: boolean;
  /** Empty where nobody was asked and the browser says nothing. */
  toWire(): WireConsent;
}

/** Where nobody asks for consent, everything is allowed but what the browser itself speaks against. */
export function createConsent(options: InitOptions): Consent {
  let choices: ConsentChoices = {};
  // https://w3c.github.io/gpc/#the-navigator-globalprivacycontrol-property
  const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
  const gpc = options.gpc !== false && globalPrivacyControl === true;

  const allows = (purpose: string): boolean => (choices[purpose] ?? 'granted') === 'granted';
  const choose = (added: ConsentState | ConsentChoices): void => {
    // One word answers for every purpose that we know.
    const all = typeof added === 'string' ? { analytics: added, ads: added } : added;
    choices = { ...choices, ...all };
  };
  choose(options.consent ?? {});

  return {
    choose,
    decide() {
      if (allows('analytics')) return 'send';
      return choices['analytics'] === 'pending' ? 'hold' : 'drop';
    },
    allowsAds: () => !gpc && allows('ads'),
    allowsStorage: !gpc && !options.cookieless,
    toWire: () => ({ ...choices, ...(gpc && { gpc }) }) as WireConsent,
  };
}
