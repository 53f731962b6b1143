import type { Context } from '../context.ts';
import { findRuledWorkspaces } from './reward-progress-store.ts';
import { settleRewards } from './settle-rewards.ts';
import type { Settling } from './settle-rewards.ts';

/** Brings the rewards of every workspace that has rules up to date. */
export async function settleAllRewards(
  context: Settling & Pick<Context, 'workspaces'>,
): Promise<void> {
  for (const id of await findRuledWorkspaces(context.database.db)) {
    const workspace = await context.workspaces.get(id);
    if (workspace !== undefined) await settleRewards(context, workspace);
  }
}
