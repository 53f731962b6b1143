import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import type { Redemption } from '../redemptions/redemption.ts';
import { entity, entityId, entityTypeOf, storedEntity, tokenParams } from './invitation-schema.ts';
import type { EntityUsages, UsageQuery } from './list-usages.ts';
import type { RedeemInvitationInput } from './redeem-invitation.ts';
import type { TrackUsageInput } from './track-usage.ts';
import type { FunnelStep, Usage } from './usage.ts';

const which = {
  ...tokenParams,
  token: tokenParams.token.optional(),
  invitation_id: uuid.optional().meta({ description: 'Instead of the token' }),
};

const signals = {
  visitor_id: uuid.optional(),
  anonymous_id: text(255).optional().meta({ description: 'The value of the visitor cookie' }),
  url: text(8_192).optional(),
  referrer: text(8_192).optional(),
  user_agent: z.string().optional(),
};

export const usageParams = z
  .strictObject({
    ...which,
    entity,
    action: z.string().meta({ example: 'registered' }),
    metadata: jsonObject.optional(),
    occurred_at: instant.optional(),
    ...signals,
  })
  .meta({ id: 'InvitationUsageParams' });

export const redeemParams = z
  .strictObject({
    ...which,
    entity,
    email: z.string().optional().meta({ description: 'Where the invitation is bound to some' }),
    email_verified: z.boolean().optional(),
    action: z.string().optional().meta({ description: 'A usage to note with it' }),
    metadata: jsonObject.optional(),
    idempotency_key: text(255).optional(),
    address: text(64).optional().meta({ description: 'Of who asks, to count guesses' }),
    ...signals,
  })
  .meta({ id: 'InvitationRedeemParams' });

export const usageResponse = z
  .object({
    id: idOut,
    invitation_id: idOut,
    entity: storedEntity,
    action: z.string(),
    metadata: jsonObject,
    inserted_at: timestampOut.meta({ description: 'When it happened' }),
  })
  .meta({ id: 'InvitationUsageResponse' });

export const redemptionResponse = z
  .object({
    id: idOut,
    invitation_id: idOut.nullable(),
    code_id: idOut.nullable(),
    entity: storedEntity,
    status: z.enum(['active', 'reversed', 'imported']),
    self_referral: z.boolean(),
    metadata: jsonObject,
    redeemed_at: timestampOut,
    reversed_at: timestampOut.nullable(),
  })
  .meta({ id: 'RedemptionResponse' });

export const takenResponse = z
  .object({
    redemption: redemptionResponse,
    repeated: z.boolean().meta({ description: 'It was there before, under the same key' }),
  })
  .meta({ id: 'TakenResponse' });

const usageFilter = {
  entity_type: entityTypeOf('entity_id').meta({ description: 'Without an id all of the type' }),
  entity_id: entityId.optional(),
  action: text(255).optional(),
  since: instant.optional(),
};

export const usageQuery = z.strictObject({ ...pageQuery(50), ...usageFilter });

const { limit, cursor } = pageQuery(50);
export const usageByEntityQuery = z.strictObject({ limit, cursor, ...usageFilter });

export const funnelQuery = z.strictObject({
  ...usageFilter,
  actions: text(1_000)
    .optional()
    .meta({ description: 'In their order, with commas between', example: 'visited,registered' }),
  count: z.enum(['usages', 'entities']).optional().meta({ default: 'usages' }),
});

export const breakdownQuery = z.strictObject({
  ...usageFilter,
  by: text(255).meta({ description: '`entity_type`, `action` or `metadata.<name>`' }),
});

export const usagesByEntityResponse = z
  .array(z.object({ entity: storedEntity, count: countOut, usages: z.array(usageResponse) }))
  .meta({ id: 'InvitationUsagesByEntityResponse' });

export const funnelResponse = z
  .object({
    steps: z.array(
      z.object({
        action: z.string(),
        count: countOut,
        rate_from_previous: z.number(),
        rate_from_first: z.number(),
      }),
    ),
  })
  .meta({ id: 'InvitationFunnelResponse' });

export const breakdownResponse = z
  .record(z.string(), countOut)
  .meta({ id: 'InvitationBreakdownResponse', example: { 'google.com': 2 } });

/** The invitation or the token that a body names; neither or both is a mistake. */
export function toNamed(body: {
  readonly token?: string | undefined;
  readonly invitation_id?: string | undefined;
}): string | { readonly id: string } | undefined {
  const { token, invitation_id: id } = body;
  if ((token === undefined) === (id === undefined)) return undefined;
  return token ?? { id: id! };
}

export function toUsageInput(body: z.output<typeof usageParams>): TrackUsageInput {
  return {
    entity: body.entity,
    action: body.action,
    ...given({ metadata: body.metadata, occurredAt: body.occurred_at, signature: body.signature }),
    ...toSignals(body),
  };
}

export function toRedeemInput(body: z.output<typeof redeemParams>): RedeemInvitationInput {
  return {
    entity: body.entity,
    ...given({
      metadata: body.metadata,
      signature: body.signature,
      email: body.email,
      emailVerified: body.email_verified,
      action: body.action,
      idempotencyKey: body.idempotency_key,
      address: body.address,
    }),
    ...toSignals(body),
  };
}

function toSignals(body: {
  readonly visitor_id?: string | undefined;
  readonly anonymous_id?: string | undefined;
  readonly url?: string | undefined;
  readonly referrer?: string | undefined;
  readonly user_agent?: string | undefined;
}) {
  return given({
    visitorId: body.visitor_id,
    anonymousId: body.anonymous_id,
    url: body.url,
    referrer: body.referrer,
    userAgent: body.user_agent,
  });
}

export function toUsageQuery(query: {
  readonly entity_type?: string | undefined;
  readonly entity_id?: string | undefined;
  readonly action?: string | undefined;
  readonly since?: Date | undefined;
}): UsageQuery {
  const { entity_type: type, entity_id: id, action, since } = query;
  return {
    action,
    since,
    ...(id === undefined ? { entityType: type } : { entity: { type: type ?? 'user', id } }),
  };
}

export function toUsageResponse(usage: Usage): z.input<typeof usageResponse> {
  return {
    id: usage.id,
    invitation_id: usage.invitationId,
    entity: { type: usage.entity.type, id: usage.entity.id ?? null },
    action: usage.action,
    metadata: { ...usage.metadata },
    inserted_at: usage.occurredAt.toISOString(),
  };
}

export function toEntityUsagesResponse({ entity: named, count, usages }: EntityUsages) {
  return {
    entity: { type: named.type, id: named.id ?? null },
    count,
    usages: usages.map(toUsageResponse),
  };
}

export function toFunnelResponse(steps: readonly FunnelStep[]): z.input<typeof funnelResponse> {
  return {
    steps: steps.map((step) => ({
      action: step.action,
      count: step.count,
      rate_from_previous: step.rateFromPrevious,
      rate_from_first: step.rateFromFirst,
    })),
  };
}

export function toRedemptionResponse(redemption: Redemption): z.input<typeof redemptionResponse> {
  return {
    id: redemption.id,
    invitation_id: redemption.invitationId,
    code_id: redemption.codeId,
    entity: { type: redemption.entity.type, id: redemption.entity.id ?? null },
    status: redemption.status,
    self_referral: redemption.selfReferral,
    metadata: { ...redemption.metadata },
    redeemed_at: redemption.redeemedAt.toISOString(),
    reversed_at: redemption.reversedAt?.toISOString() ?? null,
  };
}
