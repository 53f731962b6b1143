import type { Source } from '../sources/source.ts';

/** The rule of touches that a coupon has made. */
export const couponRule = 'partner.coupon';

/** Where somebody comes from whom a partner has sent, as a server tells it; with the coupon that was used. */
export function sourceOfPartner(coupon: string | undefined): Source {
  return {
    source: coupon === undefined ? 'partner' : 'coupon',
    medium: 'affiliate',
    ...(coupon !== undefined && { campaign: coupon }),
    channel: 'Affiliates',
    confidence: 'certain',
    rule: coupon === undefined ? 'partner.named' : couponRule,
    kind: 'campaign',
  };
}
