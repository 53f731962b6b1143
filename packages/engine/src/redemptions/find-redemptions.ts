import type { Context } from '../context.ts';
import { readEntity } from '../invitations/entity.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { countByReferrer, findReferral, selectReferrals } from './referral-store.ts';
import {
  hasAnyRedemption,
  hasRedemption,
  selectRedemptions,
  totalRedemptions,
} from './redemption-store.ts';
import type { Redeemable, Redemption, Referral } from './redemption.ts';

/** 50 to a page where no `limit` is given. */
export interface ListRedemptionsInput extends PageInput {
  /** Of one code, by its id. */
  readonly codeId?: string | undefined;
  /** Of one invitation, by its id. */
  readonly invitationId?: string | undefined;
  readonly entity?: EntityInput | undefined;
}

export interface RedemptionPage {
  readonly redemptions: readonly Redemption[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Redemptions, newest first: of codes, unless an invitation is named. */
export async function listRedemptions(
  context: Context,
  workspace: Workspace,
  input: ListRedemptionsInput = {},
): Promise<Result<RedemptionPage, InvalidQuery>> {
  const { codeId, invitationId } = input;
  const errors: Record<string, string[]> = {};
  for (const [field, id] of Object.entries({ codeId, invitationId }))
    if (id !== undefined && !isUuid(id)) errors[field] = ['must be a UUID'];
  if (codeId !== undefined && invitationId !== undefined)
    errors['invitationId'] = ['must not be given beside codeId'];
  const entity = keyed(workspace, input.entity, 'entity', errors);
  const page = readPage(input, 50, readTimeCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const of =
    invitationId !== undefined ? { invitationId } : codeId === undefined ? undefined : { codeId };
  const found = await selectRedemptions(context.database.db, workspace.id, {
    of,
    ofCodes: of === undefined,
    entity,
    status: undefined,
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ redeemedAt, id }) =>
    timeCursorOf({ occurredAt: redeemedAt, id }),
  );
  return ok({ redemptions: rows, nextCursor });
}

export interface ListReferralsInput extends PageInput {
  readonly referrer?: EntityInput | undefined;
  readonly referee?: EntityInput | undefined;
}

export interface ReferralPage {
  readonly referrals: readonly Referral[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Who referred whom, newest first. */
export async function listReferrals(
  context: Context,
  workspace: Workspace,
  input: ListReferralsInput = {},
): Promise<Result<ReferralPage, InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  const referrer = keyed(workspace, input.referrer, 'referrer', errors);
  const referee = keyed(workspace, input.referee, 'referee', errors);
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const found = await selectReferrals(context.database.db, workspace.id, {
    referrer,
    referee,
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ referrals: rows, nextCursor });
}

export function getReferral(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Referral | undefined> {
  return findReferral(context.database.db, workspace.id, id);
}

/** The latest redemptions, of whatever status. */
export function findRedemptions(
  context: Context,
  workspace: Workspace,
  { of, limit }: { readonly of: Redeemable; readonly limit: number },
): Promise<readonly Redemption[]> {
  return selectRedemptions(context.database.db, workspace.id, {
    of,
    ofCodes: false,
    entity: undefined,
    status: undefined,
    before: undefined,
    limit,
    offset: 0,
  });
}

export function redemptionTotals(
  context: Context,
  workspace: Workspace,
  of: Redeemable | undefined,
) {
  return totalRedemptions(context.database.db, workspace.id, of);
}

export function redeemedBy(
  context: Context,
  workspace: Workspace,
  of: Redeemable | undefined,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<boolean> {
  return hasRedemption(context.database.db, workspace.id, of, entity);
}

/** Whether somebody has ever redeemed an invitation or a code that was not taken back. */
export function everRedeemed(
  context: Context,
  workspace: Workspace,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<boolean> {
  return hasAnyRedemption(context.database.db, workspace.id, entity);
}

export function topReferrers(context: Context, workspace: Workspace, limit: number) {
  return countByReferrer(context.database.db, workspace.id, limit);
}

function keyed(
  workspace: Workspace,
  entity: EntityInput | undefined,
  field: string,
  errors: Record<string, string[]>,
): { readonly type: string; readonly key: Buffer } | undefined {
  if (entity === undefined) return undefined;
  const read = readEntity(entity);
  if ('entity' in read) return { type: read.entity.type, key: hashEntity(workspace, read.entity) };
  errors[field] = [read.problem];
  return undefined;
}
