import { readChoice, readPageNumber } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const deliveryStatuses = ['waiting', 'delivered', 'failed'] as const;

export interface WebhooksSearch {
  readonly page?: number;
}

export interface WebhookSearch extends WebhooksSearch {
  readonly status?: (typeof deliveryStatuses)[number];
}

export function readWebhooksSearch(search: Record<string, unknown>): WebhooksSearch {
  return said({ page: readPageNumber(search['page']) });
}

export function readWebhookSearch(search: Record<string, unknown>): WebhookSearch {
  return said({
    status: readChoice(search['status'], deliveryStatuses),
    page: readPageNumber(search['page']),
  });
}
