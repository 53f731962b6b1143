import { readChoice, readReportSearch } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { chartMetrics } from './chart-metric.ts';
import type { ChartMetric } from './chart-metric.ts';

export interface OverviewSearch extends ReportSearch {
  readonly metric?: ChartMetric;
  /** Which list each of the panels shows, in their order. */
  readonly panels?: readonly string[];
}

export function readOverviewSearch(search: Record<string, unknown>): OverviewSearch {
  const metric = readChoice(search['metric'], chartMetrics);
  const panels = Array.isArray(search['panels'])
    ? search['panels'].filter((name) => typeof name === 'string')
    : [];
  return {
    ...readReportSearch(search),
    ...(metric !== undefined && metric !== 'people' && { metric }),
    ...(panels.length > 0 && { panels }),
  };
}
