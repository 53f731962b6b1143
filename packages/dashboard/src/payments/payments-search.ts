import { readChoice, readPageNumber } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const messageStatuses = ['waiting', 'applied', 'ignored', 'failed'] as const;

export interface PaymentSourceSearch {
  readonly status?: (typeof messageStatuses)[number];
  readonly page?: number;
}

export function readPaymentSourceSearch(search: Record<string, unknown>): PaymentSourceSearch {
  return said({
    status: readChoice(search['status'], messageStatuses),
    page: readPageNumber(search['page']),
  });
}
