import { readPageNumber, readText } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export interface ReferralsSearch {
  readonly referrer?: string;
  readonly referee?: string;
  readonly page?: number;
}

export function readReferralsSearch(search: Record<string, unknown>): ReferralsSearch {
  return said({
    referrer: readText(search['referrer']),
    referee: readText(search['referee']),
    page: readPageNumber(search['page']),
  });
}
