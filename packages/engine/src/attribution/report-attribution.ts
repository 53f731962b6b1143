import type { Context } from '../context.ts';
import type { Money } from '../kernel/money.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { chooseModels } from './chosen-model.ts';
import type { ChosenModel, ModelChoice } from './chosen-model.ts';
import type { Dimension } from './dimension.ts';
import type { Goal } from './goal.ts';
import type { ParameterValues } from './models/model-definition.ts';
import { findLinkNames, groupLostPaths, sumLooseRefunds } from './path-store.ts';
import { readQuestion } from './question.ts';
import type { Question, QuestionInput } from './question.ts';
import { readAttributed } from './read-attributed.ts';
import { periodBefore } from '../reports/report-period.ts';
import { toMoney, toReportRows } from './report-rows.ts';
import type { ReportRow, ReportSort } from './report-rows.ts';
import { createTally } from './tally-credits.ts';
import type { Tally } from './tally-credits.ts';

export interface AttributionReportInput extends QuestionInput {
  /** One or several, side by side. @default ['last_non_direct'] */
  readonly models?: readonly ModelChoice[] | undefined;
  /** Beside each number that of the period before, of the same length. */
  readonly compare?: 'previous' | undefined;
  readonly sort?: ReportSort | undefined;
  /** Rows, 1 to 100,000. @default 100 */
  readonly limit?: number | undefined;
  /** @default 0 */
  readonly offset?: number | undefined;
}

/** Sums of a period. */
export interface AttributionTotals {
  readonly conversions: number;
  /** Less what was refunded. Sorted by currency. */
  readonly revenue: readonly Money[];
}

export interface AttributionReport {
  readonly from: Date;
  readonly to: Date;
  readonly timezone: string;
  /** Absent for what is known now. */
  readonly asOf: Date | undefined;
  readonly dimension: Dimension;
  readonly goals: readonly Goal[];
  readonly models: ReadonlyArray<{
    readonly key: string;
    readonly name: string;
    readonly parameters: ParameterValues;
    /** Where not, totals over the rows mean nothing. */
    readonly additive: boolean;
  }>;
  readonly totals: AttributionTotals;
  readonly previousTotals: AttributionTotals | undefined;
  /** How many rows there are on all pages. */
  readonly rowCount: number;
  readonly rows: readonly ReportRow[];
}

const limitDefault = 100;
const limitMax = 100_000;
const offsetMax = 1_000_000;

/**
 * What each channel, campaign, link … is worth, under one model or several. Computed from the touches when it is asked
 * for: any model, window and period, over the past too. A refund counts where its conversion counts.
 */
export async function reportAttribution(
  context: Context,
  workspace: Workspace,
  input: AttributionReportInput = {},
): Promise<Result<AttributionReport, ValidationRefusal>> {
  const question = readQuestion(workspace, input, context.clock.now());
  if (!question.ok) return question;
  const chosen = chooseModels(input.models, ['last_non_direct']);
  if (!chosen.ok) return chosen;
  const models = chosen.value;
  const problem = checkPage(input, models);
  if (problem !== undefined) return problem;

  const { period, scope, timezone } = question.value;
  const tally = await tallyPeriod(context, question.value, models);
  const previous =
    input.compare === undefined
      ? undefined
      : await tallyPeriod(context, { ...question.value, period: periodBefore(period) }, models);
  const rows = toReportRows({
    models,
    tally,
    previous,
    sort: input.sort ?? {},
    currency: workspace.currency,
  });
  const { limit = limitDefault, offset = 0 } = input;
  return ok({
    from: new Date(period.from),
    to: new Date(period.to),
    timezone,
    asOf: scope.asOf === undefined ? undefined : new Date(scope.asOf),
    dimension: scope.dimension,
    goals: scope.goals,
    models: models.map(({ key, model }) => ({
      key,
      name: model.name,
      parameters: model.parameters,
      additive: model.additive,
    })),
    totals: totalsOf(tally),
    previousTotals: previous && totalsOf(previous),
    rowCount: rows.length,
    rows: await labelRows(context, question.value, rows.slice(offset, offset + limit)),
  });
}

async function tallyPeriod(
  context: Context,
  question: Question,
  models: readonly ChosenModel[],
): Promise<Tally> {
  const { database } = context;
  const { scope, period } = question;
  const tally = createTally(models);
  const needsLeads = models.some(({ model }) => asksForLead(model.name, model.parameters));
  const learns = models.some(({ model }) => model.credits === 'channels');
  const lost = learns
    ? groupLostPaths(database, scope, period, question.clickLookbackMilliseconds)
    : undefined;
  // It is awaited last: a failure in between must not leave it unhandled.
  lost?.catch(() => undefined);
  for await (const page of readAttributed(context, { ...question, needsLeads })) tally.add(page);
  if (lost !== undefined) tally.addLost(await lost);
  tally.addLoose(await sumLooseRefunds(database, scope, period));
  return tally.finish();
}

/** Whether a model credits the touch that made the lead. */
export function asksForLead(name: string, parameters: ParameterValues): boolean {
  return name === 'w_shaped' || (name === 'custom' && Number(parameters['lead']) > 0);
}

async function labelRows(
  context: Context,
  { scope }: Question,
  rows: readonly ReportRow[],
): Promise<readonly ReportRow[]> {
  if (scope.dimension !== 'link') return rows;
  const ids = rows.flatMap(({ value }) => value ?? []);
  const names = await findLinkNames(context.database, scope.workspaceId, ids);
  return rows.map((row) => ({ ...row, label: names.get(row.value ?? '') }));
}

function totalsOf({ total }: Tally): AttributionTotals {
  return { conversions: total.conversions, revenue: toMoney(total.money) };
}

function checkPage(
  { limit = limitDefault, offset = 0, sort = {}, compare }: AttributionReportInput,
  models: readonly ChosenModel[],
): ValidationRefusal | undefined {
  if (!isWithin(limit, 1, limitMax))
    return refuseField('limit', 'must be a whole number from 1 to 100000');
  if (!isWithin(offset, 0, offsetMax))
    return refuseField('offset', `must be a whole number from 0 to ${offsetMax}`);
  if (compare !== undefined && compare !== 'previous')
    return refuseField('compare', 'must be previous');
  const { by = 'conversions', order = 'desc', model } = sort;
  if (!['conversions', 'revenue', 'value'].includes(by))
    return refuseFields({ sort: ['must be one of conversions, revenue, value'] });
  if (order !== 'asc' && order !== 'desc') return refuseField('order', 'must be asc or desc');
  if (model !== undefined && !models.some(({ key }) => key === model))
    return refuseFields({
      sortModel: [`must be a model of this report: ${models.map(({ key }) => key).join(', ')}`],
    });
  return undefined;
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
