import { readPageNumber, readReportSearch, readText } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';

export interface EventsSearch extends ReportSearch {
  readonly q?: string;
  readonly type?: string;
  readonly page?: number;
}

export function readEventsSearch(search: Record<string, unknown>): EventsSearch {
  const q = readText(search['q']);
  const type = readText(search['type']);
  const page = readPageNumber(search['page']);
  return {
    ...readReportSearch(search),
    ...(q !== undefined && { q }),
    ...(type !== undefined && { type }),
    ...(page !== undefined && { page }),
  };
}
