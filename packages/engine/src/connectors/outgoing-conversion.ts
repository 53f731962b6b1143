import type { Money } from '../kernel/money.ts';
import type { AdConsent } from './ad-consent.ts';

/** A refund takes all or a part of an earlier conversion back. */
export const outgoingTypes = ['lead', 'sale', 'registration', 'refund'] as const;
export type OutgoingType = (typeof outgoingTypes)[number];

/**
 * One conversion as every connector is given it, in Headwater's words and with raw values: each platform has its own
 * rules for normalising and hashing, so no stored hash could serve two of them.
 */
export interface OutgoingConversion {
  /** The id that the page told the platform's own script, where there was one; the same on every attempt and replay. */
  readonly eventId: string;
  readonly type: OutgoingType;
  /** What the host calls it. */
  readonly name?: string;
  /** When it happened, not when it is sent. */
  readonly occurredAt: Date;
  readonly orderId?: string;
  readonly money?: Money;
  readonly items?: readonly ConversionItem[];
  readonly person: ConversionPerson;
  readonly device: ConversionDevice;
  readonly page: ConversionPage;
  /** Click ids and cookies of ad platforms by the platform's spelling. */
  readonly signals: Readonly<Record<string, Signal>>;
  readonly consent: AdConsent;
  /** What a refund takes back. */
  readonly refunded?: RefundedConversion;
}

export interface Signal {
  readonly value: string;
  /** When the click that brought it happened, or when the cookie was first seen. */
  readonly seenAt: Date;
}

export interface ConversionItem {
  readonly id: string;
  readonly name?: string;
  readonly category?: string;
  readonly brand?: string;
  /** For one piece, in minor units of the conversion's currency. */
  readonly priceMinor?: bigint;
  /** @default 1 */
  readonly quantity?: number;
}

/** Raw, or a SHA-256 in hex that somebody else made: that one goes out as it is. */
export interface ConversionPerson {
  readonly email?: string;
  /** With its country code: `+1 650 555 1212`, `0044 20 …`. */
  readonly phone?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly city?: string;
  /** A code (`CA`), or the name of a state of the US or a province of Canada. */
  readonly state?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string;
  readonly externalId?: string;
  readonly company?: string;
  readonly title?: string;
}

export interface ConversionDevice {
  /** The whole address. A truncated one names nobody, and is left out. */
  readonly ipAddress?: string;
  readonly userAgent?: string;
  /** BCP 47. */
  readonly locale?: string;
  /** A pseudonymous id of the browser. */
  readonly anonymousId?: string;
}

export interface ConversionPage {
  readonly url?: string;
  readonly referrer?: string;
}

export interface RefundedConversion {
  readonly eventId: string;
  readonly type: Exclude<OutgoingType, 'refund'>;
  readonly occurredAt: Date;
  readonly orderId?: string;
  /** What it was worth before anything was taken back. */
  readonly money?: Money;
  /** What it is worth after this refund, 0 where nothing is left; absent where it never had an amount. */
  readonly remaining?: Money;
}
