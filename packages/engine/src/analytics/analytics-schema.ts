import * as z from 'zod';

import { countOut, moneyOut, pageQuery, text, timestampOut } from '../http/fields-schema.ts';
import { notSet } from '../reports/dimension.ts';
import { filterQuery, periodQuery } from '../reports/report-schema.ts';
import type { Breakdown } from './breakdown.ts';
import type { Money } from '../kernel/money.ts';
import { dimensions } from './dimension.ts';
import { intervalNames } from './interval.ts';
import type { LiveVisitors } from './live-visitors.ts';
import { metrics } from './metric.ts';
import type { Overview } from './overview.ts';
import type { MetricValue } from './report-numbers.ts';
import type { Retention } from './retention.ts';
import type { Summary, SummaryNumbers } from './summarise.ts';
import type { TimeSeries } from './time-series.ts';

const question = { ...periodQuery, ...filterQuery(dimensions) };

export const summaryQuery = z.strictObject({
  ...question,
  compare: z.enum(['previous', 'none']).optional().meta({
    description: 'With the same length of time right before',
    default: 'none',
  }),
});

export const timeSeriesQuery = z.strictObject({
  ...question,
  metric: text(64).meta({ description: `One of ${metrics.join(', ')}; \`visitors\` means people` }),
  interval: text(8).optional().meta({
    enum: intervalNames,
    description: 'Without one, the shortest that keeps the buckets few',
  }),
});

const csv = (what: string) =>
  text(500)
    .transform((list) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .meta({ type: 'string', description: what });

export const breakdownQuery = z.strictObject({
  ...question,
  ...pageQuery(50),
  cursor: text(4_000).optional().meta({ description: 'The `X-Next-Cursor` of the page before' }),
  dimension: text(64).meta({
    description: `One of ${dimensions.join(', ')}; \`os\`, \`source_platform\`, \`source_medium\` and \`source_campaign\` are understood too`,
  }),
  metrics: csv(
    `By commas, of ${metrics.join(', ')}; \`users\` means people. Without it people and events`,
  ).optional(),
  sort: text(64).optional().meta({ description: 'One of the metrics; without it, the first' }),
  order: z.enum(['asc', 'desc']).optional().meta({ default: 'desc' }),
});

export const conversionsQuery = breakdownQuery.omit({ metrics: true });

/** What the report on conversions counts. */
export const reportedConversions = [
  'sales',
  'buyers',
  'revenue',
  'conversion_rate',
  'leads',
  'conversions',
];

export const retentionQuery = z.strictObject(question);

const rateOut = z.number().meta({ minimum: 0, maximum: 1, example: 0.42 });
const orNull = (schema: z.ZodType, description: string) =>
  z.union([schema, z.null()]).meta({ description });

/** Negative where more was taken back in a window than came in. */
const netCount = z.number().meta({ type: 'integer', example: 42 });

const summaryNumbers = z.object({
  visitors: countOut.meta({ description: 'People; the same as `people`' }),
  new_visitors: countOut,
  pageviews: countOut,
  revenue: z.union([z.number(), z.null()]).meta({
    description:
      "Of sales, less what went back in the window, in minor units of the workspace's currency",
    example: 9800,
  }),
  identification_rate: rateOut,
  sessions: orNull(
    countOut,
    'Null where a filter looks at single events, as are the rates of visits',
  ),
  bounce_rate: orNull(rateOut, 'Of sessions'),
  avg_duration: orNull(z.number(), 'Seconds of a session'),
  engaged_rate: orNull(rateOut, 'Of sessions'),
  people: countOut,
  new_people: countOut,
  events: countOut,
  conversions: orNull(netCount, 'Leads, sales and registrations, less those removed in the window'),
  leads: orNull(netCount, 'Less those removed in the window'),
  sales: orNull(netCount, 'Less those removed in the window'),
  buyers: orNull(countOut, 'People who bought'),
  conversion_rate: orNull(rateOut, 'Buyers of people'),
  revenue_by_currency: orNull(
    z.array(moneyOut),
    'Of sales, less what went back in the window, in every currency',
  ),
});

export const summaryResponse = summaryNumbers
  .extend({
    previous: summaryNumbers
      .extend({ from: timestampOut, to: timestampOut })
      .optional()
      .meta({ description: 'With `compare=previous`' }),
  })
  .meta({ id: 'AnalyticsSummaryResponse' });

export function toSummaryResponse({ numbers, before }: Summary, currency: string) {
  return {
    ...toSummaryNumbers(numbers, currency),
    ...(before !== undefined && {
      previous: {
        from: new Date(before.window.from).toISOString(),
        to: new Date(before.window.to).toISOString(),
        ...toSummaryNumbers(before.numbers, currency),
      },
    }),
  };
}

function toSummaryNumbers(numbers: SummaryNumbers, currency: string) {
  const { conversions } = numbers;
  return {
    visitors: numbers.people,
    new_visitors: numbers.newPeople,
    pageviews: numbers.pageviews,
    revenue: conversions === undefined ? null : amountIn(conversions.revenue, currency),
    identification_rate: numbers.identificationRate,
    sessions: numbers.sessions ?? null,
    bounce_rate: numbers.bounceRate ?? null,
    avg_duration: numbers.averageSeconds ?? null,
    engaged_rate: numbers.engagedRate ?? null,
    people: numbers.people,
    new_people: numbers.newPeople,
    events: numbers.events,
    conversions: conversions?.conversions ?? null,
    leads: conversions?.leads ?? null,
    sales: conversions?.sales ?? null,
    buyers: conversions?.buyers ?? null,
    conversion_rate: numbers.conversionRate ?? null,
    revenue_by_currency: conversions === undefined ? null : toMoney(conversions.revenue),
  };
}

const metricNames = Object.fromEntries(
  metrics
    .filter((metric) => metric !== 'revenue')
    .map((metric) => [metric, z.union([z.number(), z.null()]).optional()]),
);

export const timeSeriesResponse = z
  .object({
    metric: z.string().meta({ example: 'people' }),
    interval: z.string().meta({ example: '1d' }),
    timezone: z.string().meta({ example: 'Europe/Berlin' }),
    points: z.array(
      z
        .object({
          bucket_start: timestampOut,
          bucket_end: timestampOut,
          value: z
            .union([z.number(), z.null()])
            .meta({ description: 'Null where there is nothing to divide by' }),
          revenue_by_currency: z.array(moneyOut).optional(),
        })
        .meta({ id: 'TimeseriesPoint' }),
    ),
  })
  .meta({ id: 'TimeseriesResponse' });

export function toTimeSeriesResponse(series: TimeSeries, asked: string, currency: string) {
  const [metric] = series.metrics;
  return {
    metric: asked,
    interval: series.interval,
    timezone: series.timezone,
    points: series.points.map(({ start, end, numbers }) => ({
      bucket_start: start.toISOString(),
      bucket_end: end.toISOString(),
      ...toWireValue('value', numbers[metric!] ?? null, currency),
    })),
  };
}

export const breakdownResponse = z
  .object({
    dimension: z.string().meta({ example: 'channel' }),
    metrics: z.array(z.string()),
    rows: z.array(
      z
        .object({
          value: z.string().meta({ description: '`(not set)` where there is none' }),
          users: countOut.optional().meta({ description: 'People' }),
          ...metricNames,
          revenue: netCount
            .optional()
            .meta({ description: "In the workspace's currency, minor units" }),
          revenue_by_currency: z.array(moneyOut).optional(),
        })
        .meta({ id: 'BreakdownRow' }),
    ),
  })
  .meta({ id: 'BreakdownResponse' });

/** Metrics under the names that they were asked for by. */
export function toBreakdownResponse(
  breakdown: Omit<Breakdown, 'nextCursor'>,
  asked: { readonly dimension: string; readonly metrics: readonly string[] },
  currency: string,
) {
  return {
    dimension: asked.dimension,
    metrics: [...asked.metrics],
    rows: breakdown.rows.map(({ value, numbers }) => ({
      value: value ?? notSet,
      ...Object.fromEntries(
        breakdown.metrics.flatMap((metric, index) =>
          Object.entries(
            toWireValue(asked.metrics[index] ?? metric, numbers[metric] ?? null, currency),
          ),
        ),
      ),
    })),
  };
}

function toWireValue(name: string, value: MetricValue, currency: string): Record<string, unknown> {
  if (typeof value === 'number' || value === null) return { [name]: value };
  return { [name]: amountIn(value, currency), revenue_by_currency: toMoney(value) };
}

export const retentionResponse = z
  .object({
    timezone: z.string(),
    cohorts: z.array(
      z.object({
        week_start: timestampOut,
        week_end: timestampOut,
        people: z
          .array(countOut)
          .meta({ description: 'In the week itself, and in each one after' }),
      }),
    ),
  })
  .meta({ id: 'RetentionResponse' });

export function toRetentionResponse({ timezone: zone, cohorts }: Retention) {
  return {
    timezone: zone,
    cohorts: cohorts.map(({ start, end, people }) => ({
      week_start: start.toISOString(),
      week_end: end.toISOString(),
      people,
    })),
  };
}

export const overviewQuery = z.strictObject({
  ...question,
  dimensions: csv('By commas; without it channel, source, country, device_type, page').optional(),
  metrics: csv('By commas, of people, pageviews, events and those of visits').optional(),
  interval: timeSeriesQuery.shape.interval,
});

export const overviewResponse = z
  .object({
    summary: summaryResponse,
    timeseries: z.array(timeSeriesResponse).meta({ description: 'One for each metric' }),
    breakdowns: z.array(breakdownResponse).meta({ description: 'Ten rows of each' }),
  })
  .meta({ id: 'OverviewResponse' });

export function toOverviewResponse({ summary, series, breakdowns }: Overview, currency: string) {
  return {
    summary: toSummaryResponse(summary, currency),
    timeseries: series.metrics.map((metric) =>
      toTimeSeriesResponse({ ...series, metrics: [metric] }, metric, currency),
    ),
    breakdowns: breakdowns.map((breakdown) => toBreakdownResponse(breakdown, breakdown, currency)),
  };
}

const peopleBy = z.array(z.object({ value: z.string(), people: countOut }));

export const liveResponse = z
  .object({
    people_5_minutes: countOut,
    people_30_minutes: countOut,
    pageviews_30_minutes: countOut,
    pages: peopleBy,
    channels: peopleBy,
  })
  .meta({ id: 'LiveVisitorsResponse' });

export function toLiveResponse(live: LiveVisitors) {
  const named = (list: LiveVisitors['pages']) =>
    list.map(({ value, people }) => ({ value: value ?? notSet, people }));
  return {
    people_5_minutes: live.peopleIn5Minutes,
    people_30_minutes: live.peopleIn30Minutes,
    pageviews_30_minutes: live.pageviewsIn30Minutes,
    pages: named(live.pages),
    channels: named(live.channels),
  };
}

function amountIn(revenue: readonly Money[], currency: string): number {
  return Number(revenue.find((money) => money.currency === currency)?.amountMinor ?? 0n);
}

function toMoney(revenue: readonly Money[]) {
  return revenue.map(({ currency, amountMinor }) => ({ currency, amount: Number(amountMinor) }));
}
