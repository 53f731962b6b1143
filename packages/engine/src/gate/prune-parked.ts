import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkAdmission } from './check-admission.ts';
import { gateOf } from './gate.ts';
import type { Account } from './gate.ts';

/** Which accounts of the host's may be parked: made before `createdBefore`, and after `createdAfter` where there is one. */
export interface ParkedWindow {
  readonly createdBefore: Date;
  /** Accounts that are no younger are grandfathered: left out where they are looked for, they hold up nobody. */
  readonly createdAfter: Date | undefined;
}

export interface PruneParkedInput<Of extends Account> {
  /** How long somebody may stand before the gate; 0 or less: for ever. */
  readonly days: number;
  /** The host's accounts of the window, oldest first. Read as they are looked at. */
  readonly accounts: (window: ParkedWindow) => AsyncIterable<Of> | Iterable<Of>;
  /** Switches an account off. Deleting it is not for a job. */
  readonly deactivate: (account: Of) => Promise<void> | void;
  /** At most so many in one go. @default 500 */
  readonly limit?: number | undefined;
}

const limitDefault = 500;

/**
 * Has the accounts switched off that stand before the gate for longer than so many days, and says how many. Each is
 * looked at once more before it is; one that nobody can tell about now stays.
 */
export async function pruneParked<Of extends Account>(
  context: Context,
  workspace: Workspace,
  { days, accounts, deactivate, limit = limitDefault }: PruneParkedInput<Of>,
): Promise<{ readonly deactivated: number }> {
  const gate = gateOf(workspace);
  if (!gate.required || !(days > 0)) return { deactivated: 0 };
  const createdBefore = new Date(context.clock.now() - days * day);
  const createdAfter = gate.grandfather ? gate.since : undefined;
  let deactivated = 0;
  for await (const account of accounts({ createdBefore, createdAfter })) {
    if (deactivated >= limit) break;
    if (account.createdAt === undefined || account.createdAt >= createdBefore) continue;
    const decision = await checkAdmission(context, workspace, account);
    if (decision.admitted || decision.reason === 'unavailable') continue;
    await deactivate(account);
    deactivated += 1;
  }
  return { deactivated };
}
