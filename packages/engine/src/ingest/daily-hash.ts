import type { NamedIdentifier, RecognisedEvent, Recognition } from './recognise.ts';

/** The kind of the hash by which somebody is recognised for one day where nothing is kept on their device. */
const dailyKind = 'cookieless';

/**
 * How often people who share one hash can be forgotten within its day. Whoever comes after the last of them is refused
 * until midnight.
 */
const successorsMax = 16;

/**
 * Names, where the hash of the day is that of somebody who was erased, whoever comes after them.
 *
 * The hash is made of network and browser, so it is not one person's: whoever is behind the same router with the same
 * browser has it too. An identifier of one's own keeps its owner out for good; this one would keep out an office. So
 * time decides. What happened up to the moment of the erasure was one visitor to us, and all of it was erased: it stays
 * refused, under whatever key it comes again, out of a spool, an inbox or an archive. What happens after that moment
 * cannot be a replay of it; it is somebody new, under a name that follows from the hash, which serves the rest of the
 * day and can be erased in its turn. Who was erased and comes by again is that new visitor too, as they are with a new
 * cookie elsewhere; nothing leads from it to what was.
 *
 * The price is paid where somebody was erased on this very day: two more statements for a batch that has their hash.
 * The same events come back where nothing has to change.
 */
export function succeedErased(
  events: readonly RecognisedEvent[],
  { visitors, erased }: Pick<Recognition, 'visitors' | 'erased'>,
): readonly RecognisedEvent[] {
  let changed = false;
  const succeeded = events.map((item) => {
    const [named, ...others] = item.identifiers;
    if (named?.kind.kind !== dailyKind || others.length > 0) return item;
    const erasedAt = erased.get(visitors.get(named.key) ?? '');
    if (erasedAt === undefined || item.event.occurredAt <= erasedAt) return item;
    const value = successorOf(named.value);
    if (value === undefined) return item;
    changed = true;
    const successor: NamedIdentifier = { ...named, value, key: `${dailyKind}\0${value}` };
    return { ...item, identifiers: [successor] };
  });
  return changed ? succeeded : events;
}

export function isDailyHash(kind: string): boolean {
  return kind === dailyKind;
}

/** Every value by which an identifier may be bound: of the daily hash also those of whoever came after the erased. */
export function* boundValues(kind: string, value: string): Generator<string> {
  yield value;
  if (!isDailyHash(kind)) return;
  for (let next = successorOf(value); next !== undefined; next = successorOf(next)) yield next;
}

/** `abc`, `abc~1`, `abc~2`: no hash has the tilde in it. */
function successorOf(value: string): string | undefined {
  const [hash = '', number = '0'] = value.split('~');
  const next = Number(number) + 1;
  return next > successorsMax ? undefined : `${hash}~${next}`;
}
