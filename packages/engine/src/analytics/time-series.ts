import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { tallyConversions } from './conversion-tally.ts';
import { selectConversions } from './conversion-tally-store.ts';
import { readFilters } from './filter.ts';
import type { FilterInput, Filters } from './filter.ts';
import type { Interval } from './interval.ts';
import { isConversionMetric, isVisitMetric } from './metric.ts';
import type { Metric } from './metric.ts';
import { inReport } from './in-report.ts';
import type { Report } from './in-report.ts';
import { readMetrics } from './read-metrics.ts';
import { reportNumbers } from './report-numbers.ts';
import type { ReportNumbers } from './report-numbers.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import { invalidQuery, readBuckets, readWindow } from './report-window.ts';
import type { Buckets, ReportWindow } from './report-window.ts';
import { createTally } from './tally.ts';
import type { Tallied } from './tally.ts';

export interface TimeSeriesInput extends PeriodInput {
  readonly metrics: readonly string[];
  /** @default the shortest that keeps the number of buckets small */
  readonly interval?: string | undefined;
  readonly filters?: readonly FilterInput[] | undefined;
}

export interface TimeSeries {
  readonly metrics: readonly Metric[];
  readonly interval: Interval;
  readonly timezone: string;
  /** Without gaps. */
  readonly points: ReadonlyArray<{
    readonly start: Date;
    readonly end: Date;
    readonly numbers: ReportNumbers;
  }>;
}

/** Numbers over time: every bucket of the window, also those in which nothing happened. */
export async function timeSeries(
  context: Context,
  workspace: Workspace,
  input: TimeSeriesInput,
): Promise<Result<TimeSeries, InvalidQuery>> {
  const problems: FieldProblems = {};
  const { timezone: zone, ...window } = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const filters = readFilters(input.filters ?? [], problems);
  const wanted = readMetrics(input.metrics, filters.events.length > 0, problems);
  const buckets = readBuckets(window, { interval: input.interval, timezone: zone }, problems);
  if (buckets === undefined || Object.keys(problems).length > 0) return invalidQuery(problems);
  const { edges, interval, timezone } = buckets;
  const [activity, conversions] = await inReport(context, workspace, (report) =>
    Promise.all([
      countActivity(report, window, filters, wanted, buckets),
      countConversions(report, window, filters, wanted, buckets),
    ]),
  );
  const points = edges.slice(0, -1).map((edge, bucket) => ({
    start: new Date(edge),
    end: new Date(edges[bucket + 1]!),
    numbers: reportNumbers(wanted, activity?.[bucket], conversions?.get(bucket)),
  }));
  return ok({ metrics: wanted, interval, timezone, points });
}

async function countActivity(
  report: Report,
  window: ReportWindow,
  filters: Filters,
  wanted: readonly Metric[],
  { edges }: Buckets,
): Promise<Tallied[] | undefined> {
  if (wanted.every((metric) => isConversionMetric(metric) && metric !== 'conversion_rate'))
    return undefined;
  const people = wanted.includes('people') || wanted.includes('conversion_rate');
  const tally = createTally({
    grouping: { by: 'time', edges },
    filters,
    window,
    people: people ? report.people : undefined,
    countsVisits: wanted.some(isVisitMetric),
  });
  const needs = {
    dimensions: new Set(filters.visits.map((filter) => filter.dimension)),
    hits: filters.events.length > 0,
    people,
  };
  for await (const block of report.walk(window, needs, edges.slice(1, -1))) tally.add(block);
  return tally.groups();
}

async function countConversions(
  report: Report,
  window: ReportWindow,
  filters: Filters,
  wanted: readonly Metric[],
  { edges }: Buckets,
) {
  if (!wanted.some(isConversionMetric)) return undefined;
  const dimensions = new Set(filters.visits.map((filter) => filter.dimension));
  const rows = await selectConversions(report, window, dimensions);
  return tallyConversions(rows, filters.visits, ({ occurredAt }) =>
    edges.findLastIndex((edge) => edge <= occurredAt),
  );
}
