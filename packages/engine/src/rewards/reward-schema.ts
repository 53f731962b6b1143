import * as z from 'zod';

import { countOut, idOut, pageQuery, text, timestampOut, uuid } from '../http/fields-schema.ts';
import {
  entityId,
  entityTypeOf,
  hasIdOfType,
  storedEntity,
} from '../invitations/invitation-schema.ts';
import { given } from '../kernel/given.ts';
import { amountMinorMax } from '../kernel/money.ts';
import type { CreateRewardRuleInput, RewardRuleFields } from './change-reward-rule.ts';
import type { RewardNow, RewardQuery, RewardTotal } from './list-rewards.ts';
import { rewardSides, rewardTriggers } from './reward-rule.ts';
import type { RewardCap, RewardCaps, RewardRule, RewardTerms } from './reward-rule.ts';
import { rewardStatuses } from './reward.ts';

export const rewardIdParams = z.object({ id: uuid });

const size = z.int().min(1).max(Number(amountMinorMax));
const unit = z.string().meta({
  description: 'A currency (ISO 4217), or a unit of your own in lower case, without decimals',
  example: 'USD',
});

const cap = z
  .strictObject({ rewards: z.int().min(1).optional(), amount: size.optional() })
  .meta({ id: 'RewardCap', description: 'The most that is given; amounts by unit' });

const terms = z
  .strictObject({
    amount: size.optional().meta({ description: 'Minor units of `unit`', example: 1000 }),
    unit: unit.optional(),
    percent: z
      .number()
      .optional()
      .meta({ description: 'Of the payment, in its currency; two decimals', example: 20 }),
    amount_max: size.optional().meta({ description: 'The most that a percentage comes to' }),
    caps: z
      .strictObject({
        per_account: cap.optional(),
        per_code: cap.optional(),
        total: cap.optional(),
      })
      .optional(),
  })
  .meta({ id: 'RewardTerms', description: 'An amount and its unit, or a percentage' });

const changeable = {
  active: z.boolean().optional().meta({ default: true }),
  referrer: terms.nullish().meta({ description: 'What who referred gets' }),
  referee: terms.nullish().meta({ description: 'What who came gets' }),
  hold_days: z.int().optional().meta({ default: 0 }),
  times_max: z
    .int()
    .nullish()
    .meta({ description: 'How many of one referral; `null`: every one', default: 1 }),
  within_days: z.int().nullish().meta({ description: 'Of the referral; `null`: whenever' }),
  activation: text(255).optional().meta({
    description: 'The name of the event that is the activation',
    default: 'activated',
  }),
  code_ids: z.array(uuid).nullish().meta({ description: '`null`: by whichever code' }),
  via: z.enum(['code', 'invitation']).nullish().meta({ description: '`null`: by both' }),
};

export const ruleParams = z
  .strictObject({ name: text(255), trigger: z.enum(rewardTriggers), ...changeable })
  .meta({ id: 'RewardRuleParams' });

export const ruleUpdateParams = z
  .strictObject({ name: text(255).optional(), ...changeable })
  .meta({ id: 'RewardRuleUpdateParams', description: 'What is absent stays.' });

export const ruleResponse = z
  .object({
    id: idOut,
    version: countOut,
    name: z.string(),
    active: z.boolean(),
    trigger: z.enum(rewardTriggers),
    referrer: terms.nullable(),
    referee: terms.nullable(),
    hold_days: countOut,
    times_max: countOut.nullable(),
    within_days: countOut.nullable(),
    activation: z.string(),
    code_ids: z.array(idOut).nullable(),
    via: z.enum(['code', 'invitation']).nullable(),
    effective_from: timestampOut,
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'RewardRule' });

const amountOut = z.number().meta({ type: 'integer', description: 'Minor units', example: 1000 });

export const rewardResponse = z
  .object({
    id: idOut,
    rule_id: idOut,
    rule_version: countOut,
    side: z.enum(rewardSides),
    status: z.enum(rewardStatuses),
    referral_id: idOut,
    source_id: idOut.meta({ description: 'The code or the invitation' }),
    trigger_id: idOut.meta({ description: 'The redemption, or the event' }),
    trigger_at: timestampOut,
    account: storedEntity,
    unit,
    granted: amountOut,
    capped: amountOut.meta({ description: 'What caps have cut off' }),
    net: amountOut.meta({ description: 'What is left of it' }),
    held_until: timestampOut.nullable(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'Reward' });

export const rewardTotalsResponse = z
  .array(
    z.object({
      side: z.enum(rewardSides),
      unit,
      rewards: countOut,
      reversed: countOut,
      capped: countOut,
      granted: amountOut,
      net: amountOut,
      held: amountOut,
    }),
  )
  .meta({ id: 'RewardTotals' });

const filters = {
  account_type: entityTypeOf('account_id'),
  account_id: entityId.optional(),
  rule_id: uuid.optional(),
  referral_id: uuid.optional(),
  source_id: uuid.optional().meta({ description: 'The code or the invitation' }),
  side: z.enum(rewardSides).optional(),
  status: z.enum(rewardStatuses).optional(),
};
const hasAccount = hasIdOfType('account_type', 'account_id');

export const rewardQuery = z.strictObject({ ...pageQuery(50), ...filters }).refine(...hasAccount);
export const rewardTotalsQuery = z.strictObject(filters).refine(...hasAccount);
export const ruleQuery = z.strictObject({
  archived: z.enum(['true', 'false']).optional().meta({ type: 'boolean', enum: undefined }),
});

/** What the library calls a field, and how the wire does. */
export const ruleFields: Readonly<Record<string, string>> = {
  holdDays: 'hold_days',
  timesMax: 'times_max',
  withinDays: 'within_days',
  codeIds: 'code_ids',
  amountMinor: 'amount',
  amountMaxMinor: 'amount_max',
  perAccount: 'per_account',
  perCode: 'per_code',
};

export function toRuleFields(body: z.output<typeof ruleUpdateParams>): RewardRuleFields {
  return {
    name: body.name,
    active: body.active,
    referrer: body.referrer && toTerms(body.referrer),
    referee: body.referee && toTerms(body.referee),
    holdDays: body.hold_days,
    timesMax: body.times_max,
    withinDays: body.within_days,
    activation: body.activation,
    codeIds: body.code_ids,
    via: body.via,
  };
}

export function toRuleInput(body: z.output<typeof ruleParams>): CreateRewardRuleInput {
  return { ...toRuleFields(body), name: body.name, trigger: body.trigger };
}

/** The use case judges what belongs together. */
function toTerms(body: z.output<typeof terms>): RewardTerms {
  const { amount, amount_max: most, caps } = body;
  const toCap = (input: z.output<typeof cap> | undefined): RewardCap | undefined =>
    input &&
    given({
      rewards: input.rewards,
      amountMinor: input.amount === undefined ? undefined : BigInt(input.amount),
    });
  return given({
    amountMinor: amount === undefined ? undefined : BigInt(amount),
    unit: body.unit,
    percent: body.percent,
    amountMaxMinor: most === undefined ? undefined : BigInt(most),
    caps:
      caps &&
      given({
        perAccount: toCap(caps.per_account),
        perCode: toCap(caps.per_code),
        total: toCap(caps.total),
      }),
  }) as RewardTerms;
}

export function toRewardQuery(query: z.output<typeof rewardTotalsQuery>): RewardQuery {
  const { account_type: type = 'user', account_id: id } = query;
  return given({
    account: id === undefined ? undefined : { type, id },
    ruleId: query.rule_id,
    referralId: query.referral_id,
    sourceId: query.source_id,
    side: query.side,
    status: query.status,
  });
}

/** What the library calls the fields of a list, and how the wire does. */
export const rewardFields: Readonly<Record<string, string>> = {
  account: 'account_id',
  ruleId: 'rule_id',
  referralId: 'referral_id',
  sourceId: 'source_id',
};

export function toRuleResponse(rule: RewardRule): z.input<typeof ruleResponse> {
  return {
    id: rule.id,
    version: rule.version,
    name: rule.name,
    active: rule.active,
    trigger: rule.trigger,
    referrer: rule.referrer && fromTerms(rule.referrer),
    referee: rule.referee && fromTerms(rule.referee),
    hold_days: rule.holdDays,
    times_max: rule.timesMax,
    within_days: rule.withinDays,
    activation: rule.activation,
    code_ids: rule.codeIds && [...rule.codeIds],
    via: rule.via,
    effective_from: rule.effectiveFrom.toISOString(),
    archived_at: rule.archivedAt?.toISOString() ?? null,
    inserted_at: rule.createdAt.toISOString(),
  };
}

function fromTerms(of: RewardTerms): z.input<typeof terms> {
  const fromCap = (limit: RewardCap | undefined) =>
    limit &&
    given({
      rewards: limit.rewards,
      amount: limit.amountMinor === undefined ? undefined : Number(limit.amountMinor),
    });
  const fromCaps = (caps: RewardCaps | undefined) =>
    caps &&
    given({
      per_account: fromCap(caps.perAccount),
      per_code: fromCap(caps.perCode),
      total: fromCap(caps.total),
    });
  const shown =
    'unit' in of
      ? { amount: Number(of.amountMinor), unit: of.unit }
      : {
          percent: of.percent,
          amount_max: of.amountMaxMinor === undefined ? undefined : Number(of.amountMaxMinor),
        };
  return given({ ...shown, caps: fromCaps(of.caps) });
}

export function toRewardResponse(reward: RewardNow): z.input<typeof rewardResponse> {
  return {
    id: reward.id,
    rule_id: reward.ruleId,
    rule_version: reward.ruleVersion,
    side: reward.side,
    status: reward.status,
    referral_id: reward.referralId,
    source_id: reward.sourceId,
    trigger_id: reward.triggerId,
    trigger_at: reward.triggerAt.toISOString(),
    account: { type: reward.account.type, id: reward.account.id ?? null },
    unit: reward.unit,
    granted: Number(reward.grantedMinor),
    capped: Number(reward.cappedMinor),
    net: Number(reward.netMinor),
    held_until: reward.heldUntil?.toISOString() ?? null,
    inserted_at: reward.createdAt.toISOString(),
  };
}

export function toRewardTotalsResponse(
  totals: readonly RewardTotal[],
): z.input<typeof rewardTotalsResponse> {
  return totals.map((total) => ({
    side: total.side,
    unit: total.unit,
    rewards: total.rewards,
    reversed: total.reversed,
    capped: total.capped,
    granted: Number(total.grantedMinor),
    net: Number(total.netMinor),
    held: Number(total.heldMinor),
  }));
}
