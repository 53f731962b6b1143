import type { Context } from '../context.ts';
import { orThrow } from '../kernel/result.ts';
import type { KeyedEntity } from '../redemptions/redemption.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { appendEntry } from './append-entry.ts';
import { listEntriesFor } from './list-entries.ts';
import { reverseIn } from './reverse-entry.ts';

/** Something that earns: its entries are those with this reference. */
export interface Earning {
  readonly type: 'reward' | 'commission';
  readonly id: string;
  readonly account: KeyedEntity;
  readonly unit: string;
  readonly heldUntil: Date | null;
  readonly occurredAt: Date;
}

/**
 * Brings the entries of an earning to what is left of it; how many it took, and what they came to before. What is missing is one more
 * earning, what is too much is taken back, from the latest earnings first. The keys count the entries that there are,
 * under a lock that the caller holds: the same step twice is one.
 */
export async function settleEarning(
  context: Pick<Context, 'clock' | 'createId'>,
  tx: Tx,
  workspace: Workspace,
  earning: Earning,
  targetMinor: bigint,
): Promise<{ readonly written: number; readonly beforeMinor: bigint }> {
  const { type, id, account, unit, heldUntil, occurredAt } = earning;
  const entries = await listEntriesFor(tx, workspace, id);
  const net = entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  let written = 0;
  const nextKey = (): string => `${type}:${id}:${entries.length + written}`;
  if (targetMinor > net) {
    orThrow(
      await appendEntry(context, tx, workspace, {
        account,
        unit,
        amountMinor: targetMinor - net,
        kind: 'earning',
        heldUntil,
        key: nextKey(),
        reference: { type, id },
        occurredAt,
      }),
    );
    written += 1;
  }
  let excess = net - targetMinor;
  for (const earned of entries.filter(({ kind }) => kind === 'earning').toReversed()) {
    if (excess <= 0n) break;
    const left = entries.reduce(
      (sum, { reversesId, amountMinor }) => (reversesId === earned.id ? sum + amountMinor : sum),
      earned.amountMinor,
    );
    const amountMinor = left < excess ? left : excess;
    if (amountMinor <= 0n) continue;
    orThrow(
      await reverseIn(context, tx, workspace, { entryId: earned.id, amountMinor, key: nextKey() }),
    );
    excess -= amountMinor;
    written += 1;
  }
  return { written, beforeMinor: net };
}
