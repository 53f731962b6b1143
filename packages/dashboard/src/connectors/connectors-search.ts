import { readChoice, readPageNumber, readReportSearch, readText } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const dispatchStatuses = ['pending', 'sending', 'delivered', 'failed', 'skipped'] as const;

export interface DispatchesSearch extends ReportSearch {
  readonly connector?: string;
  readonly status?: (typeof dispatchStatuses)[number];
  readonly reason?: string;
  /** The id of the conversion. */
  readonly event?: string;
  readonly page?: number;
}

export function readDispatchesSearch(search: Record<string, unknown>): DispatchesSearch {
  return {
    ...readReportSearch(search),
    ...said({
      connector: readText(search['connector']),
      status: readChoice(search['status'], dispatchStatuses),
      reason: readText(search['reason']),
      event: readText(search['event']),
      page: readPageNumber(search['page']),
    }),
  };
}
