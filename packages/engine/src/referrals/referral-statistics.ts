import type { Context } from '../context.ts';
import { readEntity } from '../invitations/entity.ts';
import type { EntityInput, StoredEntity } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import {
  findRedemptions,
  redeemedBy,
  redemptionTotals,
  topReferrers,
} from '../redemptions/find-redemptions.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { codeNotFound } from './change-code.ts';
import type { CodeNotFound } from './change-code.ts';
import { findCode, selectTopCodes, showCode, totalCodes } from './code-store.ts';
import type { ReferralCode } from './referral-code.ts';

/** As PhoenixKit's `get_usage_stats`, reversed and imported ones counted. */
export interface CodeStats {
  readonly totalUses: number;
  readonly uniqueUsers: number;
  /** `null` where nobody has redeemed it. */
  readonly lastUsed: Date | null;
  /** The ids of those who redeemed it last, newest first: five at most. */
  readonly recentUsers: readonly string[];
}

const recentMax = 5;

export async function codeStats(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<CodeStats, CodeNotFound>> {
  const { db } = context.database;
  const code = isUuid(id) ? await findCode(db, workspace.id, id) : undefined;
  if (code === undefined) return codeNotFound();
  const of = { codeId: code.id };
  const totals = await redemptionTotals(context, workspace, of);
  const recent = await findRedemptions(context, workspace, { of, limit: recentMax });
  return ok({
    totalUses: totals.total,
    uniqueUsers: totals.entities,
    lastUsed: totals.lastAt ?? null,
    recentUsers: recent.flatMap(({ entity }) => entity.id ?? []),
  });
}

/** Whether somebody has redeemed a code, or any code. Nobody has who is not known. */
export async function hasRedeemed(
  context: Context,
  workspace: Workspace,
  entity: EntityInput,
  codeId?: string,
): Promise<boolean> {
  const read = readEntity(entity);
  if ('problem' in read || (codeId !== undefined && !isUuid(codeId))) return false;
  return redeemedBy(context, workspace, codeId === undefined ? undefined : { codeId }, {
    type: read.entity.type,
    key: hashEntity(workspace, read.entity),
  });
}

export interface ReferralTotals {
  readonly codes: number;
  /** Those that can be redeemed now. */
  readonly validCodes: number;
  readonly codesWithUses: number;
  /** Every redemption of a code that ever was. */
  readonly redemptions: number;
}

export async function referralTotals(
  context: Context,
  workspace: Workspace,
): Promise<ReferralTotals> {
  const now = new Date(context.clock.now());
  const codes = await totalCodes(context.database.db, workspace.id, now);
  const { total } = await redemptionTotals(context, workspace, undefined);
  return { ...codes, redemptions: total };
}

const topMax = 100;

/** The codes that are used most, five where nothing is said. */
export async function topCodes(
  context: Context,
  workspace: Workspace,
  limit = 5,
): Promise<readonly ReferralCode[]> {
  const rows = await selectTopCodes(context.database.db, workspace.id, cut(limit));
  return rows.map(showCode);
}

/** Who has referred most, ten where nothing is said. */
export async function referralLeaderboard(
  context: Context,
  workspace: Workspace,
  limit = 10,
): Promise<ReadonlyArray<{ readonly referrer: StoredEntity; readonly referrals: number }>> {
  return topReferrers(context, workspace, cut(limit));
}

function cut(limit: number): number {
  return Number.isSafeInteger(limit) ? Math.min(Math.max(limit, 1), topMax) : topMax;
}
