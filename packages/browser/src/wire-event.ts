import type { WireConsent } from './consent.ts';
import type { LeadInput, Properties } from './options.ts';

/** One event on its way to `POST {endpoint}/t/event`. */
export interface WireEvent {
  /** Made once: a retry carries the same one and counts once. */
  event_id: string;
  event_type: 'pageview' | 'custom' | 'lead' | 'sale' | 'identify' | 'engagement';
  event_name?: string | undefined;
  url: string;
  referrer: string;
  /** By the clock of the page; `sent_at` lets the server correct it. */
  occurred_at: string;
  sent_at?: string;
  anonymous_id?: string;
  consent?: WireConsent;
  fingerprint?: string | undefined;
  engaged_ms?: number;
  scroll_depth?: number;
  properties?: Properties | undefined;
  amount_cents?: number | undefined;
  currency?: string | undefined;
  person_external_id?: string | undefined;
  person_email?: string | undefined;
  person_phone?: string | undefined;
  person_name?: string | undefined;
  person_metadata?: Properties | undefined;
  proof?: string | undefined;
  /** Cookies of the ad platforms that the page can read. */
  signals?: Readonly<Record<string, string>> | undefined;
}

/** The fields of an event that its caller decides. */
export function fieldsOf(input: LeadInput): Partial<WireEvent> {
  return {
    event_name: input.eventName,
    properties: input.properties,
    amount_cents: input.amountCents,
    currency: input.currency,
    person_external_id: input.externalId,
    person_email: input.email,
    person_phone: input.phone,
    person_name: input.name,
    person_metadata: input.metadata,
    proof: input.proof,
  };
}

const signalCookies =
  /(?:^|; )(_fb[cp]|_gcl_aw|_ttp|li_fat_id|_uetmsclkid|_twclid|_rdt_cid|_rdt_uuid|_scid|_epik|__oppref)=([^;]*)/g;

export function signalsOf(cookies: string): Record<string, string> {
  const signals: Record<string, string> = {};
  for (const [, name, value] of cookies.matchAll(signalCookies)) signals[name!] = value!;
  return signals;
}
