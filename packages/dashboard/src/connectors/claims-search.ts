import { goals } from '../attribution/attribution-search.ts';
import { readChoice, readReportSearch } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export interface ClaimsSearch extends ReportSearch {
  /** Sales where nothing is said. */
  readonly goal?: (typeof goals)[number];
}

export function readClaimsSearch(search: Record<string, unknown>): ClaimsSearch {
  const goal = readChoice(search['goal'], goals);
  return { ...readReportSearch(search), ...said({ goal: goal === 'sale' ? undefined : goal }) };
}
