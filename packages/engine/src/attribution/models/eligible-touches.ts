import { day, toMilliseconds } from '../../kernel/clock.ts';
import type { Duration } from '../../kernel/clock.ts';
import type { Conversion, Touch } from './path.ts';

export interface Eligibility {
  /**
   * How long before the conversion a touch may lie that somebody followed; exactly as long ago is too long.
   * @default { days: 90 }
   */
  readonly clickLookback?: Duration | undefined;
  /**
   * The same for views.
   * @default none: views earn nothing
   */
  readonly viewLookback?: Duration | undefined;
  /**
   * When the person last reached the same goal (milliseconds): touches up to then have had their conversion. Leave it
   * out where each conversion takes the whole window.
   */
  readonly since?: number | undefined;
  /**
   * Whether direct arrivals count, or only where a path has nothing else.
   * @default 'count'
   */
  readonly direct?: 'count' | 'last_resort' | undefined;
}

/** The life of `_hw_click` (design §4.3). */
const clickLookbackDefault: Duration = { milliseconds: 90 * day };

/**
 * The touches that may earn credit for a conversion, oldest first; those of one instant by id, so that the order they
 * come in never matters. A touch after the conversion is none of them. A view is one only where nothing that somebody
 * followed is.
 */
export function eligibleTouches(
  touches: readonly Touch[],
  conversion: Pick<Conversion, 'occurredAt'>,
  eligibility: Eligibility = {},
): readonly Touch[] {
  const { clickLookback = clickLookbackDefault, viewLookback = {} } = eligibility;
  const { since = -Infinity, direct = 'count' } = eligibility;
  const clicksFrom = conversion.occurredAt - toMilliseconds(clickLookback);
  const viewsFrom = conversion.occurredAt - toMilliseconds(viewLookback);
  const inWindow = touches.filter(
    (touch) =>
      touch.occurredAt <= conversion.occurredAt &&
      touch.occurredAt > since &&
      touch.occurredAt > (touch.kind === 'view' ? viewsFrom : clicksFrom),
  );
  const followed = inWindow.some((touch) => touch.kind !== 'view' && touch.kind !== 'direct');
  const sourced = followed || inWindow.some((touch) => touch.kind === 'view');
  return inWindow
    .filter((touch) => !(touch.kind === 'view' && followed))
    .filter((touch) => !(touch.kind === 'direct' && sourced && direct === 'last_resort'))
    .toSorted(byTime);
}

function byTime(a: Touch, b: Touch): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt - b.occurredAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
