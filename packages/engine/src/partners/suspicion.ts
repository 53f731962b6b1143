import { isPaid } from '../attribution/paid-touch.ts';
import { minute } from '../kernel/clock.ts';
import type { Suspicion } from './commission.ts';
import type { SuspicionRules } from './partner-program.ts';

/** What is known around one commission. Times in milliseconds. */
export interface SuspicionFacts {
  readonly touchId: string;
  readonly touchedAt: number;
  /** When what earned it happened. */
  readonly earnedAt: number;
  /** Kinds of identifiers by which the customer is the partner. */
  readonly sameBy: readonly string[];
  /** The note that the customer and the partner were on one device. */
  readonly sharedDeviceId: string | null;
  readonly clickIdType: string | null;
  readonly medium: string | null;
  readonly channel: string | null;
  readonly campaign: string | null;
  /** Clicks of the partner from the network of this one, within the hour before and after. */
  readonly networkClicks: number;
  /** How many people those were. */
  readonly networkPeople: number;
  /** What brought the person in the day before the partner did, and was not the partner. */
  readonly broughtBy: { readonly touchId: string; readonly at: number } | null;
  /** The partner had brought the person before that. */
  readonly wasTheirsBefore: boolean;
  /** Partners who refer one another in a circle that this closes. */
  readonly ring: readonly string[];
}

/**
 * What is suspicious about a commission, with what somebody needs to judge it. Each rule asks for what an innocent twin
 * does not have: a colleague has another device, a newsletter many networks, a coupon of a podcast nobody before it.
 */
export function suspicionsOf(facts: SuspicionFacts, rules: SuspicionRules): Suspicion[] {
  const found: Suspicion[] = [];
  if (facts.sameBy.length > 0)
    found.push({ kind: 'self_referral', evidence: { same: [...facts.sameBy] } });
  else if (facts.sharedDeviceId !== null)
    found.push({
      kind: 'self_referral',
      evidence: { same: ['device'], merge_refusal_id: facts.sharedDeviceId },
    });
  const { clickIdType, medium, channel, campaign } = facts;
  if (!rules.allowsPaidAds && (clickIdType !== null || isPaid(channel, medium)))
    found.push({
      kind: 'paid_ad',
      evidence: {
        touch_id: facts.touchId,
        ...(clickIdType !== null && { click_id: clickIdType }),
        ...(medium !== null && { medium }),
        ...(campaign !== null && { campaign }),
      },
    });
  if (facts.networkClicks >= rules.floodClicks)
    found.push({
      kind: 'click_flood',
      evidence: {
        touch_id: facts.touchId,
        clicks: facts.networkClicks,
        people: facts.networkPeople,
      },
    });
  const { broughtBy, earnedAt, touchedAt } = facts;
  const comesLate = earnedAt - touchedAt <= rules.hijackMinutes * minute;
  if (comesLate && broughtBy !== null && !facts.wasTheirsBefore)
    found.push({
      kind: 'coupon_hijack',
      evidence: {
        touch_id: facts.touchId,
        brought_by_touch_id: broughtBy.touchId,
        seconds_before: Math.round((earnedAt - touchedAt) / 1_000),
      },
    });
  if (facts.ring.length > 0)
    found.push({ kind: 'ring', evidence: { partner_ids: [...facts.ring] } });
  return found;
}

/** What is new beside what is noted already: evidence stays as it was first found. */
export function withSuspicions(
  noted: readonly Suspicion[],
  found: readonly Suspicion[],
): readonly Suspicion[] {
  const fresh = found.filter(({ kind }) => !noted.some((flag) => flag.kind === kind));
  return fresh.length === 0 ? noted : [...noted, ...fresh];
}
