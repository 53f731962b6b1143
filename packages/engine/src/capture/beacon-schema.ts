import { readConsent } from './consent.ts';
import type { Consent } from './consent.ts';
import type { EventType } from '../ingest/event.ts';
import { isUuid } from '../kernel/id.ts';
import { isAmountMinor, isCurrency } from '../kernel/money.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';

/** What a beacon is cut to. Part of the contract: docs/beacons.md. */
export const beaconLimits = {
  bodyBytesMax: 256 * 1024,
  eventsMax: 100,
  /** The longest URL that every browser once took; longer ones are cut here. */
  urlCharactersMax: 2_083,
  eventNameCharactersMax: 100,
  propertiesMax: 50,
  propertyNameCharactersMax: 100,
  propertyCharactersMax: 1_000,
  anonymousIdCharactersMax: 128,
  personCharactersMax: 1_024,
  signalCharactersMax: 1_000,
  signalsMax: 20,
  engagedMillisecondsMax: 1_800_000,
  fingerprintCharactersMax: 128,
} as const;

export type BeaconEventType = Extract<
  EventType,
  'pageview' | 'custom' | 'lead' | 'share' | 'engagement' | 'session_start' | 'identify' | 'sale'
>;

/** What a page may say happened; `sale` only where the workspace lets it. */
const beaconEventTypes: ReadonlySet<string> = new Set<BeaconEventType>([
  'pageview',
  'custom',
  'lead',
  'share',
  'engagement',
  'session_start',
  'identify',
  'sale',
]);

export type Scalar = string | number | boolean | null;

/** One event as a page sent it, trimmed. */
export interface BeaconEvent {
  readonly eventId: string | undefined;
  readonly type: BeaconEventType;
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  /** By the page's clock, milliseconds since the epoch. */
  readonly occurredAt: number | undefined;
  readonly sentAt: number | undefined;
  readonly anonymousId: string | undefined;
  readonly properties: Readonly<Record<string, Scalar>> | undefined;
  readonly amountMinor: string | undefined;
  readonly currency: string | undefined;
  readonly externalId: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly personName: string | undefined;
  readonly personMetadata: Readonly<Record<string, Scalar>> | undefined;
  readonly proof: string | undefined;
  readonly signals: Readonly<Record<string, string>> | undefined;
  readonly consent: Consent;
  /** What an add-on makes of the device: kept with the event, and no identifier, as many devices share one. */
  readonly fingerprint: string | undefined;
}

/** What a page reports when somebody arrived by `?via=` or `?ref=`, past the redirect. */
export interface BeaconClick {
  readonly eventId: string | undefined;
  readonly key: string;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  readonly anonymousId: string | undefined;
  readonly signals: Readonly<Record<string, string>> | undefined;
  readonly consent: Consent;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads by hand instead of with zod: most rules cut what is too long or leave out what is unusable instead of refusing,
 * and this runs for every page view. Refused are types that a page may not claim, wrong types where an id belongs, and
 * amounts and currencies that are none.
 */
export function readBeaconEvent(
  input: unknown,
  rules: { readonly salesAllowed: boolean },
): Result<BeaconEvent, ValidationRefusal> {
  const fields = asFields(input);
  if (fields === undefined) return refuseField('event', 'must be an object');
  const type = fields['event_type'] ?? 'pageview';
  if (typeof type !== 'string' || !beaconEventTypes.has(type)) {
    return refuseField('event_type', 'is not a type that a page can send');
  }
  if (type === 'sale' && !rules.salesAllowed) {
    return refuseField('event_type', 'sale is not accepted from pages of this workspace');
  }

  const errors: Record<string, readonly string[]> = {};
  const text = (field: string, charactersMax: number): string | undefined => {
    const value = fields[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') {
      errors[field] = ['must be a string'];
      return undefined;
    }
    const clean = cleanText(value).trim();
    if (clean.length > charactersMax) errors[field] = [`has more than ${charactersMax} characters`];
    return clean === '' ? undefined : clean;
  };
  const { personCharactersMax } = beaconLimits;
  const eventId = text('event_id', personCharactersMax);
  const amountMinor = readAmount(fields['amount_cents'], errors);
  const event: BeaconEvent = {
    eventId: readEventId(eventId),
    type: type as BeaconEventType,
    name: readName(fields['event_name']),
    url: readUrl(fields['url'], pageUrl),
    referrer: readUrl(fields['referrer'], referrerUrl),
    occurredAt: readTime(fields['occurred_at'] ?? fields['timestamp']),
    sentAt: readTime(fields['sent_at']),
    anonymousId: text('anonymous_id', beaconLimits.anonymousIdCharactersMax),
    properties: withEngagement(type, fields, readScalars(fields['properties'])),
    amountMinor,
    currency: readCurrency(fields['currency'], errors),
    externalId: text('person_external_id', personCharactersMax),
    email: text('person_email', personCharactersMax),
    phone: text('person_phone', personCharactersMax),
    personName: text('person_name', personCharactersMax),
    personMetadata: readScalars(fields['person_metadata']),
    proof: text('proof', personCharactersMax),
    signals: readSignals(fields['signals'], fields),
    consent: readConsent(fields['consent']),
    fingerprint: text('fingerprint', beaconLimits.fingerprintCharactersMax),
  };
  return Object.keys(errors).length > 0 ? refuseFields(errors) : ok(event);
}

export function readBeaconClick(input: unknown): Result<BeaconClick, ValidationRefusal> {
  const fields = asFields(input);
  if (fields === undefined) return refuseField('body', 'must be an object');
  const { key, event_id: eventId, anonymous_id: anonymousId } = fields;
  if (typeof key !== 'string' || key.trim() === '' || key.length > 255) {
    return refuseField('key', 'must be a string of 1 to 255 characters');
  }
  if (eventId !== undefined && eventId !== null && typeof eventId !== 'string') {
    return refuseField('event_id', 'must be a string');
  }
  if (anonymousId !== undefined && anonymousId !== null && typeof anonymousId !== 'string') {
    return refuseField('anonymous_id', 'must be a string');
  }
  const id = anonymousId === undefined || anonymousId === null ? '' : cleanText(anonymousId).trim();
  if (id.length > beaconLimits.anonymousIdCharactersMax) {
    return refuseField(
      'anonymous_id',
      `has more than ${beaconLimits.anonymousIdCharactersMax} characters`,
    );
  }
  return ok({
    eventId: readEventId(eventId?.trim()),
    key: cleanText(key).trim(),
    url: readUrl(fields['url'], pageUrl),
    referrer: readUrl(fields['referrer'], referrerUrl),
    anonymousId: id === '' ? undefined : id,
    signals: readSignals(fields['signals'], fields),
    consent: readConsent(fields['consent']),
  });
}

function readEventId(text: string | undefined): string | undefined {
  return isUuid(text) ? text.toLowerCase() : undefined;
}

/** Cut at a character, never inside one (a surrogate pair is one). */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const last = text.charCodeAt(charactersMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? charactersMax - 1 : charactersMax);
}

/** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

export function asFields(input: unknown): Fields | undefined {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? (input as Fields)
    : undefined;
}

// What is shown as a link later must not be `javascript:` or `data:`.
const pageUrl = /^https?:\/\/./i;
const referrerUrl = /^(?:https?|android-app|ios-app):\/\/./i;

function readUrl(value: unknown, allowed: RegExp): string | undefined {
  if (typeof value !== 'string') return undefined;
  const url = cleanText(value).trim();
  return allowed.test(url) ? url : undefined;
}

function readName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = cutText(cleanText(value).trim(), beaconLimits.eventNameCharactersMax).trim();
  return name === '' ? undefined : name;
}

function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (typeof value === 'string' && value.length > 40) return undefined;
  const time = typeof value === 'number' ? value : Date.parse(value);
  return Number.isFinite(time) ? Math.trunc(time) : undefined;
}

function readAmount(value: unknown, errors: Record<string, readonly string[]>): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isWhole =
    typeof value === 'number'
      ? Number.isSafeInteger(value)
      : typeof value === 'string' && /^\d{1,18}$/.test(value);
  if (!isWhole || !isAmountMinor(BigInt(value as number | string))) {
    errors['amount_cents'] = [
      'must be a whole number of minor units, not negative and not beyond 10^15',
    ];
    return undefined;
  }
  return BigInt(value as number | string).toString();
}

function readCurrency(
  value: unknown,
  errors: Record<string, readonly string[]>,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const currency = typeof value === 'string' ? value.trim().toUpperCase() : value;
  if (isCurrency(currency)) return currency;
  errors['currency'] = ['must be an ISO 4217 code'];
  return undefined;
}

function readScalars(value: unknown): Readonly<Record<string, Scalar>> | undefined {
  const fields = asFields(value);
  if (fields === undefined) return undefined;
  const kept: [string, Scalar][] = [];
  // By key and not by entries: a body with 10,000 properties is not copied for 50 of them.
  for (const name of Object.keys(fields)) {
    if (kept.length === beaconLimits.propertiesMax) break;
    const scalar = readScalar(fields[name]);
    if (scalar === undefined) continue;
    kept.push([cutText(cleanText(name), beaconLimits.propertyNameCharactersMax), scalar]);
  }
  // Not by assignment, which would take `__proto__` for something else.
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function readScalar(value: unknown): Scalar | undefined {
  if (typeof value === 'string')
    return cutText(cleanText(value), beaconLimits.propertyCharactersMax);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'boolean' || value === null ? value : undefined;
}

function withEngagement(
  type: string,
  fields: Fields,
  properties: Readonly<Record<string, Scalar>> | undefined,
): Readonly<Record<string, Scalar>> | undefined {
  if (type !== 'engagement') return properties;
  const engaged = fields['engaged_ms'];
  const depth = fields['scroll_depth'];
  return {
    ...properties,
    ...(typeof engaged === 'number' &&
      engaged >= 0 && {
        engaged_ms: Math.min(Math.trunc(engaged), beaconLimits.engagedMillisecondsMax),
      }),
    ...(typeof depth === 'number' &&
      depth >= 0 &&
      depth <= 100 && { scroll_depth: Math.trunc(depth) }),
  };
}

/** Cookies of ad platforms that the page could read: `signals`, or at the top as GoodAnalytics sends two of them. */
function readSignals(value: unknown, fields: Fields): Readonly<Record<string, string>> | undefined {
  const given: Fields = { _fbp: fields['_fbp'], _fbc: fields['_fbc'], ...asFields(value) };
  const kept: [string, string][] = [];
  for (const name of Object.keys(given)) {
    const text = given[name];
    if (kept.length === beaconLimits.signalsMax) break;
    if (typeof text !== 'string' || text === '' || text.length > beaconLimits.signalCharactersMax)
      continue;
    if (/^[\w-]{1,40}$/.test(name)) kept.push([name, cleanText(text)]);
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
