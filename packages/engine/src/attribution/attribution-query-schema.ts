import * as z from 'zod';

import { exportFormats } from '../http/export-stream.ts';
import { instant, queryInteger, text, uuid } from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import { filterQuery, periodQuery, toFilters } from '../reports/report-schema.ts';
import { goalRules, toGoalRules } from './attribution-settings-schema.ts';
import { readModelList } from './chosen-model.ts';
import { dimensions } from './dimension.ts';
import { goals, isGoal, lookbackDaysMax } from './goal.ts';
import type { Goal } from './goal.ts';
import type { QuestionInput } from './question.ts';
import type { AttributionReportInput } from './report-attribution.ts';

const lookbackMessage = `must be a number of days from 0 to ${lookbackDaysMax}`;
const lookbackDays = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,6})?$/, { error: lookbackMessage })
  .transform(Number)
  .optional();

const models = text(2_000)
  .transform((list, check) => {
    const read = readModelList(list);
    if (read.ok) return read.value;
    check.addIssue({ code: 'custom', message: read.errors?.['models']?.[0] ?? read.message });
    return z.NEVER;
  })
  .optional()
  .meta({
    type: 'string',
    description:
      'Names of models, separated by commas; parameters in brackets, separated by semicolons',
    example: 'first_touch,last_non_direct,time_decay(half_life_days=14)',
  });

const goalList = text(100)
  .transform((list, check): Goal[] => {
    const wanted = list.split(',').map((each) => each.trim());
    if (wanted.every(isGoal)) return wanted;
    check.addIssue({ code: 'custom', message: `must be a list of ${goals.join(', ')}` });
    return z.NEVER;
  })
  .optional()
  .meta({ type: 'string', description: 'Which conversions count', default: 'sale' });

/** JSON as the value of a parameter. */
function jsonText<Schema extends z.ZodType>(schema: Schema, description: string, example: string) {
  return text(8_192)
    .transform((value, check): unknown => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        check.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema)
    .optional()
    .meta({ type: 'string', description, example });
}

const windows = {
  click_lookback_days: lookbackDays.meta({
    type: 'number',
    description: "How far back a touch may lie. Without it as the workspace's settings say",
  }),
  view_lookback_days: lookbackDays.meta({ type: 'number', description: 'The same for views' }),
  rules: jsonText(
    goalRules,
    'How repeated conversions count, by goal, as JSON. Without it as the settings say',
    '{"sale":{"count":"first"}}',
  ),
};

const question = {
  ...periodQuery,
  goals: goalList,
  dimension: z.enum(dimensions).optional().meta({ default: 'channel' }),
  ...filterQuery(dimensions),
  ...windows,
  as_of: instant.optional().meta({
    description: 'As known then: what was recorded by this time, and people as they were joined',
  }),
};

const format = z.enum(exportFormats).optional().meta({ default: 'json' });

export const conversionParams = z.object({ id: uuid });

export const reportQuery = z.strictObject({
  ...question,
  models,
  compare: z.enum(['previous', 'none']).optional().meta({
    default: 'none',
    description: 'Beside each number that of the period before, of the same length',
  }),
  sort: z.enum(['conversions', 'revenue', 'value']).optional().meta({ default: 'conversions' }),
  order: z.enum(['asc', 'desc']).optional(),
  sort_model: text(200).optional().meta({
    description: 'The model whose numbers the order goes by. Without it the first',
  }),
  limit: queryInteger({ min: 1, max: 1_000, default: 100 }),
  offset: queryInteger({ min: 0, max: 1_000_000, default: 0 }),
  format: format.meta({ description: 'CSV and NDJSON have every row' }),
});

export const pathsQuery = z.strictObject({
  ...question,
  repeats: z.enum(['each', 'once']).optional().meta({
    description: 'Whether the same value several times in a row is one step of a path',
    default: 'each',
  }),
  limit: queryInteger({ min: 1, max: 1_000, default: 50 }),
  offset: queryInteger({ min: 0, max: 1_000_000, default: 0 }),
});

export const pathsExportQuery = pathsQuery
  .omit({ limit: true, offset: true })
  .extend({ format: z.enum(['csv', 'ndjson']).default('csv') });

export const creditsQuery = z.strictObject({
  ...question,
  models,
  format: z.enum(['csv', 'ndjson']).optional().meta({ default: 'ndjson' }),
});

export const visitorCreditsQuery = z.strictObject({ models, goals: goalList, ...windows });

export const explainConversionQuery = z.strictObject({ models, ...windows, as_of: question.as_of });

type Windows = Pick<
  z.output<typeof reportQuery>,
  'click_lookback_days' | 'view_lookback_days' | 'rules'
>;

export function toWindows(query: Windows) {
  return given({
    clickLookbackDays: query.click_lookback_days,
    viewLookbackDays: query.view_lookback_days,
    rules: query.rules && toGoalRules(query.rules),
  });
}

export function toQuestionInput(
  query: Pick<z.output<typeof reportQuery>, keyof typeof question>,
): QuestionInput {
  const { from, to, days, timezone, dimension, goals: wanted, as_of: asOf } = query;
  return {
    ...given({ from, to, days, timezone, dimension, goals: wanted, asOf }),
    filters: toFilters(query),
    ...toWindows(query),
  };
}

export function toReportInput(query: z.output<typeof reportQuery>): AttributionReportInput {
  const { sort, order, sort_model: model, compare, limit, offset } = query;
  const isExport = query.format !== undefined && query.format !== 'json';
  return {
    ...toQuestionInput(query),
    ...given({ models: query.models }),
    ...(compare === 'previous' && { compare }),
    sort: given({ by: sort, order, model }),
    ...(isExport ? { limit: 100_000, offset: 0 } : { limit, offset }),
  };
}
