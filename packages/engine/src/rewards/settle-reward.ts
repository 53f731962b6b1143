import { settleEarning } from '../ledger/settle-earning.ts';
import type { Tx } from '../store/database.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Telling } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { updateRewardNet } from './reward-store.ts';
import type { RewardRow } from './reward-store.ts';

/** Brings the entries of a reward to what is left of it, under the lock of the workspace's rewards; how many it took. */
export async function settleReward(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  reward: RewardRow,
  targetMinor: bigint,
): Promise<number> {
  const { id, unit, heldUntil, triggerAt: occurredAt } = reward;
  const account = { entity: reward.account, key: reward.accountKey };
  const earning = { type: 'reward', id, account, unit, heldUntil, occurredAt } as const;
  const { written, beforeMinor } = await settleEarning(
    context,
    tx,
    workspace,
    earning,
    targetMinor,
  );
  if (written > 0 || reward.netMinor !== targetMinor)
    await updateRewardNet(tx, workspace.id, reward.id, targetMinor);
  if (written > 0)
    await tellOfSubject(context, tx, workspace.id, {
      type:
        targetMinor === 0n
          ? 'reward.reversed'
          : beforeMinor === 0n
            ? 'reward.earned'
            : 'reward.changed',
      id: reward.id,
    });
  return written;
}
