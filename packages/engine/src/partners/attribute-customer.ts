import { day } from '../kernel/clock.ts';
import { couponRule } from './partner-source.ts';

/** Who is paid for a conversion, and by which touch. */
export interface Attributed {
  readonly partnerId: string;
  readonly touchId: string;
}

interface AttributedTouch {
  readonly id: string;
  readonly partnerId: string;
  readonly eventId: string;
  readonly rule: string | null;
  readonly occurredAt: number;
}

interface AttributedConversion {
  readonly id: string;
  readonly occurredAt: number;
  readonly removed: boolean;
  readonly partnerId: string | null;
  readonly partnerTouchId: string | null;
}

/**
 * Says who is paid for each conversion of a person, oldest first; what was settled before stays. A customer stays with
 * the partner who brought them; somebody new is of the coupon that was told with it, else of the last partner touch
 * within that partner's window. `windowDaysOf`: of a partner who may earn, by the programme of then; `isTheirs`: whether a
 * touch is still this person's, or is not kept any more.
 */
export function attributeCustomer<Conversion extends AttributedConversion>(
  conversions: readonly Conversion[],
  touches: readonly AttributedTouch[],
  {
    windowDaysOf,
    isTheirs,
  }: {
    readonly windowDaysOf: (partnerId: string, at: number) => number | undefined;
    readonly isTheirs: (touchId: string) => boolean;
  },
): Map<Conversion, Attributed> {
  const attributed = new Map<Conversion, Attributed>();
  let bound: Attributed | undefined;
  for (const conversion of conversions) {
    const settled = settledOf(conversion);
    const found = settled ?? (conversion.removed ? undefined : attribute(conversion));
    if (found === undefined) continue;
    attributed.set(conversion, found);
    if (isTheirs(found.touchId) && !conversion.removed) bound ??= found;
  }
  return attributed;

  function attribute(conversion: Conversion): Attributed | undefined {
    if (bound !== undefined && windowDaysOf(bound.partnerId, conversion.occurredAt) !== undefined)
      return bound;
    const before = touches.filter(({ occurredAt, partnerId }) => {
      const windowDays = windowDaysOf(partnerId, conversion.occurredAt);
      const age = conversion.occurredAt - occurredAt;
      return windowDays !== undefined && age >= 0 && age <= windowDays * day;
    });
    const touch =
      before.findLast(({ rule, eventId }) => rule === couponRule && eventId === conversion.id) ??
      before.at(-1);
    return touch && { partnerId: touch.partnerId, touchId: touch.id };
  }
}

function settledOf({ partnerId, partnerTouchId }: AttributedConversion): Attributed | undefined {
  return partnerId === null || partnerTouchId === null
    ? undefined
    : { partnerId, touchId: partnerTouchId };
}
