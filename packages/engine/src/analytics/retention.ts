import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { nobody } from './activity-block.ts';
import type { ActivityBlock } from './activity-block.ts';
import { createVisitFilter, readFilters } from './filter.ts';
import type { FilterInput } from './filter.ts';
import { createSeenGroups } from './seen-groups.ts';
import { inReport } from './in-report.ts';
import { numberPeople } from './tally.ts';
import { invalidQuery, readBuckets, readWindow } from './report-window.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';

/** Weeks begin on Mondays. */
export interface RetentionInput extends PeriodInput {
  readonly filters?: readonly FilterInput[] | undefined;
}

export interface Retention {
  readonly timezone: string;
  /** By the week in which people were first seen, in the order of time. */
  readonly cohorts: ReadonlyArray<{
    readonly start: Date;
    readonly end: Date;
    /** How many of them did anything, in the same week and in each of those after it. */
    readonly people: readonly number[];
  }>;
}

const weeksMax = 106;

/** Of the people that were new in each week of a window, how many came back in each week after. */
export async function retention(
  context: Context,
  workspace: Workspace,
  input: RetentionInput,
): Promise<Result<Retention, InvalidQuery>> {
  const problems: FieldProblems = {};
  const { timezone, ...window } = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const filters = readFilters(input.filters ?? [], problems);
  if (filters.events.length > 0) problems['filter'] ??= ['cannot be on pages or events here'];
  const buckets = readBuckets(window, { interval: '1w', timezone }, problems);
  if (buckets !== undefined && buckets.edges.length - 1 > weeksMax)
    problems['from'] ??= [`must be at most ${weeksMax} weeks before to`];
  if (buckets === undefined || Object.keys(problems).length > 0) return invalidQuery(problems);

  const { edges } = buckets;
  const cohorts = edges
    .slice(0, -1)
    .map((_, cohort) => Array.from({ length: edges.length - 1 - cohort }, () => 0));
  const seen = createSeenGroups();
  const pass = createVisitFilter(filters.visits);
  const needs = {
    dimensions: new Set(filters.visits.map((filter) => filter.dimension)),
    hits: false,
    people: true,
  };
  await inReport(context, workspace, async (report) => {
    for await (const block of report.walk(window, needs, edges.slice(1, -1)))
      add(block, pass(block), numberPeople(block.people, report.people));
  });
  return ok({
    timezone,
    cohorts: cohorts.map((people, cohort) => ({
      start: new Date(edges[cohort]!),
      end: new Date(edges[cohort + 1]!),
      people,
    })),
  });

  function add(block: ActivityBlock, passed: Uint8Array | undefined, numbers: Uint32Array): void {
    const { activity, people, startsAt, slotLength } = block;
    const cohortOf = Int32Array.from(people.firstSeen, (seconds) => weekOf(seconds * 1_000));
    for (let at = 0; at < activity.count; at += 1) {
      const person = activity.person[at]!;
      if (person === nobody || passed?.[activity.visit[at]!] === 0) continue;
      const cohort = cohortOf[person]!;
      if (cohort < 0) continue;
      const week = weekOf(startsAt + activity.slot[at]! * slotLength);
      if (week >= cohort && seen.add(numbers[person]!, week)) cohorts[cohort]![week - cohort]! += 1;
    }
  }

  /** Before the first week: -1. The window may begin within a week, whose cohort then begins with it. */
  function weekOf(time: number): number {
    if (time < window.from) return -1;
    return edges.findLastIndex((edge, index) => index < edges.length - 1 && edge <= time);
  }
}
