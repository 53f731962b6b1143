import type { Context } from '../context.ts';
import { readEntity } from '../invitations/entity.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { rewardSides } from './reward-rule.ts';
import type { RewardSide } from './reward-rule.ts';
import { findReward, selectRewards, showReward, totalRewards } from './reward-store.ts';
import type { RewardFilter, RewardRow } from './reward-store.ts';
import { rewardStatus, rewardStatuses } from './reward.ts';
import type { Reward, RewardStatus } from './reward.ts';

export interface RewardQuery {
  /** Who has earned them. */
  readonly account?: EntityInput | undefined;
  readonly ruleId?: string | undefined;
  readonly referralId?: string | undefined;
  /** The code, or the invitation, that was redeemed. */
  readonly sourceId?: string | undefined;
  readonly side?: RewardSide | undefined;
  readonly status?: RewardStatus | undefined;
}

/** 50 to a page where no `limit` is given. */
export type ListRewardsInput = RewardQuery & PageInput;

/** A reward as it is now. */
export type RewardNow = Reward & { readonly status: RewardStatus };

export interface RewardPage {
  readonly rewards: readonly RewardNow[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

export type RewardNotFound = Refusal & { readonly code: 'reward_not_found' };

/** What rewards of one side and unit come to. Amounts in minor units. */
export interface RewardTotal {
  readonly side: RewardSide;
  readonly unit: string;
  /** How many there are, those that were taken back or capped to nothing too. */
  readonly rewards: number;
  readonly reversed: number;
  readonly capped: number;
  readonly grantedMinor: bigint;
  /** What is left of it. */
  readonly netMinor: bigint;
  readonly heldMinor: bigint;
}

/** Rewards, newest first. */
export async function listRewards(
  context: Context,
  workspace: Workspace,
  input: ListRewardsInput = {},
): Promise<Result<RewardPage, InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(context, workspace, input, errors);
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const found = await selectRewards(context.database.db, workspace.id, filter, {
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ rewards: rows.map((row) => asOf(row, filter.now)), nextCursor });
}

export async function getReward(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<RewardNow | undefined> {
  const row = isUuid(id) ? await findReward(context.database.db, workspace.id, id) : undefined;
  return row && asOf(row, new Date(context.clock.now()));
}

/** What was given and what is left of it, by side and unit. */
export async function rewardTotals(
  context: Context,
  workspace: Workspace,
  input: RewardQuery = {},
): Promise<Result<readonly RewardTotal[], InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(context, workspace, input, errors);
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);
  return ok(await totalRewards(context.database.db, workspace.id, filter));
}

export function rewardNotFound(): RewardNotFound {
  return refuse('reward_not_found', 'No reward has this id');
}

function asOf(row: RewardRow, now: Date): RewardNow {
  return { ...showReward(row), status: rewardStatus(row, now.getTime()) };
}

function readFilter(
  { clock }: Context,
  workspace: Workspace,
  input: RewardQuery,
  errors: Record<string, string[]>,
): RewardFilter {
  const { ruleId, referralId, sourceId, side, status } = input;
  for (const [field, id] of Object.entries({ ruleId, referralId, sourceId }))
    if (id !== undefined && !isUuid(id)) errors[field] = ['must be a UUID'];
  if (side !== undefined && !rewardSides.includes(side))
    errors['side'] = [`must be one of ${rewardSides.join(', ')}`];
  if (status !== undefined && !rewardStatuses.includes(status))
    errors['status'] = [`must be one of ${rewardStatuses.join(', ')}`];
  const read = input.account === undefined ? undefined : readEntity(input.account);
  if (read !== undefined && 'problem' in read) errors['account'] = [read.problem];
  const accountKey =
    read !== undefined && 'entity' in read ? hashEntity(workspace, read.entity) : undefined;
  return { accountKey, ruleId, referralId, sourceId, side, status, now: new Date(clock.now()) };
}
