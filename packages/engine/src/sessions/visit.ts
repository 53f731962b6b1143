import { minute } from '../kernel/clock.ts';
import type { Source } from '../sources/source.ts';
import type { SessionMeasures } from './session-measures.ts';

/**
 * The visit that a device is on, or was on last. It runs on the visitor's row, so that most events write no session:
 * the session's row is written when the visit opens, meets its first page or its first click, and gives way to the next
 * one. Its measures are what this device did in the visit and the session's row does not have yet. Times in milliseconds.
 */
export interface VisitorSession extends SessionMeasures {
  readonly id: string;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly touchId: string | null;
  readonly source: string | null;
  /** The last page of this device in the visit, and when it was opened. */
  readonly exitUrl: string | null;
  readonly exitAt: number | null;
  /** Another device began it: the host of the link that was followed. */
  readonly joined: boolean;
}

/** A visit ends after this long without an event (design §1). */
export const sessionTimeout = 30 * minute;

/** How an event stands to the visit that its device was on. */
export type VisitDecision =
  /** It belongs to the visit that is going on. */
  | { readonly kind: 'continues' }
  /** It opens a new visit. */
  | { readonly kind: 'opens' }
  /** It happened before the visit that is going on began: an earlier one may be its visit. */
  | { readonly kind: 'earlier' };

/**
 * A visit goes on while events come within 30 minutes of each other; a campaign other than the one that brought the
 * visit opens a new one, whatever the time. Moving inside the own site, and coming back with a referrer, never does.
 */
export function decideVisit(
  current: VisitorSession | undefined,
  occurredAt: number,
  source: Source | undefined,
): VisitDecision {
  if (current === undefined) return { kind: 'opens' };
  if (occurredAt < current.startedAt) return { kind: 'earlier' };
  if (occurredAt > current.lastAt + sessionTimeout) return { kind: 'opens' };
  if (source?.kind === 'campaign' && sourceKey(source) !== current.source) return { kind: 'opens' };
  return { kind: 'continues' };
}

/** Two arrivals with one key came by the same campaign. `null` for arrivals that are none. */
export function sourceKey(source: Source): string | null {
  if (source.kind !== 'campaign') return null;
  return [source.source, source.medium, source.campaign, source.clickIdType, source.partnerKey]
    .map((part) => part ?? '')
    .join('|')
    .slice(0, 255);
}

/** The campaign of an arrival as far as its touch keeps it; `null` for arrivals that are none. */
export function campaignKey(source: Source): string | null {
  if (source.kind !== 'campaign') return null;
  const { source: name = '', medium = '', campaign = '', clickIdType = '' } = source;
  return [name, medium, campaign, clickIdType].join('|');
}

/** Whether a late arrival came by another campaign than a visit of the past, of which only the touch is known. */
export function isOtherCampaign(shown: Source | undefined, campaign: string | null): boolean {
  return shown?.kind === 'campaign' && campaignKey(shown) !== campaign;
}

/**
 * Whether an arrival is a touch: a campaign when it opens a visit, a referrer or a direct visit likewise; own pages
 * and payment or sign-in providers never are (design §1, law 6).
 */
export function isTouch(source: Source, opensVisit: boolean): boolean {
  return opensVisit && source.kind !== 'internal';
}

/** A visit of the past, as far as a late event has to know it. */
export interface PastVisit {
  readonly startedAt: number;
  readonly lastEventAt: number;
}

/**
 * The visit of the past that a late event belongs to: the one that was going on, otherwise the nearest one within 30
 * minutes.
 */
export function findPastVisit<Visit extends PastVisit>(
  visits: readonly Visit[],
  occurredAt: number,
): Visit | undefined {
  let found: Visit | undefined;
  let nearest = sessionTimeout;
  for (const visit of visits) {
    const distance = Math.max(visit.startedAt - occurredAt, occurredAt - visit.lastEventAt, 0);
    // Where a campaign has cut one visit short, the next one begins within it: the later one goes on.
    if (
      distance > nearest ||
      (distance === nearest && found !== undefined && found.startedAt >= visit.startedAt)
    )
      continue;
    found = visit;
    nearest = distance;
  }
  return found;
}
