import { appendEntry } from '../ledger/append-entry.ts';
import { listEntriesFor } from '../ledger/list-entries.ts';
import { reverseIn } from '../ledger/reverse-entry.ts';
import { orThrow } from '../kernel/result.ts';
import type { Tx } from '../store/database.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Telling } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { updateRewardNet } from './reward-store.ts';
import type { RewardRow } from './reward-store.ts';

/**
 * Brings the entries of a reward to what is left of it, and returns how many it took. What is missing is one more
 * earning, what is too much is taken back, from the latest earnings first. The keys count the entries that there are,
 * under the lock of the workspace's rewards: the same step twice is one.
 */
export async function settleReward(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  reward: RewardRow,
  targetMinor: bigint,
): Promise<number> {
  const entries = await listEntriesFor(tx, workspace, reward.id);
  const net = entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  let written = 0;
  const nextKey = (): string => `reward:${reward.id}:${entries.length + written}`;
  if (targetMinor > net) {
    orThrow(
      await appendEntry(context, tx, workspace, {
        account: { entity: reward.account, key: reward.accountKey },
        unit: reward.unit,
        amountMinor: targetMinor - net,
        kind: 'earning',
        heldUntil: reward.heldUntil,
        key: nextKey(),
        reference: { type: 'reward', id: reward.id },
        occurredAt: reward.triggerAt,
      }),
    );
    written += 1;
  }
  let excess = net - targetMinor;
  for (const earning of entries.filter(({ kind }) => kind === 'earning').toReversed()) {
    if (excess <= 0n) break;
    const left = entries.reduce(
      (sum, { reversesId, amountMinor }) => (reversesId === earning.id ? sum + amountMinor : sum),
      earning.amountMinor,
    );
    const amountMinor = left < excess ? left : excess;
    if (amountMinor <= 0n) continue;
    const reversal = { entryId: earning.id, amountMinor, key: nextKey() };
    orThrow(await reverseIn(context, tx, workspace, reversal));
    excess -= amountMinor;
    written += 1;
  }
  if (written > 0 || reward.netMinor !== targetMinor)
    await updateRewardNet(tx, workspace.id, reward.id, targetMinor);
  if (written > 0)
    await tellOfSubject(context, tx, workspace.id, {
      type:
        targetMinor === 0n ? 'reward.reversed' : net === 0n ? 'reward.earned' : 'reward.changed',
      id: reward.id,
    });
  return written;
}
