import type { Context } from '../context.ts';
import { settleEarning } from '../ledger/settle-earning.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { updateRewardNet } from './reward-store.ts';
import type { RewardRow } from './reward-store.ts';

/** Brings the entries of a reward to what is left of it, under the lock of the workspace's rewards; how many it took. */
export async function settleReward(
  context: Pick<Context, 'clock' | 'createId'>,
  tx: Tx,
  workspace: Workspace,
  reward: RewardRow,
  targetMinor: bigint,
): Promise<number> {
  const { id, unit, heldUntil, triggerAt: occurredAt } = reward;
  const account = { entity: reward.account, key: reward.accountKey };
  const earning = { type: 'reward', id, account, unit, heldUntil, occurredAt } as const;
  const written = await settleEarning(context, tx, workspace, earning, targetMinor);
  if (written > 0 || reward.netMinor !== targetMinor)
    await updateRewardNet(tx, workspace.id, reward.id, targetMinor);
  return written;
}
