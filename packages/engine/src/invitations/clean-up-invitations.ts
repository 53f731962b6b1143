import type { Context } from '../context.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { endMintedLink } from '../links/mint-link.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { archiveExpired } from './invitation-store.ts';

export interface CleanUpInput {
  /** Only those that have been expired for as long as this: `{ days: 0 }` for all. @default { days: 30 } */
  readonly expiredFor?: Period | undefined;
}

/** Locks no more rows than this in one transaction. */
const chunk = 500;

/** Archives expired invitations, their short links with them, and says how many; those that never expire stay. */
export async function cleanUpInvitations(
  context: Context,
  workspace: Workspace,
  input: CleanUpInput = {},
  options?: WriteOptions,
): Promise<Result<{ readonly archived: number }, ValidationRefusal>> {
  const expiredFor = input.expiredFor ?? { days: 30 };
  const problem = isNothing(expiredFor) ? undefined : periodProblem(expiredFor);
  if (problem !== undefined) return refuseField('expiredFor', problem);
  const now = context.clock.now();
  const since = movePeriod(now, expiredFor, -1);
  // Nothing has been expired since before there were years.
  if (since === undefined) return ok({ archived: 0 });
  const before = new Date(since);
  let archived = 0;
  for (;;) {
    const count = await inTransaction(context.database, options, async (tx) => {
      const rows = await archiveExpired(tx, workspace.id, before, new Date(now), chunk);
      for (const { linkId } of rows) await endMintedLink(context, tx, workspace, linkId);
      return rows.length;
    });
    archived += count;
    if (count < chunk) return ok({ archived });
  }
}

/** `{ days: 0 }`, which is no length of time, means "at once" here. */
function isNothing(period: unknown): boolean {
  return (
    typeof period === 'object' &&
    period !== null &&
    Object.values(period).every((amount) => amount === 0)
  );
}
