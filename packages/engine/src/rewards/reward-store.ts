import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { RewardSide } from './reward-rule.ts';
import type { Reward, RewardStatus } from './reward.ts';

export type RewardRow = Reward & {
  readonly workspaceId: string;
  readonly accountKey: Uint8Array;
};

export async function insertReward(tx: Tx, reward: RewardRow): Promise<void> {
  await tx
    .insertInto('reward')
    .values({
      workspace_id: reward.workspaceId,
      id: reward.id,
      rule_id: reward.ruleId,
      rule_version: reward.ruleVersion,
      side: reward.side,
      referral_id: reward.referralId,
      source_id: reward.sourceId,
      trigger_id: reward.triggerId,
      trigger_at: reward.triggerAt,
      account_type: reward.account.type,
      account_id: reward.account.id ?? null,
      account_key: reward.accountKey,
      unit: reward.unit,
      granted_minor: reward.grantedMinor,
      capped_minor: reward.cappedMinor,
      net_minor: reward.netMinor,
      held_until: reward.heldUntil,
      created_at: reward.createdAt,
    })
    .execute();
}

/** In the transaction that writes the entries. */
export async function updateRewardNet(
  tx: Tx,
  workspaceId: string,
  id: string,
  netMinor: bigint,
): Promise<void> {
  await tx
    .updateTable('reward')
    .set({ net_minor: netMinor })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/** The rewards of some referrals, in the order of what earned them. */
export async function selectRewardsOf(
  db: Db,
  workspaceId: string,
  referralIds: readonly string[],
): Promise<RewardRow[]> {
  const rows = await db
    .selectFrom('reward')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('referral_id', 'in', referralIds)
    .orderBy('trigger_at')
    .orderBy('id')
    .execute();
  return rows.map(toRow);
}

/** What a rule has given to one side, of one unit and of all together; what was taken back is not given. */
export async function sumGiven(
  db: Db,
  workspaceId: string,
  of: {
    readonly ruleId: string;
    readonly side: RewardSide;
    readonly unit: string;
    readonly accountKey?: Uint8Array | undefined;
    readonly sourceId?: string | undefined;
  },
): Promise<{ readonly rewards: number; readonly amountMinor: bigint }> {
  let query = db
    .selectFrom('reward')
    .select([
      sql<string>`count(*) filter (where net_minor > 0)`.as('rewards'),
      sql<string>`coalesce(sum(net_minor) filter (where unit = ${of.unit}), 0)`.as('amount'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('rule_id', '=', of.ruleId)
    .where('side', '=', of.side);
  if (of.accountKey !== undefined) query = query.where('account_key', '=', of.accountKey);
  if (of.sourceId !== undefined) query = query.where('source_id', '=', of.sourceId);
  const row = await query.executeTakeFirstOrThrow();
  return { rewards: Number(row.rewards), amountMinor: BigInt(row.amount) };
}

export interface RewardFilter {
  readonly accountKey: Uint8Array | undefined;
  readonly ruleId: string | undefined;
  readonly referralId: string | undefined;
  readonly sourceId: string | undefined;
  readonly side: RewardSide | undefined;
  readonly status: RewardStatus | undefined;
  readonly now: Date;
}

/** Newest first: ids sort by when they were made. */
export async function selectRewards(
  db: Db,
  workspaceId: string,
  filter: RewardFilter,
  page: { readonly before: string | undefined; readonly limit: number; readonly offset: number },
): Promise<RewardRow[]> {
  let query = matching(db, workspaceId, filter).selectAll();
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  const rows = await query.orderBy('id', 'desc').limit(page.limit).offset(page.offset).execute();
  return rows.map(toRow);
}

export async function findReward(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<RewardRow | undefined> {
  const row = await db
    .selectFrom('reward')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toRow(row);
}

/** What was given and what is left of it, by side and unit. */
export async function totalRewards(db: Db, workspaceId: string, filter: RewardFilter) {
  const rows = await matching(db, workspaceId, filter)
    .select((eb) => [
      'side',
      'unit',
      eb.fn.countAll<string>().as('rewards'),
      sql<string>`count(*) filter (where net_minor = 0 and granted_minor > 0)`.as('reversed'),
      sql<string>`count(*) filter (where granted_minor = 0)`.as('capped'),
      eb.fn.sum<string>('granted_minor').as('granted'),
      eb.fn.sum<string>('net_minor').as('net'),
      sql<string>`coalesce(sum(net_minor) filter (where held_until > ${filter.now}::timestamptz), 0)`.as(
        'held',
      ),
    ])
    .groupBy(['side', 'unit'])
    .execute();
  const totals = rows.map((row) => ({
    side: row.side as RewardSide,
    unit: row.unit,
    rewards: Number(row.rewards),
    reversed: Number(row.reversed),
    capped: Number(row.capped),
    grantedMinor: BigInt(row.granted),
    netMinor: BigInt(row.net),
    heldMinor: BigInt(row.held),
  }));
  // Not by the database, whose collation is whichever.
  const keyOf = (total: (typeof totals)[number]): string => `${total.side} ${total.unit}`;
  return totals.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** Without what only the table needs. */
export function showReward({ workspaceId: _workspace, accountKey: _key, ...reward }: RewardRow) {
  return reward satisfies Reward;
}

function matching(db: Db, workspaceId: string, filter: RewardFilter) {
  const { accountKey, ruleId, referralId, sourceId, side, status, now } = filter;
  let query = db.selectFrom('reward').where('workspace_id', '=', workspaceId);
  if (accountKey !== undefined) query = query.where('account_key', '=', accountKey);
  if (ruleId !== undefined) query = query.where('rule_id', '=', ruleId);
  if (referralId !== undefined) query = query.where('referral_id', '=', referralId);
  if (sourceId !== undefined) query = query.where('source_id', '=', sourceId);
  if (side !== undefined) query = query.where('side', '=', side);
  switch (status) {
    case undefined:
      return query;
    case 'capped':
      return query.where('granted_minor', '=', 0n);
    case 'reversed':
      return query.where('granted_minor', '>', 0n).where('net_minor', '=', 0n);
    case 'held':
      return query.where('net_minor', '>', 0n).where('held_until', '>', now);
    case 'available':
      return query
        .where('net_minor', '>', 0n)
        .where((eb) => eb.or([eb('held_until', 'is', null), eb('held_until', '<=', now)]));
    default:
      return status satisfies never;
  }
}

function toRow(row: Selectable<Tables['reward']>): RewardRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    side: row.side as RewardSide,
    referralId: row.referral_id,
    sourceId: row.source_id,
    triggerId: row.trigger_id,
    triggerAt: row.trigger_at,
    account: { type: row.account_type, id: row.account_id ?? undefined },
    accountKey: row.account_key,
    unit: row.unit,
    grantedMinor: row.granted_minor,
    cappedMinor: row.capped_minor,
    netMinor: row.net_minor,
    heldUntil: row.held_until,
    createdAt: row.created_at,
  };
}
