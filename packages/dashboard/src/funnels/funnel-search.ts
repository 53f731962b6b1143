import { readChoice, readReportSearch } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';

export const funnelBreakdowns = [
  'channel',
  'source',
  'medium',
  'campaign',
  'country',
  'device_type',
  'browser',
  'system',
] as const;

export interface FunnelSearch extends ReportSearch {
  readonly by?: (typeof funnelBreakdowns)[number];
}

export function readFunnelSearch(search: Record<string, unknown>): FunnelSearch {
  const by = readChoice(search['by'], funnelBreakdowns);
  return { ...readReportSearch(search), ...(by !== undefined && { by }) };
}
