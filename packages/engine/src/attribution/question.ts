import { day } from '../kernel/clock.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { dimensions } from './dimension.ts';
import type { Dimension, TouchFilter } from './dimension.ts';
import { checkGoalRules, checkLookback } from './check-attribution-settings.ts';
import { goals, lookbackDaysDefault } from './goal.ts';
import type { AttributionSettings, Goal } from './goal.ts';
import type { PathScope } from './path-scope.ts';
import { readPeriod } from '../reports/report-period.ts';
import type { FieldProblems, Period, PeriodInput } from '../reports/report-period.ts';

/** What every question about the credit of a period takes. What is left out is as the workspace has set it. */
export interface QuestionInput extends PeriodInput {
  /** Which conversions. @default ['sale'] */
  readonly goals?: readonly Goal[] | undefined;
  /** What credit is counted by. @default 'channel' */
  readonly dimension?: Dimension | undefined;
  /** Which touches count; all of the filters have to hold. */
  readonly filters?: readonly TouchFilter[] | undefined;
  readonly clickLookbackDays?: number | undefined;
  readonly viewLookbackDays?: number | undefined;
  /** How repeated conversions count, by goal. */
  readonly rules?: AttributionSettings['goals'] | undefined;
  /** As known then: only what was recorded by this time, and people as they were joined by then. @default now */
  readonly asOf?: Date | undefined;
}

/** The same, checked and complete. */
export interface Question {
  readonly scope: PathScope;
  readonly period: Period;
  readonly timezone: string;
  readonly clickLookbackMilliseconds: number;
  readonly viewLookbackMilliseconds: number;
  readonly rules: NonNullable<AttributionSettings['goals']>;
}

const filtersMax = 10;
const valuesMax = 100;

export function readQuestion(
  workspace: Pick<Workspace, 'id' | 'timezone' | 'settings'>,
  input: QuestionInput,
  now: number,
): Result<Question, ValidationRefusal> {
  const own = workspace.settings.attribution ?? {};
  const problems: FieldProblems = {};
  const { timezone, ...period } = readPeriod(
    input,
    { now, timezone: workspace.timezone },
    problems,
  );
  const errors: Record<string, readonly string[]> = problems;
  const { dimension = 'channel', filters = [], goals: wanted = ['sale'] } = input;
  if (!dimensions.includes(dimension))
    errors['dimension'] = [`must be one of ${dimensions.join(', ')}`];
  if (!isListOf(wanted, goals))
    errors['goals'] = [`must be a list of at least one of ${goals.join(', ')}`];
  Object.assign(errors, checkFilters(filters));
  const clickDays = input.clickLookbackDays ?? own.clickLookbackDays ?? lookbackDaysDefault;
  const viewDays = input.viewLookbackDays ?? own.viewLookbackDays ?? 0;
  Object.assign(errors, checkLookback(clickDays, 'clickLookbackDays'));
  Object.assign(errors, checkLookback(viewDays, 'viewLookbackDays'));
  const rules = { ...own.goals, ...input.rules };
  Object.assign(errors, checkGoalRules(rules, 'rules'));
  const asOf = input.asOf?.getTime();
  if (asOf !== undefined && Number.isNaN(asOf)) errors['asOf'] = ['must be a time'];
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  return ok({
    scope: { workspaceId: workspace.id, goals: [...new Set(wanted)], dimension, filters, asOf },
    period,
    timezone,
    clickLookbackMilliseconds: clickDays * day,
    viewLookbackMilliseconds: viewDays * day,
    rules,
  });
}

function checkFilters(filters: readonly TouchFilter[]): Record<string, readonly string[]> {
  if (!Array.isArray(filters) || filters.length > filtersMax)
    return { filters: [`must be a list of at most ${filtersMax}`] };
  const errors: Record<string, readonly string[]> = {};
  // A caller without types may hand in anything.
  for (const [index, filter] of (filters as ReadonlyArray<Partial<TouchFilter> | null>).entries()) {
    const { dimension, values, exclude = false } = filter ?? {};
    const field = `filters[${index}]`;
    if (dimension === undefined || !dimensions.includes(dimension))
      errors[`${field}.dimension`] = [`must be one of ${dimensions.join(', ')}`];
    if (typeof exclude !== 'boolean') errors[`${field}.exclude`] = ['must be true or false'];
    if (!Array.isArray(values) || values.length === 0 || values.length > valuesMax)
      errors[`${field}.values`] = [`must be a list of 1 to ${valuesMax} values`];
    else if (!values.every((value) => value === null || typeof value === 'string'))
      errors[`${field}.values`] = ['must have texts, or null for what is not known'];
  }
  return errors;
}

function isListOf<T>(list: unknown, known: readonly T[]): list is T[] {
  return Array.isArray(list) && list.length > 0 && list.every((each) => known.includes(each as T));
}
