import type { Context } from '../context.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { visitDimensions } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectPaths } from './funnel-people-store.ts';
import { readFunnelPeriod } from './funnel-period.ts';
import { findEntrants } from './find-entrants.ts';
import type { FunnelPath } from './funnel-report.ts';
import type { FunnelDefinition } from './funnel.ts';
import { readFunnel } from './read-funnel.ts';
import type { ReportFunnelRefusal } from './report-funnel.ts';
import { runReport } from './report-transaction-store.ts';
import type { VisitFilter } from './visit-dimension.ts';

export const funnelOutcomes = ['reached', 'dropped_off'] as const;
export type FunnelOutcome = (typeof funnelOutcomes)[number];

/** 50 people to a page where no `limit` is given. */
export interface FunnelPeopleInput extends PeriodInput, PageInput {
  /** From 1, the entry. */
  readonly step: number;
  /** Everybody who reached the step, or only who went no further. @default 'reached' */
  readonly outcome?: FunnelOutcome | undefined;
  readonly filters?: readonly VisitFilter[] | undefined;
  /** With {@link FunnelPeopleInput.value}: one group of the report by the same dimension. */
  readonly dimension?: VisitDimension | undefined;
  readonly value?: string | undefined;
}

export interface FunnelPeoplePage {
  readonly people: readonly FunnelPath[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The people behind a number of the report, who reached the step last first. */
export async function funnelPeople(
  context: Context,
  workspace: Workspace,
  funnel: string | FunnelDefinition,
  input: FunnelPeopleInput,
): Promise<Result<FunnelPeoplePage, ReportFunnelRefusal | InvalidQuery>> {
  const read = await readFunnel(context, workspace, funnel, input.filters);
  if (!read.ok) return read;
  const definition = read.value;
  const { step, outcome = 'reached', dimension, value } = input;
  const errors = checkQuestion(input, definition.steps.length);
  const asked = { now: context.clock.now(), timezone: workspace.timezone };
  const { from, to } = readFunnelPeriod(input, asked, errors);
  const page = readPage(input, 50, readTimeCursor, errors);
  if (!page.ok) return page;

  const { limit, offset, before } = page.value;
  const question = { workspaceId: workspace.id, definition, from, to };
  const found = await runReport(context.database, async (database) => {
    const reading = { ...database, workspaceId: workspace.id };
    // Who took the first step only is known by the hours, but not when.
    const entrants = step === 1 ? undefined : await findEntrants(context, reading, question);
    return selectPaths(
      database,
      { ...question, people: entrants?.open },
      {
        step,
        onlyDropped: outcome === 'dropped_off',
        group: dimension === undefined ? undefined : { dimension, value: value ?? '' },
        before,
        limit: limit + 1,
        offset,
      },
    );
  });
  if (!found.ok) return found;
  const { rows, nextCursor } = cutPage(found.value, limit, ({ visitorId, reachedAt }) =>
    timeCursorOf({ occurredAt: reachedAt[step - 1]!, id: visitorId }),
  );
  return ok({ people: rows, nextCursor });
}

function checkQuestion(input: FunnelPeopleInput, steps: number): FieldProblems {
  const { step, outcome, dimension, value } = input;
  const errors: FieldProblems = {};
  if (!Number.isSafeInteger(step) || step < 1 || step > steps)
    errors['step'] = [`must be a whole number from 1 to ${steps}`];
  if (outcome !== undefined && !funnelOutcomes.includes(outcome))
    errors['outcome'] = [`must be one of ${funnelOutcomes.join(', ')}`];
  if (dimension !== undefined && !visitDimensions.includes(dimension))
    errors['dimension'] = [`must be one of ${visitDimensions.join(', ')}`];
  if ((dimension === undefined) !== (value === undefined))
    errors['value'] = ['goes with dimension: both or none'];
  return errors;
}
