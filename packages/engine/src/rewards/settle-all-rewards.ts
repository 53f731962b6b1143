import type { Context } from '../context.ts';
import { findRuledWorkspaces } from './reward-progress-store.ts';
import { settleRewards } from './settle-rewards.ts';
import type { Settling } from '../ledger/settle-by-position.ts';

/**
 * Brings the rewards of every workspace that has rules up to date. One that cannot be is told when the others are done.
 * @throws the first failure.
 */
export async function settleAllRewards(
  context: Settling & Pick<Context, 'workspaces'>,
  isStopped: () => boolean,
): Promise<void> {
  const failures: unknown[] = [];
  for (const id of await findRuledWorkspaces(context.database.db)) {
    if (isStopped()) break;
    try {
      const workspace = await context.workspaces.get(id);
      if (workspace !== undefined) await settleRewards(context, workspace, { isStopped });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
