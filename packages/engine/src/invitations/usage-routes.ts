import { answer, defineRoute } from '../http/route.ts';
import { without } from '../kernel/without.ts';
import { refuseField } from '../kernel/validation.ts';
import { invitationIdParams } from './invitation-schema.ts';
import { listUsages, listUsagesByEntity } from './list-usages.ts';
import { redeemInvitation, releaseInvitation } from './redeem-invitation.ts';
import { usageBreakdown, usageFunnel } from './summarise-usages.ts';
import { trackUsage } from './track-usage.ts';
import {
  breakdownQuery,
  breakdownResponse,
  funnelQuery,
  funnelResponse,
  redeemParams,
  redemptionResponse,
  takenResponse,
  toEntityUsagesResponse,
  toFunnelResponse,
  toNamed,
  toRedeemInput,
  toRedemptionResponse,
  toUsageInput,
  toUsageQuery,
  toUsageResponse,
  usageByEntityQuery,
  usageParams,
  usageQuery,
  usageResponse,
  usagesByEntityResponse,
} from './usage-schema.ts';

const tag = 'Invitations';

const notUsable = [
  'invitation_not_found',
  'invalid_token',
  'invalid_signature',
  'invitation_revoked',
  'invitation_declined',
  'invitation_paused',
  'invitation_expired',
  'invitation_exhausted',
  'invalid_entity_type',
  'invalid_action',
  'visitor_not_found',
  'visitor_erased',
  'validation_failed',
  'too_old',
  'in_the_future',
] as const;

const track = defineRoute({
  method: 'post',
  path: '/invitations/usages',
  operationId: 'trackInvitationUsage',
  tag,
  summary: 'Note what an entity did with an invitation',
  scope: 'write',
  body: usageParams,
  responses: { 201: { description: 'The usage', schema: usageResponse } },
  refusals: [...notUsable, 'duplicate_usage'],
  async handle(context, workspace, { body, options }) {
    const named = toNamed(body);
    if (named === undefined) return nameOne();
    const tracked = await trackUsage(context, workspace, named, toUsageInput(body), options);
    return tracked.ok ? answer(201, toUsageResponse(tracked.value)) : tracked;
  },
});

const redeem = defineRoute({
  method: 'post',
  path: '/invitations/redeem',
  operationId: 'redeemInvitation',
  tag,
  summary: 'Take a seat of an invitation',
  scope: 'write',
  body: redeemParams,
  responses: {
    201: { description: 'The redemption', schema: takenResponse },
    200: { description: 'The redemption of the same attempt before', schema: takenResponse },
  },
  refusals: [
    ...notUsable,
    'rate_limited',
    'already_redeemed',
    'self_referral',
    'idempotency_conflict',
    'email_mismatch',
    'email_unverified',
  ],
  async handle(context, workspace, { body, options }) {
    const named = toNamed(body);
    if (named === undefined) return nameOne();
    const taken = await redeemInvitation(context, workspace, named, toRedeemInput(body), options);
    if (!taken.ok) return taken;
    const { redemption, repeated } = taken.value;
    return answer(repeated ? 200 : 201, { redemption: toRedemptionResponse(redemption), repeated });
  },
});

const release = defineRoute({
  method: 'post',
  path: '/invitations/redemptions/{id}/release',
  operationId: 'releaseInvitation',
  tag,
  summary: 'Give a seat back, as when the sign-up has failed',
  scope: 'write',
  params: invitationIdParams,
  responses: { 200: { description: 'The redemption', schema: redemptionResponse } },
  refusals: ['redemption_not_found'],
  async handle(context, workspace, { params, options }) {
    const released = await releaseInvitation(context, workspace, params.id, options);
    return released.ok ? answer(200, toRedemptionResponse(released.value)) : released;
  },
});

const list = defineRoute({
  method: 'get',
  path: '/invitations/{id}/usages',
  operationId: 'listInvitationUsages',
  tag,
  summary: 'The usages of an invitation, newest first',
  scope: 'read',
  params: invitationIdParams,
  query: usageQuery,
  responses: { 200: { description: 'The usages', schema: usageResponse.array(), paged: true } },
  refusals: ['invitation_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const { limit, offset, cursor, ...filter } = query;
    const input = { limit, offset, cursor, ...toUsageQuery(filter) };
    const found = await listUsages(context, workspace, params.id, input);
    if (!found.ok) return found;
    return answer(200, found.value.usages.map(toUsageResponse), found.value);
  },
});

const byEntity = defineRoute({
  method: 'get',
  path: '/invitations/{id}/usages/by-entity',
  operationId: 'listInvitationUsagesByEntity',
  tag,
  summary: 'The usages of an invitation by entity, who was there last first',
  scope: 'read',
  params: invitationIdParams,
  query: usageByEntityQuery,
  responses: { 200: { description: 'The entities', schema: usagesByEntityResponse, paged: true } },
  refusals: ['invitation_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const { limit, cursor, ...filter } = query;
    const input = { limit, cursor, ...toUsageQuery(filter) };
    const found = await listUsagesByEntity(context, workspace, params.id, input);
    if (!found.ok) return found;
    const { entities, nextCursor } = found.value;
    return answer(200, entities.map(toEntityUsagesResponse), { nextCursor });
  },
});

const funnel = defineRoute({
  method: 'get',
  path: '/invitations/{id}/funnel',
  operationId: 'getInvitationFunnel',
  tag,
  summary: 'How many went from each action to the next',
  scope: 'read',
  params: invitationIdParams,
  query: funnelQuery,
  responses: { 200: { description: 'The steps', schema: funnelResponse } },
  refusals: ['invitation_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const { actions, count, ...filter } = query;
    const input = {
      ...without(toUsageQuery(filter), 'action'),
      count,
      actions: actions?.split(',').map((name) => name.trim()),
    };
    const found = await usageFunnel(context, workspace, params.id, input);
    return found.ok ? answer(200, toFunnelResponse(found.value.steps)) : found;
  },
});

const breakdown = defineRoute({
  method: 'get',
  path: '/invitations/{id}/breakdown',
  operationId: 'getInvitationBreakdown',
  tag,
  summary: 'How often each type of entity, action or value of the metadata occurs',
  scope: 'read',
  params: invitationIdParams,
  query: breakdownQuery,
  responses: { 200: { description: 'The counts', schema: breakdownResponse } },
  refusals: ['invitation_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const { by, ...filter } = query;
    const input = { ...toUsageQuery(filter), by: by === 'entity_type' ? 'entityType' : by };
    const found = await usageBreakdown(context, workspace, params.id, input);
    return found.ok ? answer(200, found.value) : found;
  },
});

export const usageRoutes = [track, redeem, release, list, byEntity, funnel, breakdown];

function nameOne() {
  return refuseField('token', 'must be given, or invitation_id instead of it');
}
