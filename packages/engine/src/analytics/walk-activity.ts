import { hour, day, second } from '../kernel/clock.ts';
import type { ActivityBlock } from './activity-block.ts';
import { readActivity } from './activity-store.ts';
import type { ActivityNeeds, Reading, Stretch } from './activity-store.ts';
import type { ReportWindow } from './report-window.ts';

const quarter = 15 * (hour / 60);
/** Of what is read from the events themselves: one stretch is in memory at a time. */
const stretchMax = day;

/**
 * Gives the blocks of a window, in the order of time. `edges`: times that no slot may lie across, beside those of the
 * window.
 */
export async function* walkActivity(
  reading: Reading,
  window: ReportWindow,
  needs: ActivityNeeds,
  edges: readonly number[] = [],
): AsyncGenerator<ActivityBlock> {
  const slotLength = slotLengthFor([window.from, window.to, ...edges]);
  for (const stretch of cut(window, slotLength)) yield await readActivity(reading, stretch, needs);
}

/** The longest of a quarter of an hour, a minute and a second that all times are multiples of. */
function slotLengthFor(times: readonly number[]): number {
  return (
    [quarter, 60 * second].find((length) => times.every((time) => time % length === 0)) ?? second
  );
}

function* cut({ from, to }: ReportWindow, slotLength: number): Generator<Stretch> {
  for (let at = from; at < to; at += stretchMax)
    yield { from: at, to: Math.min(at + stretchMax, to), slotLength };
}
