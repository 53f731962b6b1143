import * as z from 'zod';

import {
  countOut,
  idOut,
  pageQuery,
  queryInteger,
  text,
  timestampOut,
} from '../http/fields-schema.ts';
import { visitDimensions } from '../reports/dimension.ts';
import { filterQuery, periodQuery, toFilters } from '../reports/report-schema.ts';
import { funnelOutcomes } from './funnel-people.ts';
import type { FunnelPeopleInput } from './funnel-people.ts';
import type { FunnelPath, FunnelReport, PathReport, Quantiles } from './funnel-report.ts';
import { definitionFields, toDefinition } from './funnel-schema.ts';
import { funnelLimits } from './funnel.ts';
import type { ReportFunnelInput } from './report-funnel.ts';

const groups = { min: 1, max: 100, default: 25 };
const byDimension = z.enum(visitDimensions).optional().meta({
  description: 'The people by one dimension of the visit in which they entered',
});
const filters = filterQuery(visitDimensions);
const format = z.enum(['csv', 'ndjson']).default('csv');

export const reportQuery = z.strictObject({
  ...periodQuery,
  dimension: byDimension,
  limit: queryInteger(groups).meta({ description: 'Groups of the dimension' }),
  ...filters,
});

export const reportExportQuery = reportQuery.extend({ format });

const groupsInBody = z
  .number()
  .optional()
  .meta({ type: 'integer', minimum: 1, maximum: 100, default: 25 });

export const reportParams = z
  .strictObject({
    ...definitionFields,
    ...periodQuery,
    dimension: byDimension,
    limit: groupsInBody,
  })
  .meta({ id: 'FunnelReportParams' });

export const reportExportParams = reportParams.extend({ format });

const ofStep = {
  outcome: z.enum(funnelOutcomes).optional().meta({
    default: 'reached',
    description: 'Everybody who reached the step, or only who went no further',
  }),
  dimension: byDimension,
  value: text(1_000).optional().meta({ description: 'One group of the dimension' }),
};

export const peopleQuery = z.strictObject({
  ...periodQuery,
  step: queryInteger({ min: 1, max: funnelLimits.stepsMax, default: 1 }),
  ...ofStep,
  ...filters,
  ...pageQuery(50),
});

export const peopleParams = z
  .strictObject({
    ...definitionFields,
    ...periodQuery,
    step: z.number().meta({ type: 'integer', minimum: 1, maximum: funnelLimits.stepsMax }),
    ...ofStep,
    limit: z.number().optional().meta({ type: 'integer', minimum: 1, maximum: 200, default: 50 }),
    offset: z.number().optional().meta({ type: 'integer', minimum: 0, default: 0 }),
    cursor: z.string().optional(),
  })
  .meta({ id: 'FunnelPeopleParams' });

const rate = z.number().nullable().meta({ minimum: 0, maximum: 1, example: 0.25 });
const quantiles = z
  .object({
    median: z.number().meta({ example: 86.4 }),
    p90: z.number().meta({ description: 'Nine of ten were at least as fast' }),
  })
  .nullable()
  .meta({ description: 'Seconds' });

const pathFields = {
  entered: countOut.meta({ description: 'People' }),
  converted: countOut.meta({ description: 'People who reached the last step' }),
  conversion_rate: rate.meta({ description: '`null` where nobody entered' }),
  seconds_to_convert: quantiles,
  steps: z.array(
    z.object({
      label: z.string(),
      people: countOut,
      rate: rate.meta({ description: 'Of who entered' }),
      rate_of_previous: rate,
      dropped_off: countOut.meta({ description: 'Who reached this step and not the next one' }),
      drop_off_rate: rate,
      seconds_from_previous: quantiles,
    }),
  ),
};

export const funnelReportResponse = z
  .object({
    from: timestampOut,
    to: timestampOut,
    complete: z.boolean().meta({
      description: 'Whether everybody who entered has had the whole window',
    }),
    ...pathFields,
    breakdown: z
      .object({
        dimension: z.enum(visitDimensions),
        groups: z.array(z.object({ value: z.string().meta({ example: 'DE' }), ...pathFields })),
        others: z
          .array(countOut)
          .meta({ description: 'People of each step who are in none of these groups' }),
      })
      .nullable(),
  })
  .meta({ id: 'FunnelReport' });

export const funnelPathResponse = z
  .object({
    visitor_id: idOut.meta({ description: 'The person' }),
    steps_reached: countOut,
    reached_at: z
      .array(timestampOut)
      .meta({ description: 'When each step was reached, up to the last one that was' }),
  })
  .meta({ id: 'FunnelPath' });

export function toReportInput(query: z.output<typeof reportQuery>): ReportFunnelInput {
  return { ...query, filters: toFilters(query) };
}

export function toReportQuestion(body: z.output<typeof reportParams>) {
  const { from, to, days, timezone, dimension, limit, ...definition } = body;
  const input: ReportFunnelInput = { from, to, days, timezone, dimension, limit };
  return { definition: toDefinition(definition), input };
}

export function toPeopleInput(query: z.output<typeof peopleQuery>): FunnelPeopleInput {
  return { ...query, filters: toFilters(query) };
}

export function toPeopleQuestion(body: z.output<typeof peopleParams>) {
  const { steps, conversion_window_days, scope, filters: own, ...input } = body;
  return {
    definition: toDefinition({ steps, conversion_window_days, scope, filters: own }),
    input: input satisfies FunnelPeopleInput,
  };
}

export function toFunnelReportResponse(report: FunnelReport): z.input<typeof funnelReportResponse> {
  return {
    from: report.from.toISOString(),
    to: report.to.toISOString(),
    complete: report.complete,
    ...toPathFields(report),
    breakdown:
      report.breakdown === undefined
        ? null
        : {
            dimension: report.breakdown.dimension,
            groups: report.breakdown.groups.map((group) => ({
              value: group.value,
              ...toPathFields(group),
            })),
            others: [...report.breakdown.others],
          },
  };
}

export function toPathResponse({
  visitorId,
  reachedAt,
}: FunnelPath): z.input<typeof funnelPathResponse> {
  return {
    visitor_id: visitorId,
    steps_reached: reachedAt.length,
    reached_at: reachedAt.map((at) => at.toISOString()),
  };
}

function toPathFields(report: PathReport) {
  return {
    entered: report.entered,
    converted: report.converted,
    conversion_rate: report.conversionRate ?? null,
    seconds_to_convert: toSeconds(report.secondsToConvert),
    steps: report.steps.map((step) => ({
      label: step.label,
      people: step.people,
      rate: step.rate ?? null,
      rate_of_previous: step.rateOfPrevious ?? null,
      dropped_off: step.droppedOff,
      drop_off_rate: step.dropOffRate ?? null,
      seconds_from_previous: toSeconds(step.secondsFromPrevious),
    })),
  };
}

function toSeconds(seconds: Quantiles | undefined) {
  return seconds === undefined ? null : { ...seconds };
}
