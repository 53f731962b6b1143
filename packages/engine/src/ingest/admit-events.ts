import type { ErasedIdentifier, IncomingEvent, IngestOutcome } from './event.ts';
import type { NamedIdentifier, RecognisedEvent, Recognition } from './recognise.ts';

/** The digest of an event whose person was erased: its key stays, what its body was is forgotten. */
export const erasedDigest = -1n;

/** What may come in, and what is refused because it belongs to somebody who was erased. */
export interface Admission {
  readonly admitted: readonly RecognisedEvent[];
  readonly refused: ReadonlyMap<RecognisedEvent, IngestOutcome>;
}

const nobody: Admission['refused'] = new Map();

/**
 * Keeps erased people out. An event that names one is refused, whatever else it names: a replay or an import does not
 * bring them back. Two exceptions keep the living whole: an erased email or phone does not silence somebody whom the
 * host's own id names as another person, and an erased device is left out where anything else says who it was,
 * because browsers change hands. The hash of a day is nobody's own; `daily-hash.ts` says whom it keeps out.
 */
export function admitEvents(
  events: readonly RecognisedEvent[],
  recognition: Recognition,
): Admission {
  if (recognition.erased.size === 0) return { admitted: events, refused: nobody };
  const admitted: RecognisedEvent[] = [];
  const refused = new Map<RecognisedEvent, IngestOutcome>();
  for (const item of events) {
    const { event } = item;
    const erased = item.identifiers.filter((named) => isErased(recognition, named));
    const living = item.identifiers.filter((named) => !erased.includes(named));
    const names = [event.visitorId, event.sameAsVisitorId].some(
      (id) => id !== undefined && recognition.erased.has(id),
    );
    if (names || !mayLeaveOut(recognition, erased, living, event)) {
      refused.set(item, refuseErased(event, erasureOf(recognition, erased)));
    } else if (erased.length === 0) {
      admitted.push(item);
    } else {
      const leftOut = erased.map((named) => named.kind.kind);
      admitted.push({ ...item, identifiers: living, blocked: [...item.blocked, ...leftOut] });
    }
  }
  return { admitted, refused };
}

export function refuseErased(
  event: IncomingEvent,
  erased: readonly ErasedIdentifier[],
): IngestOutcome {
  const kinds = erased.map(({ kind }) => kind).join(', ');
  return {
    outcome: 'rejected',
    eventId: event.id,
    code: 'visitor_erased',
    message: `The person of this event was erased${kinds === '' ? '' : ` (${kinds})`}`,
    erased,
  };
}

function erasureOf(
  { visitors, erased }: Recognition,
  identifiers: readonly NamedIdentifier[],
): ErasedIdentifier[] {
  return identifiers.map(({ kind, key }) => ({
    kind: kind.kind,
    at: erased.get(visitors.get(key) ?? '') ?? Infinity,
  }));
}

function isErased(recognition: Recognition, named: NamedIdentifier): boolean {
  const visitorId = recognition.visitors.get(named.key);
  return visitorId !== undefined && recognition.erased.has(visitorId);
}

function mayLeaveOut(
  recognition: Recognition,
  erased: readonly NamedIdentifier[],
  living: readonly NamedIdentifier[],
  event: IncomingEvent,
): boolean {
  if (erased.length === 0) return true;
  const isAnother = living.some(
    ({ kind, key }) => kind.strength === 'authoritative' && recognition.visitors.has(key),
  );
  const onlyDevices = erased.every(
    ({ kind }) => kind.strength === 'device' || kind.strength === 'weak',
  );
  return onlyDevices
    ? living.length > 0 || event.visitorId !== undefined
    : isAnother && erased.every(({ kind }) => kind.strength !== 'authoritative');
}
