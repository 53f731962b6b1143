import type { Context } from '../context.ts';
import { firstToCome } from '../live/live-position.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createReferralEventStore } from './referral-event-store.ts';
import type { RewardedReferral } from './referral-event-store.ts';
import {
  currentSnapshot,
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

/** Referrals of one transaction: short enough that nobody waits for it. */
const chunkSize = 50;
const nil = '00000000-0000-0000-0000-000000000000';

export type Settling = Pick<Context, 'clock' | 'createId' | 'database' | 'jobs'>;

export interface SettleOptions {
  readonly all?: boolean;
  /** Asked between the transactions. */
  readonly isStopped?: () => boolean;
}

export interface SettledRewards {
  /** Referrals that were looked at. */
  readonly referrals: number;
  /** Entries of the ledger that it took. */
  readonly entries: number;
}

/**
 * Brings the rewards of a workspace up to date with what was committed since the last time, or with everything (`all`).
 * What is noted as done is a snapshot that was taken before anything was read; a crash before that note does it again,
 * which writes nothing twice. Any number of processes may do it at once.
 */
export async function settleRewards(
  context: Settling,
  workspace: Workspace,
  { all = false, isStopped = () => false }: SettleOptions = {},
): Promise<SettledRewards> {
  const { db, schema } = context.database;
  const progress = await findProgress(db, workspace.id);
  if (progress === undefined) return { referrals: 0, entries: 0 };
  const snapshot = await currentSnapshot(db);
  if (!all && progress.snapshot === snapshot) return { referrals: 0, entries: 0 };
  const rules = Map.groupBy(await selectAllVersions(db, workspace.id), ({ id }) => id);
  const pages =
    all || progress.snapshot === undefined || isAhead(progress.snapshot, snapshot)
      ? everyReferral(context, workspace.id)
      : inChunks(await selectChangedReferrals(db, schema, workspace.id, progress.snapshot));
  let [referrals, entries] = [0, 0];
  for await (const ids of pages) {
    // Not noted as done: the next time begins anew, and finds most of it written.
    if (isStopped()) return { referrals, entries };
    referrals += ids.length;
    entries += await db
      .transaction()
      .execute((tx) => settleSome(context, tx, workspace, rules, ids));
  }
  await saveProgress(db, workspace.id, { snapshot, revision: progress.revision });
  return { referrals, entries };
}

/** As after a restore from a dump, where transactions are counted anew: then the snapshot says nothing. */
function isAhead(noted: string, now: string): boolean {
  return BigInt(firstToCome(noted)) > BigInt(firstToCome(now));
}

async function* everyReferral(
  { database }: Settling,
  workspaceId: string,
): AsyncGenerator<readonly string[]> {
  for (let after = nil; ;) {
    const ids = await selectReferralIds(database.db, workspaceId, after, chunkSize);
    if (ids.length > 0) yield ids;
    if (ids.length < chunkSize) return;
    after = ids.at(-1)!;
  }
}

function* inChunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += chunkSize)
    yield ids.slice(start, start + chunkSize);
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
