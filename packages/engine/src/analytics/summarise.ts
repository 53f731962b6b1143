import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { noConversions, tallyConversions } from './conversion-tally.ts';
import type { TalliedConversions } from './conversion-tally.ts';
import { selectConversions } from './conversion-tally-store.ts';
import { selectConversionTotals } from './conversion-totals-store.ts';
import { readFilters } from './filter.ts';
import type { FilterInput, Filters } from './filter.ts';
import { inReport } from './in-report.ts';
import type { Report } from './in-report.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import { invalidQuery, readWindow, windowBefore } from './report-window.ts';
import type { ReportWindow } from './report-window.ts';
import { createTally } from './tally.ts';
import type { Tallied } from './tally.ts';

export interface SummaryInput extends PeriodInput {
  readonly filters?: readonly FilterInput[] | undefined;
  /** With the numbers of the same length of time right before. */
  readonly compare?: 'previous' | undefined;
}

export interface SummaryNumbers {
  /** Who did anything at all; who turned out to be one person counts once. */
  readonly people: number;
  /** Those of them who were never seen before the window. */
  readonly newPeople: number;
  /** The part of the people whom we know by name: identified at any time. */
  readonly identificationRate: number;
  readonly events: number;
  readonly pageviews: number;
  /** Visits that began in the window; absent, with all that is about them, where a filter looks at single events. */
  readonly sessions: number | undefined;
  readonly bounceRate: number | undefined;
  readonly engagedRate: number | undefined;
  readonly averageSeconds: number | undefined;
  readonly conversions: TalliedConversions | undefined;
  /** The part of the people who bought. */
  readonly conversionRate: number | undefined;
}

export interface Summary {
  readonly window: ReportWindow;
  readonly numbers: SummaryNumbers;
  readonly before: { readonly window: ReportWindow; readonly numbers: SummaryNumbers } | undefined;
}

/** The numbers of a window at a glance. */
export async function summarise(
  context: Context,
  workspace: Workspace,
  input: SummaryInput,
): Promise<Result<Summary, InvalidQuery>> {
  const problems: FieldProblems = {};
  const { from, to } = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const filters = readFilters(input.filters ?? [], problems);
  checkCompare(input.compare, problems);
  if (Object.keys(problems).length > 0) return invalidQuery(problems);
  const window = { from, to };
  return inReport(context, workspace, async (report) => {
    const numbers = await countSummary(report, window, filters);
    if (input.compare === undefined) return ok({ window, numbers, before: undefined });
    const earlier = windowBefore(window);
    const before = { window: earlier, numbers: await countSummary(report, earlier, filters) };
    return ok({ window, numbers, before });
  });
}

function checkCompare(compare: unknown, problems: FieldProblems): void {
  if (compare !== undefined && compare !== 'previous') problems['compare'] = ['must be previous'];
}

/** The numbers of one window by themselves. */
export async function countSummary(
  report: Report,
  window: ReportWindow,
  filters: Filters,
): Promise<SummaryNumbers> {
  const dimensions = new Set(filters.visits.map((filter) => filter.dimension));
  const hits = filters.events.length > 0;
  const tally = createTally({
    grouping: { by: 'nothing' },
    filters,
    window,
    people: report.people,
  });
  for await (const block of report.walk(window, { dimensions, hits, people: true }))
    tally.add(block);
  const [all] = tally.groups();
  return summaryNumbers(all!, await countConversions(report, window, filters));
}

/** Of conversions, nothing where a filter looks at single events. */
export async function countConversions(
  report: Report,
  window: ReportWindow,
  filters: Filters,
): Promise<TalliedConversions | undefined> {
  if (filters.events.length > 0) return undefined;
  if (filters.visits.length === 0) return selectConversionTotals(report, window);
  const dimensions = new Set(filters.visits.map((filter) => filter.dimension));
  const rows = await selectConversions(report, window, dimensions);
  return tallyConversions(rows, filters.visits, () => 'all').get('all') ?? noConversions;
}

export function summaryNumbers(
  all: Tallied,
  conversions: TalliedConversions | undefined,
): SummaryNumbers {
  const { people, newPeople, events, pageviews, sessions } = all;
  const ofVisits = <T>(value: T): T | undefined => (conversions === undefined ? undefined : value);
  return {
    people,
    newPeople,
    identificationRate: rate(all.identifiedPeople, people),
    events,
    pageviews,
    sessions: ofVisits(sessions),
    bounceRate: ofVisits(rate(all.bounces, sessions)),
    engagedRate: ofVisits(rate(all.engaged, sessions)),
    averageSeconds: ofVisits(rate(all.seconds, sessions)),
    conversions,
    conversionRate: conversions && rate(conversions.buyers, people),
  };
}

/** Of nothing, nothing. */
function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
