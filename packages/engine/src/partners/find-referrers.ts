import type { Db } from '../store/database.ts';
import { normaliseCoupon } from './partner.ts';
import { selectCouponPartners, selectActivePartnerIds } from './partner-coupon-store.ts';

/** Who an event says that sent the person. */
export interface NamedReferrer {
  readonly coupon?: string | undefined;
  readonly partnerId?: string | undefined;
}

/**
 * Tells the partners whom events name, by a coupon or by id; a coupon wins. What is no active partner's is nothing:
 * shops have coupons of their own.
 */
export async function findReferrers(
  db: Db,
  workspaceId: string,
  named: readonly NamedReferrer[],
): Promise<
  (of: NamedReferrer) => { readonly partnerId: string; readonly coupon?: string } | undefined
> {
  const coupons = named.flatMap(({ coupon }) =>
    coupon === undefined ? [] : normaliseCoupon(coupon),
  );
  const ids = named.flatMap(({ partnerId }) => partnerId?.toLowerCase() ?? []);
  const byCoupon =
    coupons.length === 0
      ? new Map<string, string>()
      : await selectCouponPartners(db, workspaceId, coupons);
  const active =
    ids.length === 0 ? new Set<string>() : await selectActivePartnerIds(db, workspaceId, ids);
  return ({ coupon, partnerId }) => {
    const code = coupon === undefined ? undefined : normaliseCoupon(coupon);
    const owner = code === undefined ? undefined : byCoupon.get(code);
    if (owner !== undefined && code !== undefined) return { partnerId: owner, coupon: code };
    const id = partnerId?.toLowerCase();
    return id !== undefined && active.has(id) ? { partnerId: id } : undefined;
  };
}
