import * as z from 'zod';

import {
  countOut,
  idOut,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { toBalanceResponse, balanceResponse } from '../ledger/ledger-schema.ts';
import type { PartnerCoupon } from './change-coupon.ts';
import type { CreatePartnerInput } from './change-partner.ts';
import type { ListPartnersInput } from './get-partner.ts';
import { partnerStatuses } from './partner.ts';
import type { Partner, PartnerFields } from './partner.ts';
import { commissionStatuses } from './commission.ts';
import { commissionTriggers } from './partner-program.ts';
import type { PartnerOverview } from './partner-overview.ts';
import type { PartnerToken } from './partner-token.ts';
import { payoutStatuses } from './payout.ts';

export const partnerIdParams = z.object({ id: uuid });
export const couponIdParams = z.object({ id: uuid, coupon_id: uuid });

const changeable = {
  external_id: z.string().nullish().meta({
    description: 'Your own id of the partner: that of their user account, where they have one',
  }),
  email: z.string().nullish(),
  metadata: jsonObject.nullish(),
  program_id: uuid.nullish().meta({ description: 'By whose rules they earn; `null`: by none' }),
  group: z.string().nullish().meta({ description: 'Rules may be for one group', example: 'gold' }),
};

export const partnerParams = z
  .strictObject({
    key: z.string().meta({ description: 'What `?via=` names them by', example: 'ada' }),
    name: z.string().meta({ example: 'Ada Lovelace' }),
    status: z.enum(['active', 'disabled']).optional().meta({ default: 'active' }),
    ...changeable,
  })
  .meta({ id: 'PartnerParams' });

export const partnerUpdateParams = z
  .strictObject({
    key: z.string().optional().meta({ description: 'Cannot be changed' }),
    name: z.string().optional(),
    status: z.enum(partnerStatuses).optional(),
    ...changeable,
  })
  .meta({ id: 'PartnerUpdateParams', description: 'What is absent stays.' });

export const partnerResponse = z
  .object({
    id: idOut,
    workspace_id: idOut,
    key: z.string(),
    name: z.string(),
    status: z.enum(partnerStatuses),
    external_id: z.string().nullable(),
    email: z.string().nullable(),
    metadata: jsonObject,
    program_id: idOut.nullable(),
    group: z.string().nullable(),
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'Partner' });

export const partnerQuery = z.strictObject({
  ...pageQuery(50),
  status: z.enum(partnerStatuses).optional(),
  program_id: uuid.optional(),
  group: text(63).optional().meta({ example: 'gold' }),
  search: text(200).optional(),
  ids: text(200 * 37)
    .optional()
    .meta({ description: 'Ids by commas, 200 at most; archived partners are answered too' }),
});

export const couponParams = z
  .strictObject({ code: z.string().meta({ example: 'ADA10' }) })
  .meta({ id: 'PartnerCouponParams' });

export const couponResponse = z
  .object({ id: idOut, partner_id: idOut, code: z.string(), inserted_at: timestampOut })
  .meta({ id: 'PartnerCoupon' });

export const tokenParams = z
  .strictObject({
    expires_in: z
      .int()
      .min(1)
      .max(366 * 86_400)
      .optional()
      .meta({ description: 'Seconds', default: 3600 }),
  })
  .meta({ id: 'PartnerTokenParams' });

export const tokenResponse = z
  .object({
    token: z.string(),
    url: z.string().meta({ description: "The partner's page, to open or to show in a frame" }),
    expires_at: timestampOut,
  })
  .meta({ id: 'PartnerToken' });

const amountOut = z.number().meta({ type: 'integer', description: 'Minor units', example: 1000 });

export const overviewResponse = z
  .object({
    partner: z.object({ id: idOut, key: z.string(), name: z.string() }),
    clicks: countOut,
    leads: countOut.meta({ description: 'People who became leads, or registered' }),
    customers: countOut.meta({ description: 'People who bought something' }),
    links: z.array(
      z.object({
        id: idOut,
        short_url: z.string(),
        url: z.string(),
        clicks: countOut,
        leads: countOut,
        sales: countOut,
      }),
    ),
    coupons: z.array(z.string()),
    balances: balanceResponse.array(),
    commissions: z.array(
      z.object({
        id: idOut,
        trigger: z.enum(commissionTriggers),
        trigger_at: timestampOut,
        status: z.enum(commissionStatuses),
        unit: z.string(),
        granted: amountOut,
        net: amountOut,
        held_until: timestampOut.nullable(),
      }),
    ),
    payouts: z.array(
      z.object({
        id: idOut,
        unit: z.string(),
        amount: amountOut,
        status: z.enum(payoutStatuses),
        inserted_at: timestampOut,
        settled_at: timestampOut.nullable(),
      }),
    ),
  })
  .meta({ id: 'PartnerOverview' });

export const partnersOfVisitorResponse = z
  .object(
    Object.fromEntries(
      (['first', 'last'] as const).map((which) => [
        which,
        z
          .object({
            partner_id: idOut,
            link_id: idOut.nullable(),
            touch_id: idOut,
            at: timestampOut,
          })
          .nullable(),
      ]),
    ),
  )
  .meta({ id: 'PartnersOfVisitor' });

/** What the library calls the fields of a partner, and how the wire does. */
export const partnerFieldNames: Readonly<Record<string, string>> = {
  externalId: 'external_id',
  programId: 'program_id',
  expiresIn: 'expires_in',
};

export function toPartnerFields(body: z.output<typeof partnerUpdateParams>): PartnerFields {
  const { external_id: externalId, program_id: programId, ...fields } = body;
  return { ...fields, externalId, programId };
}

export function toPartnerInput(body: z.output<typeof partnerParams>): CreatePartnerInput {
  const { external_id: externalId, program_id: programId, ...fields } = body;
  return { ...fields, externalId, programId };
}

export function toListPartnersInput(query: z.output<typeof partnerQuery>): ListPartnersInput {
  const { program_id: programId, ids, ...rest } = query;
  return { ...rest, programId, ids: ids?.split(',') };
}

export function toPartnerResponse(partner: Partner): z.input<typeof partnerResponse> {
  return {
    id: partner.id,
    workspace_id: partner.workspaceId,
    key: partner.key,
    name: partner.name,
    status: partner.status,
    external_id: partner.externalId,
    email: partner.email,
    metadata: partner.metadata,
    program_id: partner.programId,
    group: partner.group,
    archived_at: partner.archivedAt?.toISOString() ?? null,
    inserted_at: partner.createdAt.toISOString(),
    updated_at: partner.updatedAt.toISOString(),
  };
}

export function toCouponResponse(coupon: PartnerCoupon): z.input<typeof couponResponse> {
  const { id, partnerId, code, createdAt } = coupon;
  return { id, partner_id: partnerId, code, inserted_at: createdAt.toISOString() };
}

export function toTokenResponse(
  { token, expiresAt }: PartnerToken,
  basePath: string,
): z.input<typeof tokenResponse> {
  const url = `${basePath}/partner?token=${encodeURIComponent(token)}`;
  return { token, url, expires_at: expiresAt.toISOString() };
}

export function toOverviewResponse(overview: PartnerOverview): z.input<typeof overviewResponse> {
  return {
    partner: overview.partner,
    clicks: overview.clicks,
    leads: overview.leads,
    customers: overview.customers,
    links: overview.links.map(({ id, shortUrl, url, clicks, leads, sales }) => ({
      id,
      short_url: shortUrl,
      url,
      clicks,
      leads,
      sales,
    })),
    coupons: [...overview.coupons],
    balances: overview.balances.map(toBalanceResponse),
    commissions: overview.commissions.map((one) => ({
      id: one.id,
      trigger: one.trigger,
      trigger_at: one.triggerAt.toISOString(),
      status: one.status,
      unit: one.unit,
      granted: Number(one.grantedMinor),
      net: Number(one.netMinor),
      held_until: one.heldUntil?.toISOString() ?? null,
    })),
    payouts: overview.payouts.map((one) => ({
      id: one.id,
      unit: one.unit,
      amount: Number(one.amountMinor),
      status: one.status,
      inserted_at: one.createdAt.toISOString(),
      settled_at: one.settledAt?.toISOString() ?? null,
    })),
  };
}
