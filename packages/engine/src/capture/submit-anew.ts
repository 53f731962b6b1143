import type {
  ErasedIdentifier,
  Identifier,
  IncomingEvent,
  IngestOutcome,
} from '../ingest/event.ts';

/**
 * Submits what a browser did. Where its visitor was erased, it is submitted once more as of somebody new: only the new
 * device names them, and what the event says of a person is left out. What happened before the erasure stays refused, and
 * so do its repeats, the time spent on a page and an `identify` of the erased person; the device is somebody new all the
 * same.
 *
 * @param event its first identifier is the device.
 * @param successorOf who the device is from now on; `undefined` for nobody who can be recognised.
 */
export async function submitAnew<Outcome extends IngestOutcome | undefined>(
  event: IncomingEvent,
  submit: (event: IncomingEvent) => Promise<Outcome>,
  successorOf: (erased: Identifier) => Promise<Identifier | undefined>,
): Promise<Outcome> {
  const outcome = await submit(event);
  const erased = erasedBy(outcome);
  const [device] = event.identifiers;
  if (device === undefined || erased.length === 0) return outcome;

  const isDevice = erased.some(({ kind }) => kind === device.kind);
  const successor = isDevice ? await successorOf(device) : device;
  const namesPerson = erased.some(({ kind }) => kind !== device.kind);
  const stays =
    event.type === 'engagement' ||
    (event.type === 'identify' && namesPerson) ||
    erased.some(({ at }) => event.occurredAt < at);
  return stays ? outcome : submit(bySomebodyElse(event, successor));
}

/** Of whom nothing is known but this. */
function bySomebodyElse(event: IncomingEvent, identifier: Identifier | undefined): IncomingEvent {
  const anew: { -readonly [Key in keyof IncomingEvent]: IncomingEvent[Key] } = { ...event };
  delete anew.profile;
  anew.identifiers = identifier === undefined ? [] : [identifier];
  return anew;
}

function erasedBy(outcome: IngestOutcome | undefined): readonly ErasedIdentifier[] {
  return outcome?.outcome === 'rejected' ? (outcome.erased ?? []) : [];
}
