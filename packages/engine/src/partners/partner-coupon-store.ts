import type { Db, Tx } from '../store/database.ts';

/** A code at the till that names a partner. */
export interface PartnerCoupon {
  readonly id: string;
  readonly partnerId: string;
  readonly code: string;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

/** `false` where a live coupon has the code. */
export async function insertCoupon(
  tx: Tx,
  workspaceId: string,
  coupon: PartnerCoupon,
): Promise<boolean> {
  const row = await tx
    .insertInto('partner_coupon')
    .values({
      workspace_id: workspaceId,
      id: coupon.id,
      partner_id: coupon.partnerId,
      code: coupon.code,
      created_at: coupon.createdAt,
      archived_at: coupon.archivedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

interface CouponOfPartner {
  readonly workspaceId: string;
  readonly partnerId: string;
  readonly id: string;
}

/** Ends a coupon; `false` where the partner has no such one that is not ended. */
export async function archiveCouponRow(
  tx: Tx,
  { workspaceId, partnerId, id }: CouponOfPartner,
  at: Date,
): Promise<boolean> {
  const row = await tx
    .updateTable('partner_coupon')
    .set({ archived_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('partner_id', '=', partnerId)
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a partner has, or had, a coupon. */
export async function hasCoupon(
  db: Db,
  { workspaceId, partnerId, id }: CouponOfPartner,
): Promise<boolean> {
  const row = await db
    .selectFrom('partner_coupon')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('partner_id', '=', partnerId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

/** The coupons of a partner that are not archived, newest first. */
export async function selectCoupons(
  db: Db,
  workspaceId: string,
  partnerId: string,
): Promise<PartnerCoupon[]> {
  const rows = await db
    .selectFrom('partner_coupon')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('partner_id', '=', partnerId)
    .where('archived_at', 'is', null)
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    partnerId: row.partner_id,
    code: row.code,
    createdAt: row.created_at,
    archivedAt: row.archived_at,
  }));
}

/** The active partners of live coupons, by code. */
export async function selectCouponPartners(
  db: Db,
  workspaceId: string,
  codes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('partner_coupon')
    .innerJoin('partner', (join) =>
      join
        .onRef('partner.workspace_id', '=', 'partner_coupon.workspace_id')
        .onRef('partner.id', '=', 'partner_coupon.partner_id'),
    )
    .select(['partner_coupon.code', 'partner.id'])
    .where('partner_coupon.workspace_id', '=', workspaceId)
    .where('partner_coupon.code', 'in', codes)
    .where('partner_coupon.archived_at', 'is', null)
    .where('partner.status', '=', 'active')
    .execute();
  return new Map(rows.map((row) => [row.code, row.id]));
}

export async function selectActivePartnerIds(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('partner')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .where('status', '=', 'active')
    .execute();
  return new Set(rows.map((row) => row.id));
}
