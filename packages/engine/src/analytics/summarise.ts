import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { noConversions, tallyConversions } from './conversion-tally.ts';
import type { TalliedConversions } from './conversion-tally.ts';
import { selectConversions } from './conversion-tally-store.ts';
import { readFilters } from './filter.ts';
import type { FilterInput, Filters } from './filter.ts';
import { inReport } from './in-report.ts';
import type { Report } from './in-report.ts';
import { invalidQuery, readWindow, windowBefore } from './report-window.ts';
import type { FieldProblems, ReportWindow, WindowInput } from './report-window.ts';
import { createTally } from './tally.ts';

export interface SummaryInput extends WindowInput {
  readonly filters?: readonly FilterInput[] | undefined;
  /** With the numbers of the same length of time right before. @default false */
  readonly compare?: boolean | undefined;
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
  const window = readWindow(input, problems);
  const filters = readFilters(input.filters ?? [], problems);
  if (Object.keys(problems).length > 0) return invalidQuery(problems);
  return inReport(context, workspace, async (report) => {
    const numbers = await count(report, window, filters);
    if (input.compare !== true) return ok({ window, numbers, before: undefined });
    const earlier = windowBefore(window);
    const before = { window: earlier, numbers: await count(report, earlier, filters) };
    return ok({ window, numbers, before });
  });
}

async function count(
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
  const { people, newPeople, events, pageviews, sessions } = all!;
  const numbers = {
    people,
    newPeople,
    identificationRate: rate(all!.identifiedPeople, people),
    events,
    pageviews,
  };
  if (hits)
    return {
      ...numbers,
      sessions: undefined,
      bounceRate: undefined,
      engagedRate: undefined,
      averageSeconds: undefined,
      conversions: undefined,
      conversionRate: undefined,
    };
  const rows = await selectConversions(report, window, dimensions);
  const conversions =
    tallyConversions(rows, filters.visits, () => 'all').get('all') ?? noConversions;
  return {
    ...numbers,
    sessions,
    bounceRate: rate(all!.bounces, sessions),
    engagedRate: rate(all!.engaged, sessions),
    averageSeconds: rate(all!.seconds, sessions),
    conversions,
    conversionRate: rate(conversions.buyers, people),
  };
}

/** Of nothing, nothing. */
export function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
