import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  pageQuery,
  queryInteger,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import {
  entity,
  entityId,
  entityTypeOf,
  hasIdOfType,
  mintedLink,
  storedEntity,
  toMintedLink,
} from '../invitations/invitation-schema.ts';
import { given } from '../kernel/given.ts';
import type { Referral } from '../redemptions/redemption.ts';
import { linkParams, toLinkInput } from '../links/link-schema.ts';
import type { CodeFields, CreateCodeInput, CreatedCode } from './create-code.ts';
import type { RedeemCodeInput } from './redeem-code.ts';
import type { ReferralCode } from './referral-code.ts';

export const codeIdParams = z.object({ id: uuid });

const changeable = {
  description: z.string().nullish(),
  active: z.boolean().optional().meta({ default: true }),
  uses_max: z.int().optional().meta({ description: "Default: the workspace's limit" }),
  expires_at: instant.nullish().meta({ description: '`null`: never' }),
  beneficiary_id: text(255)
    .nullish()
    .meta({ description: 'The user who refers whoever redeems it' }),
};

export const codeParams = z
  .strictObject({
    code: z
      .string()
      .optional()
      .meta({ description: 'Default: five random letters and digits', example: 'WELCOME2024' }),
    creator_id: text(255).optional().meta({ description: 'The user who made it' }),
    ...changeable,
    link: linkParams.optional().meta({
      description: 'A short link of its own; its destinations get the code as `ref`',
    }),
  })
  .meta({ id: 'ReferralCodeParams' });

export const codeUpdateParams = z.strictObject(changeable).meta({ id: 'ReferralCodeUpdateParams' });

export const checkParams = z
  .strictObject({
    code: z.string().nullish(),
    address: text(64).optional().meta({ description: 'Of who types, to count guesses' }),
    account: text(255).optional(),
    when: z.enum(['typing', 'submit']).optional().meta({ default: 'submit' }),
  })
  .meta({ id: 'ReferralCodeCheckParams' });

export const redeemCodeParams = z
  .strictObject({
    code: z.string().meta({ example: 'welcome2024' }),
    entity,
    metadata: jsonObject.optional(),
    idempotency_key: text(255).optional(),
    address: text(64).optional().meta({ description: 'Of who asks, to count guesses' }),
    visitor_id: uuid.optional(),
    anonymous_id: text(255).optional().meta({ description: 'The value of the visitor cookie' }),
  })
  .meta({ id: 'ReferralCodeRedeemParams' });

const codeFields = {
  id: idOut,
  code: z.string().meta({ example: 'WELCOME2024' }),
  description: z.string().nullable(),
  active: z.boolean(),
  uses: countOut,
  uses_max: countOut,
  expires_at: timestampOut.nullable(),
  creator_id: z.string().nullable(),
  beneficiary_id: z.string().nullable(),
  link_id: idOut.nullable().meta({ description: 'The short link that was minted with it' }),
  archived_at: timestampOut.nullable(),
  inserted_at: timestampOut,
  updated_at: timestampOut,
};

export const codeResponse = z.object(codeFields).meta({ id: 'ReferralCodeResponse' });

export const createdCodeResponse = z
  .object({
    ...codeFields,
    link: mintedLink.nullable().meta({ description: 'The short link, where one was asked for' }),
  })
  .meta({ id: 'CreatedReferralCodeResponse' });

export const checkResponse = z
  .object({ code: codeResponse.nullable() })
  .meta({ id: 'ReferralCodeCheckResponse' });

export const codeStatsResponse = z
  .object({
    total_uses: countOut,
    unique_users: countOut,
    last_used: timestampOut.nullable(),
    recent_users: z.array(z.string()),
  })
  .meta({ id: 'ReferralCodeStats' });

export const totalsResponse = z
  .object({
    total_codes: countOut,
    valid_codes: countOut,
    codes_with_usage: countOut,
    total_usage: countOut,
  })
  .meta({ id: 'ReferralTotals' });

export const referralResponse = z
  .object({
    id: idOut,
    redemption_id: idOut,
    referrer: storedEntity,
    referee: storedEntity,
    status: z.enum(['active', 'reversed']),
    inserted_at: timestampOut,
  })
  .meta({ id: 'ReferralResponse' });

export const leaderboardResponse = z
  .array(z.object({ referrer: storedEntity, referrals: countOut }))
  .meta({ id: 'ReferralLeaderboard' });

export const codeQuery = z.strictObject({
  ...pageQuery(50),
  valid: z
    .enum(['true', 'false'])
    .optional()
    .meta({ type: 'boolean', enum: undefined, description: 'Whether it can be redeemed now' }),
  archived: z.enum(['without', 'with', 'only']).optional().meta({ default: 'without' }),
  creator_id: text(255).optional(),
  beneficiary_id: text(255).optional(),
  search: text(200).optional().meta({ description: 'A part of the code or the description' }),
});

export const redemptionQuery = z
  .strictObject({
    ...pageQuery(50),
    code_id: uuid.optional(),
    invitation_id: uuid.optional(),
    entity_type: entityTypeOf('entity_id'),
    entity_id: entityId.optional(),
  })
  .refine(...hasIdOfType('entity_type', 'entity_id'));

export const referralQuery = z.strictObject({
  ...pageQuery(50),
  referrer_id: entityId.optional().meta({ description: 'A user' }),
  referee_id: entityId.optional().meta({ description: 'A user' }),
});

export const topQuery = z.strictObject({ limit: queryInteger({ min: 1, max: 100, default: 10 }) });

export function toCodeFields(body: z.output<typeof codeUpdateParams>): CodeFields {
  return {
    description: body.description,
    active: body.active,
    usesMax: body.uses_max,
    expiresAt: body.expires_at,
    beneficiaryId: body.beneficiary_id,
  };
}

export function toCodeInput(body: z.output<typeof codeParams>): CreateCodeInput {
  const { code, creator_id: creatorId, link } = body;
  return { ...toCodeFields(body), code, creatorId, link: link && toLinkInput(link) };
}

export function toRedeemCodeInput(body: z.output<typeof redeemCodeParams>): RedeemCodeInput {
  return {
    entity: body.entity,
    ...given({
      metadata: body.metadata,
      idempotencyKey: body.idempotency_key,
      address: body.address,
      visitorId: body.visitor_id,
      anonymousId: body.anonymous_id,
    }),
  };
}

export function toCodeResponse(code: ReferralCode): z.input<typeof codeResponse> {
  return {
    id: code.id,
    code: code.code,
    description: code.description,
    active: code.active,
    uses: code.uses,
    uses_max: code.usesMax,
    expires_at: code.expiresAt?.toISOString() ?? null,
    creator_id: code.creatorId ?? null,
    beneficiary_id: code.beneficiaryId ?? null,
    link_id: code.linkId,
    archived_at: code.archivedAt?.toISOString() ?? null,
    inserted_at: code.createdAt.toISOString(),
    updated_at: code.updatedAt.toISOString(),
  };
}

export function toCreatedCodeResponse(
  code: CreatedCode,
  scheme: 'http' | 'https' | undefined,
): z.input<typeof createdCodeResponse> {
  return { ...toCodeResponse(code), link: toMintedLink(code.link, scheme) };
}

export function toReferralResponse(referral: Referral): z.input<typeof referralResponse> {
  return {
    id: referral.id,
    redemption_id: referral.redemptionId,
    referrer: { type: referral.referrer.type, id: referral.referrer.id ?? null },
    referee: { type: referral.referee.type, id: referral.referee.id ?? null },
    status: referral.status,
    inserted_at: referral.createdAt.toISOString(),
  };
}
