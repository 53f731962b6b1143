import type { Context } from '../context.ts';
import type { LiveEvent } from './live-message.ts';
import { firstToCome, formatLivePosition, parseLivePosition } from './live-position.ts';
import type { LivePosition } from './live-position.ts';
import { createLiveStore } from './live-store.ts';

/** Both messages of an event. */
const lastPart = 1;

/** What we have stored ourselves may name many open transactions. */
const storedLengthMax = 1_000_000;

/**
 * The events of a workspace that have committed since a position, each once, and the position after them: for who goes
 * on later, or in another process. `goesOn`: there may be more already. `isReset`: the position is none of this database, or
 * one from before a backup was put back, so it begins now, as live messages do.
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
  readonly isReset: boolean;
}> {
  const store = createLiveStore(database);
  const now = await store.lookAtEvents();
  const begun = parseLivePosition(position, storedLengthMax);
  if (begun === undefined || isStillToCome(begun, now))
    return {
      events: [],
      position: formatLivePosition({ seen: now }),
      goesOn: false,
      isReset: true,
    };
  const until = begun.reading?.until ?? now;
  if (until === begun.seen) return { events: [], position, goesOn: false, isReset: false };
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
  return { events, position: formatLivePosition(next), goesOn: !isWhole, isReset: false };
}

/** Of an embedded database, now and then: without it each reading looks through all events. */
export function summariseNewEvents({ database }: Pick<Context, 'database'>): Promise<void> {
  return createLiveStore(database).summariseEvents();
}

function isStillToCome({ seen, reading }: LivePosition, now: string): boolean {
  return BigInt(firstToCome(reading?.until ?? seen)) > BigInt(firstToCome(now));
}
