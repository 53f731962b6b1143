import type { Context } from '../context.ts';
import type { LiveEvent } from './live-message.ts';
import { formatLivePosition, parseLivePosition } from './live-position.ts';
import type { LivePosition } from './live-position.ts';
import { createLiveStore } from './live-store.ts';

/** Both messages of an event. */
const lastPart = 1;

/**
 * The events of a workspace that have committed since a position, each once, and the position after them: for who goes
 * on later, or in another process. `goesOn`: there may be more already.
 *
 * @throws {RangeError} the position is not one of ours.
 */
export async function readNewEvents(
  { database }: Pick<Context, 'database'>,
  workspaceId: string,
  position: string,
  limit: number,
): Promise<{
  readonly events: readonly LiveEvent[];
  readonly position: string;
  readonly goesOn: boolean;
}> {
  const store = createLiveStore(database);
  const begun = parseLivePosition(position);
  if (begun === undefined) throw new RangeError('This is no position in the events.');
  const until = begun.reading?.until ?? (await store.lookAtEvents());
  if (until === begun.seen) return { events: [], position, goesOn: false };
  const from = begun.reading?.last;
  const page = await store.selectLiveEvents({
    workspaceId,
    seen: begun.seen,
    until,
    from,
    // The event of the mark itself comes once more.
    limit: limit + (from === undefined ? 0 : 1),
  });
  const events = page.filter(({ event }) => event.id !== from?.eventId);
  const isWhole = events.length < limit;
  const last = events.at(-1);
  const next: LivePosition =
    isWhole || last === undefined
      ? { seen: until }
      : {
          seen: begun.seen,
          reading: {
            until,
            last: { transactionId: last.transactionId, eventId: last.event.id, part: lastPart },
          },
        };
  return { events, position: formatLivePosition(next), goesOn: !isWhole };
}
