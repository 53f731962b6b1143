import { toMilliseconds } from '../kernel/clock.ts';
import { eligibleTouches } from './models/eligible-touches.ts';
import type { Eligibility } from './models/eligible-touches.ts';
import type { Conversion, Touch } from './models/path.ts';

/** Whether a touch may earn credit for a conversion, and if not, why. */
export type TouchVerdict =
  | 'eligible'
  | 'after_conversion'
  | 'outside_click_window'
  | 'outside_view_window'
  | 'earned_before'
  | 'view_beside_click';

export const verdictReasons: Readonly<Record<TouchVerdict, string>> = {
  eligible: 'it lies in the window before the conversion',
  after_conversion: 'it came after the conversion',
  outside_click_window: 'it lies further back than the window for clicks',
  outside_view_window: 'it lies further back than the window for views',
  earned_before: "it came before the person's last conversion for this goal, which took it",
  view_beside_click: 'it was only a view, and somebody followed another touch',
};

/** The verdict on every touch of a person, the oldest first: as `eligibleTouches` decides. */
export function judgeTouches(
  touches: readonly Touch[],
  conversion: Pick<Conversion, 'occurredAt'>,
  eligibility: Pick<Eligibility, 'since'> &
    Required<Pick<Eligibility, 'clickLookback' | 'viewLookback'>>,
): ReadonlyArray<{ readonly touch: Touch; readonly verdict: TouchVerdict }> {
  const eligible = new Set(eligibleTouches(touches, conversion, eligibility));
  const { occurredAt } = conversion;
  const clicksFrom = occurredAt - toMilliseconds(eligibility.clickLookback ?? {});
  const viewsFrom = occurredAt - toMilliseconds(eligibility.viewLookback ?? {});
  const verdictOf = (touch: Touch): TouchVerdict => {
    if (eligible.has(touch)) return 'eligible';
    if (touch.occurredAt > occurredAt) return 'after_conversion';
    if (touch.occurredAt <= (eligibility.since ?? -Infinity)) return 'earned_before';
    if (touch.kind !== 'view')
      return touch.occurredAt <= clicksFrom ? 'outside_click_window' : 'view_beside_click';
    return touch.occurredAt <= viewsFrom ? 'outside_view_window' : 'view_beside_click';
  };
  return touches
    .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))
    .map((touch) => ({ touch, verdict: verdictOf(touch) }));
}
