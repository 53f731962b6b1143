import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { sortRows } from './breakdown-order.ts';
import type { Breakdown } from './breakdown.ts';
import { dimensions, isEventDimension, isVisitDimension, readDimension } from './dimension.ts';
import type { Dimension, EventDimension, VisitDimension } from './dimension.ts';
import { readFilters } from './filter.ts';
import type { FilterInput } from './filter.ts';
import { inReport } from './in-report.ts';
import type { Report } from './in-report.ts';
import { isConversionMetric, isVisitMetric } from './metric.ts';
import { readMetrics } from './read-metrics.ts';
import { reportNumbers } from './report-numbers.ts';
import { invalidQuery, readBuckets, readWindow, windowBefore } from './report-window.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import { countConversions, countSummary, summaryNumbers } from './summarise.ts';
import type { Summary } from './summarise.ts';
import { createTally } from './tally.ts';
import type { Grouping, Tally } from './tally.ts';
import type { TimeSeries } from './time-series.ts';

export interface OverviewInput extends PeriodInput {
  /** What is broken down, one after the other. @default ['channel', 'source', 'country', 'device_type', 'page'] */
  readonly dimensions?: readonly string[] | undefined;
  /** Of people, page views, events and visits; the first one is what rows are sorted by. @default ['people'] */
  readonly metrics?: readonly string[] | undefined;
  readonly filters?: readonly FilterInput[] | undefined;
  readonly interval?: string | undefined;
}

/** What a dashboard shows at once. */
export interface Overview {
  /** With the same length of time before. */
  readonly summary: Summary;
  readonly series: TimeSeries;
  /** The first ten rows of each. */
  readonly breakdowns: ReadonlyArray<Omit<Breakdown, 'nextCursor'>>;
}

const usual = ['channel', 'source', 'country', 'device_type', 'page'];
const rowsMax = 10;
const panelsMax = 10;

/** Several reports of one window in one pass over what happened: they cost little more than one of them. */
export async function overview(
  context: Context,
  workspace: Workspace,
  input: OverviewInput,
): Promise<Result<Overview, InvalidQuery>> {
  const problems: FieldProblems = {};
  const { timezone, ...window } = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const filters = readFilters(input.filters ?? [], problems);
  const panels = readPanels(input.dimensions ?? usual, problems);
  const aboutEvents = filters.events.length > 0 || panels.some(isEventDimension);
  const metrics = readMetrics(input.metrics ?? ['people'], aboutEvents, problems);
  if (metrics.some(isConversionMetric)) problems['metrics'] ??= ['cannot be of conversions here'];
  const buckets = readBuckets(window, { interval: input.interval, timezone }, problems);
  if (buckets === undefined || Object.keys(problems).length > 0) return invalidQuery(problems);

  const { edges, interval } = buckets;
  return inReport(context, workspace, async (report) => {
    const tallyBy = (grouping: Grouping): Tally =>
      createTally({
        grouping,
        filters,
        window,
        people: report.people,
        countsVisits: grouping.by === 'nothing' || metrics.some(isVisitMetric),
      });
    const total = tallyBy({ by: 'nothing' });
    const overTime = tallyBy({ by: 'time', edges });
    const byPanel = panels.map((dimension) => tallyBy({ by: 'dimension', dimension }));
    const needs = {
      dimensions: new Set([
        ...filters.visits.map((filter) => filter.dimension),
        ...panels.filter(isVisitDimension),
      ]),
      hits: aboutEvents,
      people: true,
    };
    const tallies = [total, overTime, ...byPanel];
    for await (const block of report.walk(window, needs, edges.slice(1, -1)))
      for (const tally of tallies) tally.add(block);
    const times = overTime.groups();
    return ok({
      summary: await compared(report, total),
      series: {
        metrics,
        interval,
        timezone,
        points: times.map((tallied, bucket) => ({
          start: new Date(edges[bucket]!),
          end: new Date(edges[bucket + 1]!),
          numbers: reportNumbers(metrics, tallied),
        })),
      },
      breakdowns: panels.map((dimension, panel) => {
        const rows = byPanel[panel]!.groups()
          .map((tallied) => ({ value: tallied.value, numbers: reportNumbers(metrics, tallied) }))
          .filter(({ numbers }) => Object.values(numbers).some((number) => number !== 0));
        const sorted = sortRows(rows, metrics[0]!, 'desc', workspace.currency, undefined);
        return { dimension, metrics, rows: sorted.slice(0, rowsMax) };
      }),
    });
  });

  async function compared(report: Report, total: Tally): Promise<Summary> {
    const numbers = summaryNumbers(
      total.groups()[0]!,
      await countConversions(report, window, filters),
    );
    const earlier = windowBefore(window);
    const before = { window: earlier, numbers: await countSummary(report, earlier, filters) };
    return { window, numbers, before };
  }
}

function readPanels(
  names: readonly string[],
  problems: FieldProblems,
): Array<VisitDimension | EventDimension> {
  const panels = names.map(readDimension).filter((panel) => panel !== undefined && isPanel(panel));
  if (panels.length !== names.length)
    problems['dimensions'] = [`must be of ${dimensions.filter(isPanel).join(', ')}`];
  else if (panels.length > panelsMax) problems['dimensions'] = [`must be at most ${panelsMax}`];
  return panels as Array<VisitDimension | EventDimension>;
}

function isPanel(dimension: Dimension): boolean {
  return dimension !== 'machine';
}
