import { isDay } from '../report/period.ts';
import { readChoice, readReportSearch } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { modelNames } from './model-names.ts';
import type { ModelName } from './model-names.ts';

export const attributionDimensions = [
  'channel',
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'link',
  'partner',
  'referrer',
  'invitation',
  'country',
] as const;

export const goals = ['sale', 'lead', 'registration'] as const;

export interface AttributionSearch extends ReportSearch {
  readonly by?: (typeof attributionDimensions)[number];
  readonly models?: readonly ModelName[];
  readonly goals?: ReadonlyArray<(typeof goals)[number]>;
  readonly show?: 'conversions';
  /** A day: what is known now stands beside what was known when it began. */
  readonly since?: string;
  readonly page?: number;
}

export const defaultModels: readonly ModelName[] = [
  'first_touch',
  'last_non_direct',
  'linear',
  'markov',
];

export function readAttributionSearch(search: Record<string, unknown>): AttributionSearch {
  const by = readChoice(search['by'], attributionDimensions);
  const models = readList(search['models'], modelNames);
  const chosenGoals = readList(search['goals'], goals);
  return {
    ...readReportSearch(search),
    ...(by !== undefined && by !== 'channel' && { by }),
    ...(models.length > 0 && { models }),
    ...(chosenGoals.length > 0 && { goals: chosenGoals }),
    ...(search['show'] === 'conversions' && { show: 'conversions' as const }),
    ...(isDay(search['since']) && { since: search['since'] }),
  };
}

function readList<Choice extends string>(value: unknown, choices: readonly Choice[]): Choice[] {
  return Array.isArray(value) ? choices.filter((choice) => value.includes(choice)) : [];
}
