import type { Context } from '../context.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { changeInvitation } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { expiryProblem } from './invitation.ts';

export type NoExpiry = Refusal & { readonly code: 'no_expiry' };

export interface ExtendOptions extends WriteOptions {
  /** `stored`: from the end that it has; `now`: from now, also long after it has expired. @default 'stored' */
  readonly from?: 'stored' | 'now' | undefined;
}

/**
 * Moves the end of an invitation, expired or not. Under the row's lock: of two that are made at once, both count.
 */
export async function extendInvitation<Reference extends InvitationReference>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  by: Period,
  options: ExtendOptions = {},
) {
  const problem = periodProblem(by);
  if (problem !== undefined) return refuseField('by', problem);
  return changeInvitation(
    context,
    workspace,
    reference,
    (before, now): Result<typeof before, NoExpiry | ValidationRefusal> => {
      if (before.expiresAt === null)
        return refuse('no_expiry', 'An invitation that never expires cannot be extended');
      const start = options.from === 'now' ? now : before.expiresAt;
      const moved = movePeriod(start.getTime(), by);
      if (moved === undefined) return refuseField('by', 'must end before the year 10000');
      const expiresAt = new Date(moved);
      const late = expiryProblem(expiresAt, now.getTime());
      return late === undefined
        ? ok({ ...before, expiresAt })
        : refuseField('expiresAt', `${late}; extend it from now instead`);
    },
    options,
  );
}

/** An instant, or how long from now on. */
export type ExpiryInput = Date | string | { readonly in: Period };

/** Sets the end of any invitation, expired and never-expiring ones too. */
export async function setInvitationExpiry<Reference extends InvitationReference>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  expiry: ExpiryInput,
  options?: WriteOptions,
) {
  return changeInvitation(
    context,
    workspace,
    reference,
    (before, now): Result<typeof before, ValidationRefusal> => {
      const expiresAt = readExpiry(expiry, now.getTime());
      if (typeof expiresAt === 'string') return refuseField('expiresAt', expiresAt);
      const problem = expiryProblem(expiresAt, now.getTime());
      return problem === undefined
        ? ok({ ...before, expiresAt })
        : refuseField('expiresAt', problem);
    },
    options,
  );
}

/** Lets an invitation last for ever; doing it again changes nothing. */
export async function removeInvitationExpiry<Reference extends InvitationReference>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  options?: WriteOptions,
) {
  return changeInvitation(
    context,
    workspace,
    reference,
    (before): Result<typeof before, InvitationNotFound> =>
      ok(before.expiresAt === null ? before : { ...before, expiresAt: null }),
    options,
  );
}

/** RFC 3339, with an offset: a time without one would be another in every place. */
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The instant, or what is wrong. */
function readExpiry(expiry: unknown, now: number): Date | string {
  if (expiry instanceof Date) return expiry;
  if (typeof expiry === 'string')
    return instantPattern.test(expiry)
      ? new Date(expiry)
      : 'must be a time as in RFC 3339, for example 2026-12-31T23:59:59Z';
  const period: unknown =
    typeof expiry === 'object' && expiry !== null ? (expiry as { in?: unknown }).in : undefined;
  const problem = periodProblem(period);
  if (problem !== undefined) return problem;
  const end = movePeriod(now, period as Period);
  return end === undefined ? 'must be before the year 10000' : new Date(end);
}
