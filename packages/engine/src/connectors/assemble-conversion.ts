import { given } from '../kernel/given.ts';
import type { Money } from '../kernel/money.ts';
import { readAdConsent, stricterConsent } from './ad-consent.ts';
import type { AdConsent } from './ad-consent.ts';
import type { SourceEvent, SourceOriginal, SourceTouch } from './conversion-source-store.ts';
import { readItems } from './conversion-items.ts';
import type { ClaimedDispatch } from './dispatch.ts';
import type {
  ConversionPerson,
  OutgoingConversion,
  OutgoingType,
  RefundedConversion,
  Signal,
} from './outgoing-conversion.ts';

/** What is known of a person, in clear, for as long as their conversion is on its way. */
export interface KnownPerson {
  readonly email?: string;
  readonly phone?: string;
  readonly externalId?: string;
  readonly name?: string;
  /** Of the latest visit. */
  readonly userAgent?: string;
  readonly url?: string;
  readonly country?: string;
}

/** Everything that one conversion is made of. */
export interface ConversionSources {
  readonly dispatch: Pick<
    ClaimedDispatch,
    'eventKey' | 'eventType' | 'occurredAt' | 'signals' | 'consent' | 'userAgent' | 'visitorId'
  >;
  readonly event: SourceEvent;
  readonly person: KnownPerson;
  /** Of the whole person, oldest first, also those after the conversion. */
  readonly touches: readonly SourceTouch[];
  readonly original: SourceOriginal | undefined;
  readonly honourGpc: boolean;
}

/** A conversion in the words of connectors, with what the person's touches know beside it. */
export function assembleConversion(sources: ConversionSources): OutgoingConversion {
  const { dispatch, event, person, original } = sources;
  const { properties } = event;
  const items = readItems(properties['items'], event.currency);
  return {
    eventId: dispatch.eventKey,
    type: dispatch.eventType as OutgoingType,
    occurredAt: dispatch.occurredAt,
    person: personOf(person, event),
    device: given({
      userAgent: dispatch.userAgent ?? event.userAgent ?? person.userAgent,
      anonymousId: dispatch.visitorId,
    }),
    page: given({ url: event.url ?? person.url, referrer: event.referrer }),
    signals: signalsOf(sources),
    consent: consentOf(sources),
    ...given({
      name: event.name,
      orderId: orderIdOf(properties),
      money: moneyOf(event, original),
      items,
      refunded: original && refundedOf(original),
    }),
  };
}

/**
 * The newest value of each signal by the time of the conversion, with when it was first seen: a platform counts from
 * the click. What came while ads were denied is nobody's to send, and `hw_click` is ours.
 */
function signalsOf({
  dispatch,
  touches,
  honourGpc,
}: ConversionSources): Readonly<Record<string, Signal>> {
  const signals: Record<string, Signal> = {};
  const add = (values: Readonly<Record<string, string>>, seenAt: Date): void => {
    for (const [name, value] of Object.entries(values)) {
      if (name === 'hw_click' || signals[name]?.value === value) continue;
      signals[name] = { value, seenAt };
    }
  };
  for (const touch of touches) {
    if (touch.occurredAt > dispatch.occurredAt || touch.signals === undefined) continue;
    const consent = readAdConsent(touch.consent, { honourGpc });
    if (consent.ads !== 'denied' && consent.analytics !== 'denied')
      add(touch.signals, touch.occurredAt);
  }
  add(dispatch.signals, dispatch.occurredAt);
  return signals;
}

/** The stricter of what was said with the conversion, and what the person has said last. */
function consentOf({ dispatch, touches, honourGpc }: ConversionSources): AdConsent {
  const latest = touches.findLast(({ consent }) => consent !== undefined);
  return stricterConsent(
    readAdConsent(dispatch.consent, { honourGpc }),
    readAdConsent(latest?.consent, { honourGpc }),
  );
}

function personOf(person: KnownPerson, event: SourceEvent): ConversionPerson {
  const names = person.name?.trim().split(/\s+/) ?? [];
  return given({
    email: person.email,
    phone: person.phone,
    externalId: person.externalId,
    firstName: names.length > 1 ? names[0] : undefined,
    lastName: names.length > 1 ? names.at(-1) : undefined,
    // A city that is guessed from a network is not where somebody lives; a country mostly is.
    countryCode: event.country ?? person.country,
  });
}

function orderIdOf(properties: Readonly<Record<string, unknown>>): string | undefined {
  const id = properties['order_id'] ?? properties['orderId'];
  if (typeof id === 'number') return String(id);
  return typeof id === 'string' && id !== '' && id.length <= 255 ? id : undefined;
}

function moneyOf(event: SourceEvent, original: SourceOriginal | undefined): Money | undefined {
  if (event.amountMinor !== null && event.currency !== null)
    return { amountMinor: event.amountMinor, currency: event.currency };
  // What takes all of it back has no amount of its own.
  return original && amountOf(original, original.amountMinor);
}

function refundedOf(original: SourceOriginal): RefundedConversion {
  const left = original.isRemoved ? 0n : (original.amountMinor ?? 0n) - original.takenBackMinor;
  return {
    eventId: original.eventKey ?? original.id,
    type: original.type as RefundedConversion['type'],
    occurredAt: original.occurredAt,
    ...given({
      money: amountOf(original, original.amountMinor),
      remaining:
        original.amountMinor === null ? undefined : amountOf(original, left < 0n ? 0n : left),
    }),
  };
}

function amountOf({ currency }: SourceOriginal, amountMinor: bigint | null): Money | undefined {
  return amountMinor === null || currency === null ? undefined : { amountMinor, currency };
}
