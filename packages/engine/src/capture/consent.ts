import { visitorCookie } from '../privacy/privacy-rules.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';

/**
 * What somebody agreed to, by purpose, as it is kept with their arrival. `gpc`: their browser asks not to be sold or
 * shared (https://w3c.github.io/gpc/). `undefined`: nobody asked, and the browser says nothing.
 */
export type Consent = Readonly<Record<string, ConsentState | true>> | undefined;
type ConsentState = 'granted' | 'denied' | 'pending';

const states: ReadonlySet<unknown> = new Set<ConsentState>(['granted', 'denied', 'pending']);
const purposePattern = /^[a-z][a-z0-9_]{0,39}$/;
const purposesMax = 20;

/** What a page sends as consent; purposes and states that are none are left out. */
export function readConsent(value: unknown): Consent {
  if (typeof value !== 'object' || value === null) return undefined;
  const kept: [string, ConsentState | true][] = [];
  for (const [purpose, state] of Object.entries(value)) {
    if (kept.length === purposesMax) break;
    if (purpose === 'gpc' && state === true) kept.push([purpose, true]);
    else if (purpose !== 'gpc' && purposePattern.test(purpose) && states.has(state))
      kept.push([purpose, state as ConsentState]);
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** The signal comes with the request itself; a page can only add it where an extension of the browser says so. */
export function withSignal(consent: Consent, gpc: boolean): Consent {
  return gpc ? { ...consent, gpc } : consent;
}

/** Whether the device may be recognised, by a cookie or by what its page calls it. */
export function allowsRecognition(settings: WorkspaceSettings, consent: Consent): boolean {
  return visitorCookie(settings) !== undefined && !speaksAgainst(settings, consent, 'analytics');
}

/** Whether what ad platforms know somebody by may be kept. */
export function allowsAds(settings: WorkspaceSettings, consent: Consent): boolean {
  return !speaksAgainst(settings, consent, 'ads') && !speaksAgainst(settings, consent, 'analytics');
}

function speaksAgainst(settings: WorkspaceSettings, consent: Consent, purpose: string): boolean {
  if (consent === undefined) return false;
  const state = consent[purpose];
  return (
    (consent['gpc'] === true && settings.gpc !== 'recorded') ||
    state === 'denied' ||
    state === 'pending'
  );
}
