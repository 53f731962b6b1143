import { settleByPosition } from '../ledger/settle-by-position.ts';
import type { SettleOptions, Settling } from '../ledger/settle-by-position.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createReferralEventStore } from './referral-event-store.ts';
import type { RewardedReferral } from './referral-event-store.ts';
import {
  findProgress,
  lockRewards,
  saveProgress,
  selectChangedReferrals,
  selectReferralIds,
} from './reward-progress-store.ts';
import type { RewardRule, TriggerEvent } from './reward-rule.ts';
import { selectAllVersions } from './reward-rule-store.ts';
import { selectRewardsOf } from './reward-store.ts';
import type { RewardRow } from './reward-store.ts';
import { settleReferral } from './settle-referral.ts';
import type { ReferralState } from './settle-referral.ts';

export interface SettledRewards {
  /** Referrals that were looked at. */
  readonly referrals: number;
  /** Entries of the ledger that it took. */
  readonly entries: number;
}

/** Brings the rewards of a workspace up to date with what was committed since the last time, or with everything (`all`). */
export async function settleRewards(
  context: Settling,
  workspace: Workspace,
  options: SettleOptions = {},
): Promise<SettledRewards> {
  const { db, schema } = context.database;
  const { id } = workspace;
  const { looked, entries } = await settleByPosition(
    context,
    {
      findProgress: () => findProgress(db, id),
      saveProgress: (progress) => saveProgress(db, id, progress),
      selectChanged: (snapshot) => selectChangedReferrals(db, schema, id, snapshot),
      selectAfter: (after, limit) => selectReferralIds(db, id, after, limit),
      async prepare() {
        const rules = Map.groupBy(await selectAllVersions(db, id), (rule) => rule.id);
        return (tx, ids) => settleSome(context, tx, workspace, rules, ids);
      },
    },
    options,
  );
  return { referrals: looked, entries };
}

/** Everything is read under the lock, so that whoever had it before is seen. */
async function settleSome(
  context: Settling,
  tx: Tx,
  workspace: Workspace,
  rules: ReadonlyMap<string, readonly RewardRule[]>,
  ids: readonly string[],
): Promise<number> {
  await lockRewards(tx, workspace.id);
  let written = 0;
  for (const state of await readStates(context, tx, workspace.id, rules, ids))
    written += await settleReferral(context, tx, workspace, state, rules);
  return written;
}

async function readStates(
  { database }: Settling,
  tx: Tx,
  workspaceId: string,
  rules: ReadonlyMap<string, readonly RewardRule[]>,
  ids: readonly string[],
): Promise<ReferralState[]> {
  const store = createReferralEventStore(database.schema);
  const referrals = await store.selectReferrals(tx, workspaceId, ids);
  const conversions = await store.selectConversions(tx, workspaceId, ids);
  const names = activationsOf(rules);
  const activations =
    names.length === 0 ? [] : await store.selectEvents(tx, workspaceId, ids, names);
  const eventsOf = (referral: RewardedReferral): TriggerEvent[] =>
    [
      redemptionEvent(referral),
      ...conversions
        .filter(({ referralId }) => referralId === referral.id)
        .map((row): TriggerEvent => ({
          id: row.id,
          trigger: row.type === 'sale' ? 'payment' : 'registration',
          occurredAt: row.occurredAt.getTime(),
          amountMinor: row.amountMinor ?? undefined,
          currency: row.currency ?? undefined,
          netMinor: row.amountMinor === null ? undefined : row.amountMinor + row.refundedMinor,
          removed: row.removed,
        })),
      ...activations
        .filter(({ referralId }) => referralId === referral.id)
        .map(({ id, name, occurredAt }): TriggerEvent => ({
          id,
          name,
          trigger: 'activation',
          occurredAt: occurredAt.getTime(),
          removed: false,
        })),
    ].toSorted((a, b) => a.occurredAt - b.occurredAt);

  const rewards = Map.groupBy(
    await selectRewardsOf(tx, workspaceId, ids),
    ({ referralId }) => referralId,
  );
  const states = referrals.map((referral) => ({
    referral,
    events: eventsOf(referral),
    rewards: rewards.get(referral.id) ?? [],
  }));
  const missing = states.flatMap(({ events, rewards: own }) => withoutEvent(own, events));
  const lost = await store.findKept(
    tx,
    workspaceId,
    missing.map(({ triggerId, triggerAt }) => ({ id: triggerId, at: triggerAt })),
  );
  return states.map(({ events, rewards: own, referral }) => ({
    referral,
    events,
    rewards: own,
    lost: new Set(
      withoutEvent(own, events).flatMap(({ triggerId }) => (lost.has(triggerId) ? triggerId : [])),
    ),
  }));
}

function withoutEvent(own: readonly RewardRow[], events: readonly TriggerEvent[]): RewardRow[] {
  const known = new Set(events.map(({ id }) => id));
  return own.filter(({ triggerId }) => !known.has(triggerId));
}

function redemptionEvent(referral: RewardedReferral): TriggerEvent {
  return {
    id: referral.redemptionId,
    trigger: 'redemption',
    occurredAt: referral.createdAt.getTime(),
    removed: false,
  };
}

function activationsOf(rules: ReadonlyMap<string, readonly RewardRule[]>): string[] {
  const versions = [...rules.values()].flat();
  return [
    ...new Set(
      versions.flatMap(({ trigger, activation }) => (trigger === 'activation' ? activation : [])),
    ),
  ];
}
