import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { partnerNotFound } from './change-partner.ts';
import type { PartnerNotFound } from './change-partner.ts';
import { couponProblem, normaliseCoupon } from './partner.ts';
import {
  archiveCouponRow,
  hasCoupon,
  insertCoupon,
  selectCoupons,
} from './partner-coupon-store.ts';
import type { PartnerCoupon } from './partner-coupon-store.ts';
import { lockPartner } from './partner-store.ts';

export type { PartnerCoupon } from './partner-coupon-store.ts';

export type AddCouponRefusal =
  | ValidationRefusal
  | PartnerNotFound
  | (Refusal & { readonly code: 'coupon_taken' | 'partner_archived' });

export type CouponNotFound = Refusal & { readonly code: 'coupon_not_found' };

/** Gives a partner a coupon: sales that a server tells with it are theirs. */
export async function addCoupon(
  context: Context,
  workspace: Workspace,
  partnerId: string,
  code: string,
  options?: WriteOptions,
): Promise<Result<PartnerCoupon, AddCouponRefusal>> {
  const problem = couponProblem(code);
  if (problem !== undefined) return refuseField('code', problem);
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<PartnerCoupon, AddCouponRefusal>> => {
      const partner = isUuid(partnerId)
        ? await lockPartner(tx, workspace.id, partnerId)
        : undefined;
      if (partner === undefined) return partnerNotFound();
      if (partner.status === 'archived')
        return refuse('partner_archived', 'An archived partner cannot be changed.');
      const now = context.clock.now();
      const coupon: PartnerCoupon = {
        id: context.createId(now),
        partnerId: partner.id,
        code: normaliseCoupon(code),
        createdAt: new Date(now),
        archivedAt: null,
      };
      if (!(await insertCoupon(tx, workspace.id, coupon)))
        return refuse('coupon_taken', 'Another coupon has this code.', { code: ['is taken'] });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'partner_coupon.created',
        subject: { type: 'partner_coupon', id: coupon.id },
        changes: { partner_id: { to: partner.id } },
      });
      return ok(coupon);
    },
  );
}

/** Ends a coupon and frees its code; what it has earned stays. Doing it again changes nothing. */
export async function archiveCoupon(
  context: Context,
  workspace: Workspace,
  partnerId: string,
  couponId: string,
  options?: WriteOptions,
): Promise<Result<true, CouponNotFound>> {
  const now = new Date(context.clock.now());
  const isTheirs =
    isUuid(partnerId) &&
    isUuid(couponId) &&
    (await inTransaction(context.database, options, async (tx) => {
      const coupon = { workspaceId: workspace.id, partnerId, id: couponId };
      if (!(await archiveCouponRow(tx, coupon, now))) return hasCoupon(tx, coupon);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'partner_coupon.archived',
        subject: { type: 'partner_coupon', id: couponId },
      });
      return true;
    }));
  return isTheirs ? ok(true) : refuse('coupon_not_found', 'The partner has no such coupon.');
}

/** The coupons of a partner, newest first. */
export async function listCoupons(
  context: Context,
  workspace: Workspace,
  partnerId: string,
): Promise<readonly PartnerCoupon[]> {
  return isUuid(partnerId) ? selectCoupons(context.database.db, workspace.id, partnerId) : [];
}
