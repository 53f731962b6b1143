import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { visitDimensions } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { addSettled, largestGroups } from './counted-paths.ts';
import type { CountedPaths } from './counted-paths.ts';
import { findEntrants } from './find-entrants.ts';
import type { FunnelQuestion } from './funnel-path-store.ts';
import { readFunnelPeriod } from './funnel-period.ts';
import { countPaths } from './funnel-report-store.ts';
import { toPathReport } from './funnel-report.ts';
import type { FunnelReport } from './funnel-report.ts';
import type { FunnelDefinition } from './funnel.ts';
import type { FunnelNotFound } from './get-funnel.ts';
import { readFunnel } from './read-funnel.ts';
import { runReport } from './report-transaction-store.ts';
import type { VisitFilter } from './visit-dimension.ts';

export interface ReportFunnelInput extends PeriodInput {
  /** Beside the funnel's own: only first steps in visits like these. */
  readonly filters?: readonly VisitFilter[] | undefined;
  /** The people by one dimension of the visit in which they entered. */
  readonly dimension?: VisitDimension | undefined;
  /** How many groups of the dimension, most people first: 1 to 100. @default 25 */
  readonly limit?: number | undefined;
}

export type ReportFunnelRefusal = ValidationRefusal | FunnelNotFound;

const groupsDefault = 25;
const groupsMax = 100;

/**
 * How far people come in a funnel, a stored one by its id or any by its definition. Who enters in the period counts,
 * once, with the attempt that got furthest, the first of several; the steps after the first may come after the period,
 * as long as the window is open.
 */
export async function reportFunnel(
  context: Context,
  workspace: Workspace,
  funnel: string | FunnelDefinition,
  input: ReportFunnelInput = {},
): Promise<Result<FunnelReport, ReportFunnelRefusal>> {
  const { dimension, limit = groupsDefault } = input;
  const read = await readFunnel(context, workspace, funnel, input.filters);
  if (!read.ok) return read;
  const errors = checkGroups(dimension, limit);
  const asked = { now: context.clock.now(), timezone: workspace.timezone };
  const { from, to } = readFunnelPeriod(input, asked, errors);
  if (Object.keys(errors).length > 0) return refuseFields(errors);

  const definition = read.value;
  const question = { workspaceId: workspace.id, definition, from, to };
  const counted = await runReport(context.database, (database) =>
    count(context, database, question, dimension),
  );
  if (!counted.ok) return counted;
  const { total } = counted.value;
  const groups = largestGroups(counted.value.groups, limit);
  const { steps, window } = definition;
  return ok({
    ...toPathReport(steps, total),
    from,
    to,
    complete: context.clock.now() >= to.getTime() + window.days * day,
    breakdown: dimension && {
      dimension,
      groups: groups.map((group) => ({ value: group.value, ...toPathReport(steps, group) })),
      others: total.people.map((people, step) =>
        groups.reduce((rest, group) => rest - (group.people[step] ?? 0), people),
      ),
    },
  });
}

/** Most people go no further than the first step; who may have is followed through the events. */
async function count(
  context: Context,
  database: Parameters<typeof countPaths>[0],
  question: FunnelQuestion,
  dimension: VisitDimension | undefined,
): Promise<CountedPaths> {
  const reading = { ...database, workspaceId: question.workspaceId };
  const entrants = await findEntrants(context, reading, question, dimension);
  if (entrants === undefined) return countPaths(database, question, dimension);
  const followed = { ...question, people: entrants.open };
  const { settled } = entrants;
  return addSettled(await countPaths(database, followed, dimension), settled, dimension);
}

function checkGroups(dimension: VisitDimension | undefined, limit: number): FieldProblems {
  const errors: FieldProblems = {};
  if (dimension !== undefined && !visitDimensions.includes(dimension))
    errors['dimension'] = [`must be one of ${visitDimensions.join(', ')}`];
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > groupsMax)
    errors['limit'] = [`must be a whole number from 1 to ${groupsMax}`];
  return errors;
}
