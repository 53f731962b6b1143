import { answer, defineRoute } from '../http/route.ts';
import { wireErrors } from '../invitations/invitation-schema.ts';
import {
  redemptionResponse,
  takenResponse,
  toRedemptionResponse,
} from '../invitations/usage-schema.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { listRedemptions, listReferrals } from '../redemptions/find-redemptions.ts';
import { archiveCode, codeNotFound, updateCode } from './change-code.ts';
import { checkCode } from './check-code.ts';
import { createCode } from './create-code.ts';
import { getCode } from './get-code.ts';
import { listCodes } from './list-codes.ts';
import { redeemCode, reverseRedemption } from './redeem-code.ts';
import {
  checkParams,
  checkResponse,
  codeIdParams,
  codeParams,
  codeQuery,
  codeResponse,
  codeStatsResponse,
  codeUpdateParams,
  createdCodeResponse,
  leaderboardResponse,
  redeemCodeParams,
  redemptionQuery,
  referralQuery,
  referralResponse,
  toCodeFields,
  toCodeInput,
  toCodeResponse,
  toCreatedCodeResponse,
  topQuery,
  toRedeemCodeInput,
  toReferralResponse,
  totalsResponse,
} from './referral-schema.ts';
import { codeStats, referralLeaderboard, referralTotals, topCodes } from './referral-statistics.ts';

const tag = 'Referrals';

const create = defineRoute({
  method: 'post',
  path: '/referral-codes',
  operationId: 'createReferralCode',
  tag,
  summary: 'Create a referral code',
  scope: 'write',
  body: codeParams,
  emptyBody: {},
  responses: { 201: { description: 'The code', schema: createdCodeResponse } },
  refusals: [
    'validation_failed',
    'code_taken',
    'too_many_codes',
    'invalid_link',
    'link_key_taken',
    'external_id_taken',
  ],
  async handle(context, workspace, { body, options }) {
    const created = await createCode(context, workspace, toCodeInput(body), options);
    if (created.ok)
      return answer(201, toCreatedCodeResponse(created.value, context.options.links?.scheme));
    return created.errors === undefined
      ? created
      : { ...created, errors: wireErrors(created.errors) };
  },
});

const list = defineRoute({
  method: 'get',
  path: '/referral-codes',
  operationId: 'listReferralCodes',
  tag,
  summary: 'List referral codes, newest first',
  scope: 'read',
  query: codeQuery,
  responses: { 200: { description: 'The codes', schema: codeResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { valid, creator_id: creatorId, beneficiary_id: beneficiaryId, ...rest } = query;
    const found = await listCodes(context, workspace, {
      ...rest,
      creatorId,
      beneficiaryId,
      ...(valid !== undefined && { valid: valid === 'true' }),
    });
    if (!found.ok) return found;
    return answer(200, found.value.codes.map(toCodeResponse), found.value);
  },
});

const check = defineRoute({
  method: 'post',
  path: '/referral-codes/check',
  operationId: 'checkReferralCode',
  tag,
  summary: 'Check a code that somebody typed at a sign-up',
  description: 'Every code that cannot be used has the same answer, and guesses are counted.',
  scope: 'read',
  body: checkParams,
  responses: { 200: { description: 'The code, where one was typed', schema: checkResponse } },
  refusals: ['code_required', 'code_unusable', 'rate_limited'],
  async handle(context, workspace, { body, options }) {
    const checked = await checkCode(context, workspace, body, options);
    if (!checked.ok) return checked;
    const code = checked.value === undefined ? null : toCodeResponse(checked.value);
    return answer(200, { code });
  },
});

const redeem = defineRoute({
  method: 'post',
  path: '/referral-codes/redeem',
  operationId: 'redeemReferralCode',
  tag,
  summary: 'Redeem a code, with the precise reason where it cannot be',
  scope: 'write',
  body: redeemCodeParams,
  responses: {
    201: { description: 'The redemption', schema: takenResponse },
    200: { description: 'The redemption of the same attempt before', schema: takenResponse },
  },
  refusals: [
    'rate_limited',
    'code_not_found',
    'code_inactive',
    'code_expired',
    'code_exhausted',
    'referrals_disabled',
    'already_redeemed',
    'self_referral',
    'idempotency_conflict',
    'visitor_not_found',
    'visitor_erased',
    'validation_failed',
    'too_old',
    'in_the_future',
  ],
  async handle(context, workspace, { body, options }) {
    const input = toRedeemCodeInput(body);
    const taken = await redeemCode(context, workspace, body.code, input, options);
    if (!taken.ok) return taken;
    const { redemption, repeated } = taken.value;
    return answer(repeated ? 200 : 201, { redemption: toRedemptionResponse(redemption), repeated });
  },
});

const reverse = defineRoute({
  method: 'post',
  path: '/referral-codes/redemptions/{id}/reverse',
  operationId: 'reverseRedemption',
  tag,
  summary: 'Give a use of a code back',
  scope: 'write',
  params: codeIdParams,
  responses: { 200: { description: 'The redemption', schema: redemptionResponse } },
  refusals: ['redemption_not_found'],
  async handle(context, workspace, { params, options }) {
    const reversed = await reverseRedemption(context, workspace, params.id, options);
    return reversed.ok ? answer(200, toRedemptionResponse(reversed.value)) : reversed;
  },
});

const redemptions = defineRoute({
  method: 'get',
  path: '/referral-codes/redemptions',
  operationId: 'listRedemptions',
  tag,
  summary: 'Redemptions of codes, or of one invitation, newest first',
  scope: 'read',
  query: redemptionQuery,
  responses: {
    200: { description: 'The redemptions', schema: redemptionResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { code_id: codeId, invitation_id: invitationId, entity_type, entity_id, ...page } = query;
    const entity =
      entity_id === undefined ? undefined : { type: entity_type ?? 'user', id: entity_id };
    const input = { ...page, codeId, invitationId, entity };
    const found = await listRedemptions(context, workspace, input);
    if (!found.ok) return found;
    return answer(200, found.value.redemptions.map(toRedemptionResponse), found.value);
  },
});

const totals = defineRoute({
  method: 'get',
  path: '/referral-codes/totals',
  operationId: 'getReferralTotals',
  tag,
  summary: 'How many codes there are, can be used, and were used',
  scope: 'read',
  responses: { 200: { description: 'The counts', schema: totalsResponse } },
  async handle(context, workspace) {
    const found = await referralTotals(context, workspace);
    return answer(200, {
      total_codes: found.codes,
      valid_codes: found.validCodes,
      codes_with_usage: found.codesWithUses,
      total_usage: found.redemptions,
    });
  },
});

const top = defineRoute({
  method: 'get',
  path: '/referral-codes/top',
  operationId: 'listTopReferralCodes',
  tag,
  summary: 'The codes that are used most',
  scope: 'read',
  query: topQuery,
  responses: { 200: { description: 'Most used first', schema: codeResponse.array() } },
  async handle(context, workspace, { query }) {
    const found = await topCodes(context, workspace, query.limit);
    return answer(200, found.map(toCodeResponse));
  },
});

const get = defineRoute({
  method: 'get',
  path: '/referral-codes/{id}',
  operationId: 'getReferralCode',
  tag,
  summary: 'Get a referral code, archived or not',
  scope: 'read',
  params: codeIdParams,
  responses: { 200: { description: 'The code', schema: codeResponse } },
  refusals: ['code_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getCode(context, workspace, params.id);
    return found === undefined ? codeNotFound() : answer(200, toCodeResponse(found));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/referral-codes/{id}',
  operationId: 'updateReferralCode',
  tag,
  summary: 'Change a referral code',
  scope: 'write',
  params: codeIdParams,
  body: codeUpdateParams,
  responses: { 200: { description: 'The code', schema: codeResponse } },
  refusals: ['code_not_found', 'validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const changed = await updateCode(context, workspace, params.id, toCodeFields(body), options);
    if (changed.ok) return answer(200, toCodeResponse(changed.value));
    return changed.code === 'validation_failed' ? onWire(changed) : changed;
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/referral-codes/{id}',
  operationId: 'archiveReferralCode',
  tag,
  summary: 'Archive a referral code; its redemptions stay',
  scope: 'write',
  params: codeIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['code_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveCode(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const stats = defineRoute({
  method: 'get',
  path: '/referral-codes/{id}/stats',
  operationId: 'getReferralCodeStats',
  tag,
  summary: 'How often a code was used, and by whom last',
  scope: 'read',
  params: codeIdParams,
  responses: { 200: { description: 'The counts', schema: codeStatsResponse } },
  refusals: ['code_not_found'],
  async handle(context, workspace, { params }) {
    const found = await codeStats(context, workspace, params.id);
    if (!found.ok) return found;
    const { totalUses, uniqueUsers, lastUsed, recentUsers } = found.value;
    return answer(200, {
      total_uses: totalUses,
      unique_users: uniqueUsers,
      last_used: lastUsed?.toISOString() ?? null,
      recent_users: recentUsers,
    });
  },
});

const referrals = defineRoute({
  method: 'get',
  path: '/referrals',
  operationId: 'listReferrals',
  tag,
  summary: 'Who referred whom, newest first',
  scope: 'read',
  query: referralQuery,
  responses: {
    200: { description: 'The referrals', schema: referralResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { referrer_id: referrer, referee_id: referee, ...page } = query;
    const found = await listReferrals(context, workspace, {
      ...page,
      ...(referrer !== undefined && { referrer: ['user', referrer] as const }),
      ...(referee !== undefined && { referee: ['user', referee] as const }),
    });
    if (!found.ok) return found;
    return answer(200, found.value.referrals.map(toReferralResponse), found.value);
  },
});

const leaderboard = defineRoute({
  method: 'get',
  path: '/referrals/leaderboard',
  operationId: 'getReferralLeaderboard',
  tag,
  summary: 'Who has referred most',
  scope: 'read',
  query: topQuery,
  responses: { 200: { description: 'Most first', schema: leaderboardResponse } },
  async handle(context, workspace, { query }) {
    const found = await referralLeaderboard(context, workspace, query.limit);
    const rows = found.map(({ referrer, referrals: count }) => ({
      referrer: { type: referrer.type, id: referrer.id ?? null },
      referrals: count,
    }));
    return answer(200, rows);
  },
});

export const referralRoutes = [
  create,
  list,
  check,
  redeem,
  reverse,
  redemptions,
  totals,
  top,
  get,
  update,
  archive,
  stats,
  referrals,
  leaderboard,
];

function onWire(refusal: ValidationRefusal): ValidationRefusal {
  return { ...refusal, errors: wireErrors(refusal.errors ?? {}) };
}
