import { said } from '../report/said.ts';
import { readChoice, readPageNumber, readText } from '../report/report-search.ts';

export const visitorStatuses = ['anonymous', 'identified', 'lead', 'customer'] as const;
/** How long ago somebody was seen at most, in days. */
export const seenChoices = ['1', '7', '30', '90'] as const;

export interface VisitorsSearch {
  readonly q?: string;
  readonly status?: (typeof visitorStatuses)[number];
  readonly seen?: (typeof seenChoices)[number];
  readonly channel?: string;
  readonly country?: string;
  readonly page?: number;
}

export function readVisitorsSearch(search: Record<string, unknown>): VisitorsSearch {
  const country = readText(search['country']);
  return said({
    q: readText(search['q']),
    status: readChoice(search['status'], visitorStatuses),
    // The router reads a number where there are only digits.
    seen: readChoice(String(search['seen']), seenChoices),
    channel: readText(search['channel']),
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    page: readPageNumber(search['page']),
  });
}

export const visitorTabs = [
  'timeline',
  'path',
  'visits',
  'dispatches',
  'identity',
  'privacy',
] as const;

export interface VisitorSearch {
  readonly tab?: (typeof visitorTabs)[number];
  readonly page?: number;
}

export function readVisitorSearch(search: Record<string, unknown>): VisitorSearch {
  const tab = readChoice(search['tab'], visitorTabs);
  const page = readPageNumber(search['page']);
  return {
    ...(tab !== undefined && tab !== 'timeline' && { tab }),
    ...(page !== undefined && { page }),
  };
}
