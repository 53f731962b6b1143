import { readChoice, readPageNumber, readText } from '../report/report-search.ts';

export interface VisitorsSearch {
  readonly q?: string;
  readonly page?: number;
}

export function readVisitorsSearch(search: Record<string, unknown>): VisitorsSearch {
  const q = readText(search['q']);
  const page = readPageNumber(search['page']);
  return { ...(q !== undefined && { q }), ...(page !== undefined && { page }) };
}

export const visitorTabs = ['timeline', 'path', 'visits', 'identity', 'privacy'] as const;

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
