import type { Context } from '../context.ts';
import { cutPage, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readBreakdownCursor, sortRows, toBreakdownCursor } from './breakdown-order.ts';
import type { BreakdownOrder } from './breakdown-order.ts';
import { tallyConversions } from './conversion-tally.ts';
import type { TalliedConversions } from './conversion-tally.ts';
import { selectConversions } from './conversion-tally-store.ts';
import { dimensions, isEventDimension, isVisitDimension, readDimension } from './dimension.ts';
import type { Dimension, VisitDimension } from './dimension.ts';
import { readFilters } from './filter.ts';
import type { FilterInput, Filters } from './filter.ts';
import { countMachines } from './machine-store.ts';
import { isConversionMetric, isVisitMetric } from './metric.ts';
import type { Metric } from './metric.ts';
import { inReport } from './in-report.ts';
import type { Report } from './in-report.ts';
import { readMetrics } from './read-metrics.ts';
import { reportNumbers } from './report-numbers.ts';
import type { MetricValue, ReportNumbers } from './report-numbers.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import { invalidQuery, readWindow } from './report-window.ts';
import type { ReportWindow } from './report-window.ts';
import { createTally } from './tally.ts';
import type { Tallied } from './tally.ts';

export interface BreakdownInput extends PeriodInput, PageInput {
  readonly dimension: string;
  /** @default ['people', 'events'], of machines ['events'] */
  readonly metrics?: readonly string[] | undefined;
  readonly filters?: readonly FilterInput[] | undefined;
  /** One of the metrics. @default the first one */
  readonly sort?: string | undefined;
  /** @default 'desc' */
  readonly order?: BreakdownOrder | undefined;
}

export interface BreakdownRow {
  /** `null`: there is none. */
  readonly value: string | null;
  readonly numbers: ReportNumbers;
}

export interface Breakdown {
  readonly dimension: Dimension;
  readonly metrics: readonly Metric[];
  readonly rows: readonly BreakdownRow[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Numbers by the values of one dimension, 50 to a page; `rowsMax` is for those that take all rows at once. */
export async function breakDown(
  context: Context,
  workspace: Workspace,
  input: BreakdownInput,
  rowsMax?: number,
): Promise<Result<Breakdown, InvalidQuery>> {
  const problems: FieldProblems = {};
  const { from, to } = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const filters = readFilters(input.filters ?? [], problems);
  const dimension = readDimension(input.dimension);
  if (dimension === undefined) problems['dimension'] = [`must be one of ${dimensions.join(', ')}`];
  const aboutEvents =
    filters.events.length > 0 || (dimension !== undefined && !isVisitDimension(dimension));
  const wanted = readMetrics(input.metrics ?? usualMetrics(dimension), aboutEvents, problems);
  const sort = input.sort === undefined ? wanted[0] : wanted.find((name) => name === input.sort);
  if (sort === undefined && problems['metrics'] === undefined)
    problems['sort'] = ['must be one of the metrics'];
  if (dimension === 'machine' && wanted.some((metric) => metric !== 'events'))
    problems['metrics'] ??= ['can only be events of machines'];
  if (dimension === 'machine' && filters.visits.length + filters.events.length > 0)
    problems['filter'] ??= ['cannot be set for machines'];
  const order = input.order ?? 'desc';
  const page = readPage(input, 50, readBreakdownCursor, problems);
  if (!page.ok || dimension === undefined || sort === undefined) return invalidQuery(problems);

  const rows = await inReport(context, workspace, (report) =>
    count(report, { from, to }, filters, dimension, wanted),
  );
  const { offset, before } = page.value;
  const limit = rowsMax ?? page.value.limit;
  const sorted = sortRows(rows, sort, order, workspace.currency, before);
  const cut = cutPage(sorted.slice(offset, offset + limit + 1), limit, (row) =>
    toBreakdownCursor(row, sort, workspace.currency),
  );
  return ok({ dimension, metrics: wanted, rows: cut.rows, nextCursor: cut.nextCursor });
}

/** People come first; GoodAnalytics shows events where nothing is said. */
function usualMetrics(dimension: Dimension | undefined): readonly Metric[] {
  return dimension === 'machine' ? ['events'] : ['people', 'events'];
}

async function count(
  report: Report,
  window: ReportWindow,
  filters: Filters,
  dimension: Dimension,
  wanted: readonly Metric[],
): Promise<BreakdownRow[]> {
  if (dimension === 'machine')
    return (await countMachines(report, window)).map(({ value, events }) => ({
      value,
      numbers: { events },
    }));
  const [activity, conversions] = await Promise.all([
    countActivity(report, window, filters, dimension, wanted),
    countConversions(report, window, filters, dimension, wanted),
  ]);
  const values = new Set([...activity.keys(), ...conversions.keys()]);
  return [...values]
    .map((value) => ({
      value,
      numbers: reportNumbers(wanted, activity.get(value), conversions.get(value)),
    }))
    .filter(({ numbers }) => Object.values(numbers).some(saysSomething));
}

async function countActivity(
  report: Report,
  window: ReportWindow,
  filters: Filters,
  dimension: Exclude<Dimension, 'machine'>,
  wanted: readonly Metric[],
): Promise<Map<string | null, Tallied>> {
  if (wanted.every((metric) => isConversionMetric(metric) && metric !== 'conversion_rate'))
    return new Map();
  const people = wanted.includes('people') || wanted.includes('conversion_rate');
  const tally = createTally({
    grouping: { by: 'dimension', dimension },
    filters,
    window,
    people: people ? report.people : undefined,
    countsVisits: wanted.some(isVisitMetric),
  });
  const needs = {
    dimensions: visitDimensionsOf(filters, dimension),
    hits: isEventDimension(dimension) || filters.events.length > 0,
    people,
  };
  for await (const block of report.walk(window, needs)) tally.add(block);
  return new Map(tally.groups().map((group) => [group.value, group]));
}

function saysSomething(value: MetricValue): boolean {
  return typeof value === 'number' ? value !== 0 : value !== null && value.length > 0;
}

async function countConversions(
  report: Report,
  window: ReportWindow,
  filters: Filters,
  dimension: Exclude<Dimension, 'machine'>,
  wanted: readonly Metric[],
): Promise<Map<string | null, TalliedConversions>> {
  if (!wanted.some(isConversionMetric) || !isVisitDimension(dimension)) return new Map();
  const rows = await selectConversions(report, window, visitDimensionsOf(filters, dimension));
  return tallyConversions(rows, filters.visits, (row) => row.dimensions[dimension] ?? null);
}

function visitDimensionsOf(filters: Filters, dimension: Dimension): Set<VisitDimension> {
  const needed = new Set(filters.visits.map((filter) => filter.dimension));
  if (isVisitDimension(dimension)) needed.add(dimension);
  return needed;
}
