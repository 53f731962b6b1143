import type { Context } from '../context.ts';
import { hour as hourLength } from '../kernel/clock.ts';
import type { Db } from '../store/database.ts';
import { errorCode } from '../store/connection.ts';
import { inOneState } from './one-state-store.ts';
import { encodeHour } from './activity-codec.ts';
import {
  addHours,
  currentSnapshot,
  findSnapshot,
  findStaleHours,
  markStale,
  saveHour,
  saveProgress,
  tryToRollUp,
} from './activity-hour-store.ts';
import { readActivityInParts } from './activity-store.ts';
import type { Reading } from './activity-store.ts';
import { visitDimensions } from './dimension.ts';
import { selectFresh, selectHoursOfChanged } from './fresh-store.ts';

export interface RollUpReport {
  /** Hours that were made. */
  readonly made: number;
  /** Whether there are more that have to be. */
  readonly goesOn: boolean;
}

/** Hours of one transaction: short enough that nobody waits for it, who has another connection or has none. */
const hoursAtOnce = { server: 24, embedded: 1 };
const everything = { dimensions: new Set(visitDimensions), hits: true, people: true };

type RollUpContext = Pick<Context, 'database' | 'clock'>;

/**
 * Brings the stored hours of a workspace up to date: marks those that what was committed meanwhile has changed, then
 * makes marked ones again, the newest first. The hour that is going on is left to the events. Any number of processes may
 * do it; one of them does.
 */
export async function rollUp(
  context: RollUpContext,
  workspaceId: string,
  hoursMax = 24,
): Promise<RollUpReport> {
  const now = Math.floor(context.clock.now() / hourLength) * hourLength;
  const reads = (db: Db): Reading => ({ db, schema: context.database.schema, workspaceId });
  const marked = await context.database.db
    .transaction()
    .execute((tx) => mark(reads(tx), new Date(now)));
  if (!marked) return { made: 0, goesOn: false };
  let made = 0;
  while (made < hoursMax) {
    const count = Math.min(hoursAtOnce[context.database.size], hoursMax - made);
    const done = await inOneState(context.database, (tx) => make(reads(tx), now, count)).catch(
      (error: unknown) => {
        // 40001: an hour was marked while it was made; what was made is not true any more.
        if (errorCode(error) === '40001') return undefined;
        throw error;
      },
    );
    if (done === undefined) return { made, goesOn: true };
    made += done;
    if (done < count) return { made, goesOn: false };
  }
  return { made, goesOn: true };
}

/** The snapshot is taken first: what commits after it is looked up again, what it sees is marked here. */
async function mark(reading: Reading, until: Date): Promise<boolean> {
  if (!(await tryToRollUp(reading))) return false;
  const { db, schema, workspaceId } = reading;
  const seen = await findSnapshot(reading);
  const snapshot = await currentSnapshot(db);
  if (seen !== undefined && seen !== snapshot) {
    const fresh = await selectFresh(reading, seen);
    const changed = await selectHoursOfChanged(reading, seen);
    await markStale(db, schema, workspaceId, [...new Set([...fresh.hours, ...changed])]);
  }
  await addHours(reading, until);
  await saveProgress(db, workspaceId, snapshot, until);
  return true;
}

async function make(reading: Reading, before: number, limit: number): Promise<number> {
  if (!(await tryToRollUp(reading))) return 0;
  const hours = await findStaleHours(reading, new Date(before), limit);
  for (const { from, to } of joined(hours)) {
    const stretch = { from, to, slotLength: hourLength / 4 };
    const blocks = await readActivityInParts(reading, stretch, everything, 4);
    for (const block of blocks.toReversed())
      await saveHour(
        reading,
        block.startsAt,
        block.activity.count === 0 ? undefined : encodeHour(block),
      );
  }
  return hours.length;
}

/** Hours that follow each other, from the newest to the oldest, as stretches. */
function joined(hours: readonly number[]): Array<{ from: number; to: number }> {
  const stretches: Array<{ from: number; to: number }> = [];
  for (const hour of hours) {
    const last = stretches.at(-1);
    if (last !== undefined && last.from === hour + hourLength) last.from = hour;
    else stretches.push({ from: hour, to: hour + hourLength });
  }
  return stretches;
}
