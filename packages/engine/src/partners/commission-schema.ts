import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  pageQuery,
  queryInteger,
  text,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import type { ExportShape } from '../http/export-stream.ts';
import { given } from '../kernel/given.ts';
import { amountMinorMax, formatMoney } from '../kernel/money.ts';
import type { CreateProgramInput, ProgramFields } from './change-program.ts';
import { commissionStatuses, suspicionKinds } from './commission.ts';
import type { CommissionNow, CommissionQuery, CommissionTotal } from './list-commissions.ts';
import { commissionTriggers } from './partner-program.ts';
import type { PartnerProgram } from './partner-program.ts';
import type { Partner } from './partner.ts';
import { payoutStatuses } from './payout.ts';
import type { DuePayout, DuePayoutsQuery } from './due-payouts.ts';
import type { Payout, PayoutBatch } from './payout.ts';
import type { SimulatedEarning, SimulateProgramInput } from './simulate-program.ts';
import { fromStoredRule, toStoredRule } from './program-terms.ts';

export const programIdParams = z.object({ id: uuid });

const size = z.int().min(1).max(Number(amountMinorMax));
const currency = z.string().meta({ description: 'ISO 4217', example: 'USD' });
const cap = z
  .strictObject({ commissions: z.int().min(1).optional(), amount: size.optional() })
  .meta({ id: 'CommissionCap', description: 'The most that is given; amounts by currency' });

const rule = z
  .strictObject({
    name: z.string().meta({ description: 'Its name within the programme', example: 'sales' }),
    trigger: z.enum(commissionTriggers),
    amount: size.optional().meta({ description: 'Minor units of `unit`', example: 500 }),
    unit: currency.optional(),
    percent: z
      .number()
      .optional()
      .meta({ description: 'Of the sale, in its currency; two decimals', example: 20 }),
    amount_max: size.optional().meta({ description: 'The most that a percentage comes to' }),
    group: z.string().nullish().meta({ description: 'Only for this group of partners' }),
    partner_id: uuid.nullish().meta({ description: 'Only for this partner' }),
    times_max: z
      .int()
      .nullish()
      .meta({ description: 'How often one person earns by it; `null`: every time', default: 1 }),
    months: z.int().nullish().meta({ description: 'For so long after the first time' }),
    sale_min: size.nullish().meta({ description: 'Only for sales of at least this' }),
    currencies: z.array(currency).nullish(),
    link_ids: z.array(uuid).nullish(),
    caps: z.strictObject({ per_partner: cap.optional(), total: cap.optional() }).optional(),
    hold_days: z.int().optional().meta({ default: 0 }),
  })
  .meta({ id: 'CommissionRule', description: 'An amount and its unit, or a percentage' });

const programFields = {
  window_days: z.int().optional().meta({ default: 90 }),
  allows_paid_ads: z.boolean().optional().meta({ default: false }),
  flood_clicks: z.int().optional().meta({ default: 50 }),
  hijack_minutes: z.int().optional().meta({ default: 30 }),
  rules: z.array(rule).optional().meta({ description: 'All of them: one that is left out ends' }),
};

export const programParams = z
  .strictObject({ name: text(255), ...programFields })
  .meta({ id: 'PartnerProgramParams' });
export const programUpdateParams = z
  .strictObject({ name: text(255).optional(), ...programFields })
  .meta({ id: 'PartnerProgramUpdateParams', description: 'What is absent stays.' });

export const simulationParams = z
  .strictObject({ from: instant, to: instant, ...programFields })
  .meta({ id: 'PartnerProgramSimulationParams', description: 'What is absent is as it is now.' });

export const simulationResponse = z
  .array(
    z.object({
      partner_id: idOut,
      unit: currency,
      commissions: countOut,
      simulated: z.number().meta({ type: 'integer', description: 'Minor units by the draft' }),
      actual: z.number().meta({ type: 'integer', description: 'Minor units that there are' }),
    }),
  )
  .meta({ id: 'PartnerProgramSimulation' });

export const programQuery = z.strictObject({
  archived: z.enum(['true', 'false']).optional().meta({ type: 'boolean', enum: undefined }),
});

export const programResponse = z
  .object({
    id: idOut,
    version: countOut,
    name: z.string(),
    window_days: countOut,
    allows_paid_ads: z.boolean(),
    flood_clicks: countOut,
    hijack_minutes: countOut,
    rules: z.array(rule),
    effective_from: timestampOut,
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'PartnerProgram' });

const amountOut = z.number().meta({ type: 'integer', description: 'Minor units', example: 1000 });

export const commissionResponse = z
  .object({
    id: idOut,
    status: z.enum(commissionStatuses),
    program_id: idOut,
    program_version: countOut,
    rule: z.string(),
    partner_id: idOut,
    trigger: z.enum(commissionTriggers),
    trigger_id: idOut.meta({ description: 'The click, or the event of the conversion' }),
    trigger_at: timestampOut,
    touch_id: idOut.nullable(),
    visitor_id: idOut.nullable(),
    unit: currency,
    granted: amountOut,
    capped: amountOut.meta({ description: 'What caps have cut off' }),
    net: amountOut.meta({ description: 'What is left of it' }),
    held_until: timestampOut.nullable(),
    flags: z.array(
      z.object({ kind: z.enum(suspicionKinds), evidence: z.record(z.string(), z.unknown()) }),
    ),
    decision: z.enum(['approved', 'rejected']).nullable(),
    decided_at: timestampOut.nullable(),
    decided_by: z.string().nullable(),
    note: z.string().nullable(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'Commission' });

export const commissionTotalsResponse = z
  .array(z.object({ unit: currency, commissions: countOut, granted: amountOut, net: amountOut }))
  .meta({ id: 'CommissionTotals' });

const filters = {
  partner_id: uuid.optional(),
  program_id: uuid.optional(),
  status: z.enum(commissionStatuses).optional(),
  flagged: z.enum(['true', 'false']).optional().meta({ type: 'boolean', enum: undefined }),
};
export const commissionQuery = z.strictObject({ ...pageQuery(50), ...filters });
export const commissionTotalsQuery = z.strictObject(filters);

export const decisionParams = z
  .strictObject({
    decision: z.enum(['approved', 'rejected']),
    note: z.string().max(1_000).optional(),
  })
  .meta({ id: 'CommissionDecisionParams' });

export const payoutResponse = z
  .object({
    id: idOut,
    batch_id: idOut,
    partner_id: idOut,
    unit: currency,
    amount: amountOut,
    status: z.enum(payoutStatuses),
    entry_id: idOut.meta({ description: 'The entry of the ledger' }),
    reference: z.string().nullable(),
    inserted_at: timestampOut,
    settled_at: timestampOut.nullable(),
  })
  .meta({ id: 'Payout' });

export const batchResponse = z
  .object({
    id: idOut,
    note: z.string().nullable(),
    payouts: payoutResponse.array(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'PayoutBatch' });

export const batchParams = z
  .strictObject({
    program_id: uuid.optional(),
    unit: currency.optional(),
    minimum: size.optional().meta({ description: 'Who has less gets it another time' }),
    note: text(255).optional(),
  })
  .meta({ id: 'PayoutBatchParams' });

export const payoutQuery = z.strictObject({
  ...pageQuery(50),
  partner_id: uuid.optional(),
  status: z.enum(payoutStatuses).optional(),
});

export const dueQuery = z.strictObject({
  program_id: uuid.optional(),
  unit: currency.optional(),
  minimum: queryInteger({ min: 1, max: Number(amountMinorMax), default: 1 }),
});

export const dueResponse = z
  .array(
    z.object({
      partner_id: idOut,
      unit: currency,
      amount: amountOut.meta({ description: 'Minor units that are available' }),
      held: amountOut.meta({ description: 'Minor units that are earned and held' }),
    }),
  )
  .meta({ id: 'DuePayouts' });

export function toDueQuery(query: z.output<typeof dueQuery>): DuePayoutsQuery {
  const { program_id: programId, unit, minimum } = query;
  return given({ programId, unit, minimumMinor: BigInt(minimum) });
}

export function toDueResponse(due: readonly DuePayout[]): z.input<typeof dueResponse> {
  return due.map(({ partnerId, unit, amountMinor, heldMinor }) => ({
    partner_id: partnerId,
    unit,
    amount: Number(amountMinor),
    held: Number(heldMinor),
  }));
}

export const payoutUpdateParams = z
  .strictObject({ status: z.enum(['paid', 'failed']), reference: text(255).optional() })
  .meta({ id: 'PayoutUpdateParams' });

export const batchExportQuery = z.strictObject({
  format: z.enum(['csv', 'ndjson']).optional().meta({ default: 'csv' }),
});

/** What the library calls a field, and how the wire does. */
export const commissionFields: Readonly<Record<string, string>> = {
  windowDays: 'window_days',
  allowsPaidAds: 'allows_paid_ads',
  floodClicks: 'flood_clicks',
  hijackMinutes: 'hijack_minutes',
  partnerId: 'partner_id',
  programId: 'program_id',
  timesMax: 'times_max',
  saleMinMinor: 'sale_min',
  linkIds: 'link_ids',
  holdDays: 'hold_days',
  amountMinor: 'amount',
  amountMaxMinor: 'amount_max',
  minimumMinor: 'minimum',
  perPartner: 'per_partner',
};

export function toProgramFields(body: z.output<typeof programUpdateParams>): ProgramFields {
  return {
    name: body.name,
    windowDays: body.window_days,
    allowsPaidAds: body.allows_paid_ads,
    floodClicks: body.flood_clicks,
    hijackMinutes: body.hijack_minutes,
    rules: body.rules?.map(fromStoredRule),
  };
}

export function toSimulation(body: z.output<typeof simulationParams>): SimulateProgramInput {
  const { from, to, ...fields } = body;
  return { ...toProgramFields(fields), from, to };
}

export function toSimulationResponse(
  rows: readonly SimulatedEarning[],
): z.input<typeof simulationResponse> {
  return rows.map(({ partnerId, unit, commissions, simulatedMinor, actualMinor }) => ({
    partner_id: partnerId,
    unit,
    commissions,
    simulated: Number(simulatedMinor),
    actual: Number(actualMinor),
  }));
}

export function toProgramInput(body: z.output<typeof programParams>): CreateProgramInput {
  return { ...toProgramFields(body), name: body.name };
}

export function toProgramResponse(program: PartnerProgram): z.input<typeof programResponse> {
  return {
    id: program.id,
    version: program.version,
    name: program.name,
    window_days: program.windowDays,
    allows_paid_ads: program.allowsPaidAds,
    flood_clicks: program.floodClicks,
    hijack_minutes: program.hijackMinutes,
    rules: program.rules.map((one) => toStoredRule(one) as z.input<typeof rule>),
    effective_from: program.effectiveFrom.toISOString(),
    archived_at: program.archivedAt?.toISOString() ?? null,
    inserted_at: program.createdAt.toISOString(),
  };
}

export function toCommissionQuery(query: z.output<typeof commissionTotalsQuery>): CommissionQuery {
  return given({
    partnerId: query.partner_id,
    programId: query.program_id,
    status: query.status,
    flagged: query.flagged === undefined ? undefined : query.flagged === 'true',
  });
}

export function toCommissionResponse(one: CommissionNow): z.input<typeof commissionResponse> {
  return {
    id: one.id,
    status: one.status,
    program_id: one.programId,
    program_version: one.programVersion,
    rule: one.rule,
    partner_id: one.partnerId,
    trigger: one.trigger,
    trigger_id: one.triggerId,
    trigger_at: one.triggerAt.toISOString(),
    touch_id: one.touchId,
    visitor_id: one.visitorId,
    unit: one.unit,
    granted: Number(one.grantedMinor),
    capped: Number(one.cappedMinor),
    net: Number(one.netMinor),
    held_until: one.heldUntil?.toISOString() ?? null,
    flags: one.flags.map(({ kind, evidence }) => ({ kind, evidence })),
    decision: one.decision,
    decided_at: one.decidedAt?.toISOString() ?? null,
    decided_by: one.decidedBy,
    note: one.note,
    inserted_at: one.createdAt.toISOString(),
  };
}

export function toCommissionTotalsResponse(
  totals: readonly CommissionTotal[],
): z.input<typeof commissionTotalsResponse> {
  return totals.map(({ unit, commissions, grantedMinor, netMinor }) => ({
    unit,
    commissions,
    granted: Number(grantedMinor),
    net: Number(netMinor),
  }));
}

export function toPayoutResponse(payout: Payout): z.input<typeof payoutResponse> {
  return {
    id: payout.id,
    batch_id: payout.batchId,
    partner_id: payout.partnerId,
    unit: payout.unit,
    amount: Number(payout.amountMinor),
    status: payout.status,
    entry_id: payout.entryId,
    reference: payout.reference,
    inserted_at: payout.createdAt.toISOString(),
    settled_at: payout.settledAt?.toISOString() ?? null,
  };
}

export function toBatchResponse(batch: PayoutBatch): z.input<typeof batchResponse> {
  return {
    id: batch.id,
    note: batch.note,
    payouts: batch.payouts.map(toPayoutResponse),
    inserted_at: batch.createdAt.toISOString(),
  };
}

/** A payout with whom it is for, as somebody who pays it needs it. */
export interface PayoutLine {
  readonly payout: Payout;
  readonly partner: Partner | undefined;
}

const columns = [
  'payout_id',
  'partner_id',
  'partner_key',
  'partner_name',
  'partner_external_id',
  'partner_email',
  'currency',
  'amount',
  'amount_minor',
  'status',
  'reference',
] as const;

export const payoutShape: ExportShape<PayoutLine> = {
  columns,
  cells: (line) => {
    const row = toPayoutLine(line);
    return columns.map((column) => row[column]);
  },
  document: toPayoutLine,
};

export const payoutLineResponse = z.object(
  Object.fromEntries(
    columns.map((column) => [
      column,
      column === 'amount_minor' ? amountOut : z.string().nullable(),
    ]),
  ),
);

function toPayoutLine({
  payout,
  partner,
}: PayoutLine): Record<(typeof columns)[number], string | number | null> {
  return {
    payout_id: payout.id,
    partner_id: payout.partnerId,
    partner_key: partner?.key ?? null,
    partner_name: partner?.name ?? null,
    partner_external_id: partner?.externalId ?? null,
    partner_email: partner?.email ?? null,
    currency: payout.unit,
    amount: formatMoney({ amountMinor: payout.amountMinor, currency: payout.unit }),
    amount_minor: Number(payout.amountMinor),
    status: payout.status,
    reference: payout.reference,
  };
}
