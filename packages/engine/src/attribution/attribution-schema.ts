import * as z from 'zod';

import { countOut, moneyOut, timestampOut } from '../http/fields-schema.ts';
import type { Money } from '../kernel/money.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { dimensions } from './dimension.ts';
import type { RowSubject } from './dimension.ts';
import { goals } from './goal.ts';
import type { AttributionReport } from './report-attribution.ts';
import type { PathGroup, PathReport, TopPath } from './report-paths.ts';
import type { CreditRange, ReportRow, RowCredit } from './report-rows.ts';

const moneyList = z.array(moneyOut);
export const optionalText = z.string().nullable();
const credit = z.number().meta({ description: 'Parts of conversions', example: 12.5 });

export const subjectFields = {
  kind: z.enum(['value', 'not_set', 'filtered', 'unattributed']).meta({
    description:
      '`not_set`: touches of which it is not known. `filtered`: touches that the filters leave out. `unattributed`: conversions that no touch could earn',
  }),
  value: optionalText.meta({ example: 'Paid Search' }),
};

const rowCredit = z
  .object({
    conversions: credit,
    share: z.number().meta({ description: 'Of all conversions', example: 0.25 }),
    revenue: moneyList,
    removal_effect: z.number().optional().meta({
      description: 'Markov: the part of all conversions that would be lost without it',
    }),
    standard_error: z
      .number()
      .optional()
      .meta({ description: 'Sampled Shapley: the standard error of `conversions`' }),
  })
  .meta({ id: 'AttributionCredit' });

const credits = z
  .record(z.string(), rowCredit)
  .meta({ description: 'By model, as it was asked for' });

export const reportRowResponse = z
  .object({
    ...subjectFields,
    label: optionalText.meta({ description: 'Of a link its domain and key' }),
    credits,
    range: z
      .object({
        conversions: z.object({ min: credit, max: credit }),
        revenue: z.array(
          z.object({
            currency: z.string().meta({ example: 'USD' }),
            min_amount: z.number().meta({ type: 'integer', description: 'Minor units' }),
            max_amount: z.number().meta({ type: 'integer' }),
          }),
        ),
      })
      .meta({ description: 'The least and the most among the models; participation is left out' }),
    previous: credits.nullable(),
  })
  .meta({ id: 'AttributionRow' });

const totals = z
  .object({ conversions: countOut, revenue: moneyList })
  .meta({ id: 'AttributionTotals', description: 'Revenue less refunds' });

const periodFields = {
  from: timestampOut,
  to: timestampOut.meta({ description: 'Not part of the period' }),
  timezone: z.string().meta({ example: 'UTC' }),
  dimension: z.enum(dimensions),
};

export const attributionReportResponse = z
  .object({
    ...periodFields,
    as_of: timestampOut.nullable(),
    goals: z.array(z.enum(goals)),
    models: z.array(
      z.object({
        key: z.string().meta({ example: 'time_decay(half_life_days=14)' }),
        name: z.string().meta({ example: 'time_decay' }),
        parameters: z.record(z.string(), z.union([z.number(), z.string()])),
        additive: z.boolean().meta({ description: 'Where not, totals over the rows mean nothing' }),
      }),
    ),
    totals,
    previous_totals: totals.nullable(),
    row_count: countOut.meta({ description: 'On all pages' }),
    rows: z.array(reportRowResponse),
  })
  .meta({ id: 'AttributionReport' });

const pathGroup = { conversions: countOut, revenue: moneyList };

export const topPathResponse = z
  .object({
    steps: z
      .array(z.object({ ...subjectFields, label: optionalText }))
      .meta({ description: 'Oldest first; none where no touch could earn the conversion' }),
    ...pathGroup,
    average_days: z.number().nullable(),
  })
  .meta({ id: 'AttributionPath' });

export const pathReportResponse = z
  .object({
    ...periodFields,
    totals,
    path_count: countOut,
    paths: z.array(topPathResponse),
    lengths: z.array(z.object({ touches: countOut, ...pathGroup })),
    time_to_convert: z.object({
      average_days: z.number().nullable(),
      median_days: z.number().nullable(),
      buckets: z.array(
        z.object({ from_days: z.number(), to_days: z.number().nullable(), ...pathGroup }),
      ),
    }),
  })
  .meta({ id: 'AttributionPaths' });

/** RFC 4180, with a header. */
export const reportExport = z.string();

export function toAttributionReportResponse(
  report: AttributionReport,
): z.input<typeof attributionReportResponse> {
  return {
    ...toPeriod(report),
    as_of: report.asOf?.toISOString() ?? null,
    goals: [...report.goals],
    models: report.models.map((model) => ({ ...model, parameters: { ...model.parameters } })),
    totals: toTotals(report.totals),
    previous_totals: report.previousTotals === undefined ? null : toTotals(report.previousTotals),
    row_count: report.rowCount,
    rows: report.rows.map(toReportRowResponse),
  };
}

export function toReportRowResponse(row: ReportRow): z.input<typeof reportRowResponse> {
  return {
    ...toSubject(row),
    label: row.label ?? null,
    credits: toCredits(row.credits),
    range: toRange(row.range),
    previous: row.previous === undefined ? null : toCredits(row.previous),
  };
}

export function toPathReportResponse(report: PathReport): z.input<typeof pathReportResponse> {
  const { averageDays, medianDays, buckets } = report.timeToConvert;
  return {
    ...toPeriod(report),
    totals: toTotals(report.totals),
    path_count: report.pathCount,
    paths: report.paths.map(toTopPathResponse),
    lengths: report.lengths.map((length) => ({ touches: length.touches, ...toTotals(length) })),
    time_to_convert: {
      average_days: averageDays ?? null,
      median_days: medianDays ?? null,
      buckets: buckets.map((bucket) => ({
        from_days: bucket.fromDays,
        to_days: bucket.toDays ?? null,
        ...toTotals(bucket),
      })),
    },
  };
}

export function toTopPathResponse(path: TopPath): z.input<typeof topPathResponse> {
  return {
    steps: path.steps.map((step) => ({ ...toSubject(step), label: step.label ?? null })),
    ...toTotals(path),
    average_days: path.averageDays ?? null,
  };
}

/** Names fields as the wire does. */
export function toAttributionRefusal<R extends Refusal>(refusal: R): R | ValidationRefusal {
  if (refusal.code !== 'validation_failed' || refusal.errors === undefined) return refusal;
  const named = Object.entries(refusal.errors).map(([field, messages]) => [
    field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    messages,
  ]);
  return refuseFields(Object.fromEntries(named) as Record<string, readonly string[]>);
}

export function toSubject({ kind, value }: RowSubject) {
  return { kind, value: value ?? null };
}

function toMoneyList(revenue: readonly Money[]): z.input<typeof moneyList> {
  return revenue.map(({ currency, amountMinor }) => ({ currency, amount: Number(amountMinor) }));
}

function toPeriod({
  from,
  to,
  timezone,
  dimension,
}: Pick<PathReport, 'from' | 'to' | 'timezone' | 'dimension'>) {
  return { from: from.toISOString(), to: to.toISOString(), timezone, dimension };
}

function toTotals({ conversions, revenue }: PathGroup): z.input<typeof totals> {
  return { conversions, revenue: toMoneyList(revenue) };
}

function toCredits(
  byModel: Readonly<Record<string, RowCredit>>,
): Record<string, z.input<typeof rowCredit>> {
  return Object.fromEntries(
    Object.entries(byModel).map(([key, earned]) => [
      key,
      {
        conversions: earned.conversions,
        share: earned.share,
        revenue: toMoneyList(earned.revenue),
        ...(earned.removalEffect !== undefined && { removal_effect: earned.removalEffect }),
        ...(earned.standardError !== undefined && { standard_error: earned.standardError }),
      },
    ]),
  );
}

function toRange({ conversions, revenue }: CreditRange) {
  return {
    conversions,
    revenue: revenue.map(({ currency, minAmountMinor, maxAmountMinor }) => ({
      currency,
      min_amount: Number(minAmountMinor),
      max_amount: Number(maxAmountMinor),
    })),
  };
}
