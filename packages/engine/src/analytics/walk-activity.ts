import { day, hour as hourLength, minute, second } from '../kernel/clock.ts';
import type { ActivityBlock } from './activity-block.ts';
import { findHours, findSnapshot } from './activity-hour-store.ts';
import { readActivity, selectPeople } from './activity-store.ts';
import type { ActivityNeeds, Reading } from './activity-store.ts';
import { selectFresh, selectMembers } from './fresh-store.ts';
import type { Fresh } from './fresh.ts';
import type { HourCache } from './hour-cache.ts';
import { presentPeople } from './present-people.ts';
import { readHours } from './read-hours.ts';
import type { ReportWindow } from './report-window.ts';

const quarter = 15 * minute;
/** Of what is read from the events themselves, and of stored hours: no more is in memory at a time. */
const stretchMax = day;
const hoursAtOnce = 10 * 24;

type Piece =
  | { readonly kind: 'events'; from: number; to: number }
  | { readonly kind: 'hours'; readonly hours: Array<{ hour: number; revision: string }> };

/**
 * Gives the blocks of a window, in the order of time: stored hours where they are what the events say, and everything
 * else from the events. `edges`: times that no slot may lie across, beside those of the window.
 */
export async function* walkActivity(
  reading: Reading,
  cache: HourCache | undefined,
  window: ReportWindow,
  needs: ActivityNeeds,
  edges: readonly number[] = [],
): AsyncGenerator<ActivityBlock> {
  yield* (await openActivity(reading, cache, window, needs)).walk(edges);
}

/** The same for who asks first how much of the window is kept: the number of its hours that need no event. */
export async function openActivity(
  reading: Reading,
  cache: HourCache | undefined,
  window: ReportWindow,
  needs: ActivityNeeds,
): Promise<{
  readonly hoursKept: number;
  walk(edges?: readonly number[]): AsyncGenerator<ActivityBlock>;
}> {
  const usable = await findUsable(reading, cache, window, needs);
  return {
    hoursKept: usable.hours.size,
    walk: (edges = []) => walkUsable(reading, cache, window, needs, { ...usable, edges }),
  };
}

async function* walkUsable(
  reading: Reading,
  cache: HourCache | undefined,
  window: ReportWindow,
  needs: ActivityNeeds,
  { hours, present, edges }: Usable & { readonly edges: readonly number[] },
): AsyncGenerator<ActivityBlock> {
  for (const piece of cut(window, edges, hours)) {
    if (piece.kind === 'hours') {
      for (const block of await readHours(reading, cache!, piece.hours, needs))
        yield present(block);
      continue;
    }
    const { from, to } = piece;
    const within = edges.filter((edge) => edge > from && edge < to);
    yield await readActivity(
      reading,
      { from, to, slotLength: slotLengthFor([from, to, ...within]) },
      needs,
    );
  }
}

interface Usable {
  readonly hours: ReadonlyMap<number, string>;
  readonly present: (block: ActivityBlock) => ActivityBlock;
}

/** The stored hours that are still true, and what puts right who people are in them. */
async function findUsable(
  reading: Reading,
  cache: HourCache | undefined,
  window: ReportWindow,
  needs: ActivityNeeds,
): Promise<Usable> {
  const none = { hours: new Map<number, string>(), present: presentPeople([]) };
  if (cache === undefined || window.to - window.from < hourLength) return none;
  const fresh = await findFresh(reading);
  if (fresh === undefined) return none;
  const hours = await findHours(reading, window);
  for (const hour of fresh.hours) hours.delete(hour);
  if (!needs.people || fresh.visitorIds.length === 0) return { ...none, hours };
  const members = await selectMembers(reading, fresh.visitorIds);
  return { hours, present: presentPeople(await selectPeople(reading, members)) };
}

/** What the hours do not see yet; `undefined` where there are none. Walks of one state of the database ask once. */
function findFresh(reading: Reading): Promise<Fresh | undefined> {
  const { known } = reading;
  if (known?.fresh !== undefined) return known.fresh;
  const fresh = findSnapshot(reading).then((snapshot) =>
    snapshot === undefined ? undefined : selectFresh(reading, snapshot),
  );
  if (known !== undefined) known.fresh = fresh;
  return fresh;
}

/** The window in pieces: stored hours where they may be read and no edge cuts one of their slots. */
function cut(
  { from, to }: ReportWindow,
  edges: readonly number[],
  hours: ReadonlyMap<number, string>,
): Piece[] {
  const cutHours = new Set(
    edges
      .filter((edge) => edge % quarter !== 0)
      .map((edge) => Math.floor(edge / hourLength) * hourLength),
  );
  const pieces: Piece[] = [];
  for (let at = from; at < to;) {
    const hour = Math.floor(at / hourLength) * hourLength;
    const end = Math.min(hour + hourLength, to);
    const revision =
      at === hour && end === hour + hourLength && !cutHours.has(hour) ? hours.get(hour) : undefined;
    const last = pieces.at(-1);
    if (revision === undefined) {
      if (last?.kind === 'events' && end - last.from <= stretchMax) last.to = end;
      else pieces.push({ kind: 'events', from: at, to: end });
    } else if (last?.kind === 'hours' && last.hours.length < hoursAtOnce)
      last.hours.push({ hour, revision });
    else pieces.push({ kind: 'hours', hours: [{ hour, revision }] });
    at = end;
  }
  return pieces;
}

/** The longest of a quarter of an hour, a minute and a second that all times are multiples of. */
function slotLengthFor(times: readonly number[]): number {
  return [quarter, minute].find((length) => times.every((time) => time % length === 0)) ?? second;
}
