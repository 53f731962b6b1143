import type { Identifier, IncomingEvent, IngestOutcome } from '../ingest/event.ts';

/**
 * Submits what a browser did. Where its visitor was erased, it is submitted once more as of somebody new: only the new
 * device names them, and what the event says of a person is left out. Time spent on a page, an `identify` of an erased
 * person and the repeat of an erased event stay refused; the device is somebody new all the same.
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
  const erased = erasedKinds(outcome);
  const [device] = event.identifiers;
  if (device === undefined || erased.length === 0) return outcome;

  const successor = erased.includes(device.kind) ? await successorOf(device) : device;
  const namesPerson = erased.some((kind) => kind !== device.kind);
  if (event.type === 'engagement' || (event.type === 'identify' && namesPerson)) return outcome;
  const anew = await submit(of(event, successor));
  // Erased twice on one day: nobody is known by a hash of that day any more.
  return erasedKinds(anew).length === 0 ? anew : submit(of(event, undefined));
}

/** The same by somebody else, of whom nothing is known but this. */
function of(event: IncomingEvent, identifier: Identifier | undefined): IncomingEvent {
  const anew: { -readonly [Key in keyof IncomingEvent]: IncomingEvent[Key] } = { ...event };
  delete anew.profile;
  anew.identifiers = identifier === undefined ? [] : [identifier];
  return anew;
}

function erasedKinds(outcome: IngestOutcome | undefined): readonly string[] {
  return outcome?.outcome === 'rejected' ? (outcome.erased ?? []) : [];
}
