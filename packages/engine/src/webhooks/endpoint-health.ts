import { day, second } from '../kernel/clock.ts';
import { hasArrived, retryAfterMax } from './webhook-delivery.ts';
import type { AttemptResult } from './webhook-delivery.ts';

/** What the attempts at an endpoint have shown of it. */
export interface EndpointHealth {
  /** Since when nothing has arrived. */
  readonly failingSince: Date | null;
  readonly lastFailedAt: Date | null;
  /** Attempts in vain since {@link failingSince}. */
  readonly failures: number;
  /** It has asked for a pause: nothing is sent before. */
  readonly restingUntil: Date | null;
}

export const goodHealth: EndpointHealth = {
  failingSince: null,
  lastFailedAt: null,
  failures: 0,
  restingUntil: null,
};

/** An endpoint at which nothing has arrived for so long, in so many attempts, is disabled. */
const failingForAtMost = 5 * day;
const failuresAtLeast = 10;
/** Between two failures that are further apart nobody knows how it was: the time begins anew. */
const failureGapMax = 2 * day;

/** "Slow down" (429), and a gateway with nobody behind it (502, 504): Standard Webhooks asks to send less. */
const throttled: readonly number[] = [429, 502, 504];
const restMilliseconds = 30 * second;

/** Somebody who does not know how to sign cannot say how the receiver is. */
export const secretUnreadable = 'secret_unreadable';

/**
 * What follows for an endpoint from attempts at it that ended about now. One that arrived shows that it works, whatever
 * became of the others.
 */
export function judgeHealth(
  before: EndpointHealth,
  attempts: readonly AttemptResult[],
  now: number,
): EndpointHealth & { readonly disabledReason: 'failing' | 'gone' | null } {
  const restingUntil = latest(
    before.restingUntil,
    ...attempts.map((attempt) => restAfter(attempt, now)),
  );
  if (attempts.some(hasArrived)) return { ...goodHealth, restingUntil, disabledReason: null };
  const failures = attempts.filter(({ failure }) => failure !== secretUnreadable).length;
  if (failures === 0) return { ...before, restingUntil, disabledReason: null };
  const { lastFailedAt } = before;
  const goesOn = lastFailedAt !== null && now - lastFailedAt.getTime() <= failureGapMax;
  const failingSince = (goesOn ? before.failingSince : null) ?? new Date(now);
  const total = (goesOn ? before.failures : 0) + failures;
  const hasFailed = now - failingSince.getTime() >= failingForAtMost && total >= failuresAtLeast;
  const isGone = attempts.some(({ status }) => status === 410);
  return {
    failingSince,
    lastFailedAt: new Date(now),
    failures: total,
    restingUntil,
    disabledReason: isGone ? 'gone' : hasFailed ? 'failing' : null,
  };
}

function restAfter({ status, retryAfterSeconds }: AttemptResult, now: number): Date | null {
  if (status === undefined || status < 400) return null;
  if (retryAfterSeconds !== undefined)
    return new Date(now + Math.min(retryAfterSeconds * second, retryAfterMax));
  return throttled.includes(status) ? new Date(now + restMilliseconds) : null;
}

function latest(...times: ReadonlyArray<Date | null>): Date | null {
  return times.reduce((one, other) => {
    if (one === null || other === null) return one ?? other;
    return one > other ? one : other;
  }, null);
}
