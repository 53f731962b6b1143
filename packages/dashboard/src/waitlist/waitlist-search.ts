import { readChoice, readPageNumber } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const waitlistStatuses = ['waiting', 'invited', 'left'] as const;

export interface WaitlistSearch {
  readonly status?: (typeof waitlistStatuses)[number];
  readonly page?: number;
}

export function readWaitlistSearch(search: Record<string, unknown>): WaitlistSearch {
  return said({
    status: readChoice(search['status'], waitlistStatuses),
    page: readPageNumber(search['page']),
  });
}
