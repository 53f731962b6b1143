import { answer, defineRoute } from '../http/route.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields, renameFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import {
  archiveRewardRule,
  createRewardRule,
  getRewardRule,
  listRewardRules,
  listRuleVersions,
  ruleNotFound,
  updateRewardRule,
} from './change-reward-rule.ts';
import { getReward, listRewards, rewardNotFound, rewardTotals } from './list-rewards.ts';
import {
  rewardFields,
  rewardIdParams,
  rewardQuery,
  rewardResponse,
  rewardTotalsQuery,
  rewardTotalsResponse,
  ruleFields,
  ruleParams,
  ruleQuery,
  ruleResponse,
  ruleUpdateParams,
  toRewardQuery,
  toRewardResponse,
  toRewardTotalsResponse,
  toRuleFields,
  toRuleInput,
  toRuleResponse,
} from './reward-schema.ts';

const tag = 'Referrals';

const create = defineRoute({
  method: 'post',
  path: '/referrals/reward-rules',
  operationId: 'createRewardRule',
  tag,
  summary: 'Make a rule of what referrals earn; it counts from now on',
  scope: 'write',
  body: ruleParams,
  responses: { 201: { description: 'The rule', schema: ruleResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const made = await createRewardRule(context, workspace, toRuleInput(body), options);
    return made.ok ? answer(201, toRuleResponse(made.value)) : onWire(made);
  },
});

const list = defineRoute({
  method: 'get',
  path: '/referrals/reward-rules',
  operationId: 'listRewardRules',
  tag,
  summary: 'The rules as they are now, newest first',
  scope: 'read',
  query: ruleQuery,
  responses: { 200: { description: 'The rules', schema: ruleResponse.array() } },
  async handle(context, workspace, { query }) {
    const archived = query.archived === 'true';
    const found = await listRewardRules(context, workspace, { archived });
    return answer(200, found.map(toRuleResponse));
  },
});

const get = defineRoute({
  method: 'get',
  path: '/referrals/reward-rules/{id}',
  operationId: 'getRewardRule',
  tag,
  summary: 'Get a rule as it is now',
  scope: 'read',
  params: rewardIdParams,
  responses: { 200: { description: 'The rule', schema: ruleResponse } },
  refusals: ['reward_rule_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getRewardRule(context, workspace, params.id);
    return found === undefined ? ruleNotFound() : answer(200, toRuleResponse(found));
  },
});

const versions = defineRoute({
  method: 'get',
  path: '/referrals/reward-rules/{id}/versions',
  operationId: 'listRewardRuleVersions',
  tag,
  summary: 'Every version of a rule, oldest first',
  scope: 'read',
  params: rewardIdParams,
  responses: { 200: { description: 'The versions', schema: ruleResponse.array() } },
  refusals: ['reward_rule_not_found'],
  async handle(context, workspace, { params }) {
    const found = await listRuleVersions(context, workspace, params.id);
    return found.length === 0 ? ruleNotFound() : answer(200, found.map(toRuleResponse));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/referrals/reward-rules/{id}',
  operationId: 'updateRewardRule',
  tag,
  summary: 'Make the next version of a rule; what happened before goes by the one before',
  scope: 'write',
  params: rewardIdParams,
  body: ruleUpdateParams,
  responses: { 200: { description: 'The new version', schema: ruleResponse } },
  refusals: ['validation_failed', 'reward_rule_not_found'],
  async handle(context, workspace, { params, body, options }) {
    const fields = toRuleFields(body);
    const made = await updateRewardRule(context, workspace, params.id, fields, options);
    return made.ok ? answer(200, toRuleResponse(made.value)) : onWire(made);
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/referrals/reward-rules/{id}',
  operationId: 'archiveRewardRule',
  tag,
  summary: 'End a rule; what it gave stays',
  scope: 'write',
  params: rewardIdParams,
  responses: { 204: { description: 'Ended' } },
  refusals: ['reward_rule_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveRewardRule(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const rewards = defineRoute({
  method: 'get',
  path: '/referrals/rewards',
  operationId: 'listRewards',
  tag,
  summary: 'Rewards of referrals, newest first',
  scope: 'read',
  query: rewardQuery,
  responses: { 200: { description: 'The rewards', schema: rewardResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { limit, offset, cursor } = query;
    const input = { ...toRewardQuery(query), limit, offset, cursor };
    const found = await listRewards(context, workspace, input);
    if (!found.ok) return renameFields(found, rewardFields);
    return answer(200, found.value.rewards.map(toRewardResponse), found.value);
  },
});

const totals = defineRoute({
  method: 'get',
  path: '/referrals/rewards/totals',
  operationId: 'getRewardTotals',
  tag,
  summary: 'What was given and what is left of it, by side and unit',
  scope: 'read',
  query: rewardTotalsQuery,
  responses: { 200: { description: 'The totals', schema: rewardTotalsResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await rewardTotals(context, workspace, toRewardQuery(query));
    return found.ok
      ? answer(200, toRewardTotalsResponse(found.value))
      : renameFields(found, rewardFields);
  },
});

const reward = defineRoute({
  method: 'get',
  path: '/referrals/rewards/{id}',
  operationId: 'getReward',
  tag,
  summary: 'Get a reward',
  scope: 'read',
  params: rewardIdParams,
  responses: { 200: { description: 'The reward', schema: rewardResponse } },
  refusals: ['reward_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getReward(context, workspace, params.id);
    return found === undefined ? rewardNotFound() : answer(200, toRewardResponse(found));
  },
});

export const rewardRoutes = [create, list, versions, get, update, archive, rewards, totals, reward];

/** Names the fields as the wire does, nested ones too. */
function onWire<R extends Refusal>(refusal: R): R | ValidationRefusal {
  if (refusal.code !== 'validation_failed' || refusal.errors === undefined) return refusal;
  const rename = (field: string): string =>
    field.replace(/\w+/g, (name) => ruleFields[name] ?? name);
  return refuseFields(
    Object.fromEntries(
      Object.entries(refusal.errors).map(([field, messages]) => [rename(field), messages]),
    ),
  );
}
