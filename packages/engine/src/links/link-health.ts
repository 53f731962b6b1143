import { minute } from '../kernel/clock.ts';

/** How often a destination is looked at. */
export const checkEvery = 5 * minute;

/** Failures in a row that make an outage: one may be an accident on the way. */
const failuresOfOutage = 2;

/** What one look at a destination found. */
export type CheckResult =
  | { readonly ok: true; readonly httpStatus: number }
  | { readonly ok: false; readonly httpStatus: number | undefined; readonly problem: string };

export interface LinkHealth {
  readonly linkId: string;
  readonly status: 'unknown' | 'up' | 'down';
  /** Failures since the last success. */
  readonly failures: number;
  readonly httpStatus: number | null;
  readonly problem: string | null;
  readonly checkedAt: Date | null;
  readonly downSince: Date | null;
  readonly dueAt: Date;
}

/**
 * Whether an answer says that the destination is there. Who asks for a password, forbids machines, or is asked too often
 * is there; what is gone, or fails, is not. Redirects are not followed: the visitor's browser does.
 */
export function isThere(httpStatus: number): boolean {
  return httpStatus < 500 && httpStatus !== 404 && httpStatus !== 410;
}

/** What is known after one more look. */
export function judge(before: LinkHealth, result: CheckResult, now: number): LinkHealth {
  const at = new Date(now);
  const next = { ...before, checkedAt: at, dueAt: new Date(now + checkEvery) };
  const httpStatus = result.httpStatus ?? null;
  if (result.ok)
    return { ...next, status: 'up', failures: 0, httpStatus, problem: null, downSince: null };
  const failures = before.failures + 1;
  const isDown = failures >= failuresOfOutage;
  return {
    ...next,
    status: isDown ? 'down' : before.status,
    failures,
    httpStatus,
    problem: result.problem,
    downSince: isDown ? (before.downSince ?? at) : null,
  };
}
