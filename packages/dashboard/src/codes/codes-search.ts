import { readPageNumber, readText } from '../report/report-search.ts';

export interface CodesSearch {
  readonly q?: string;
  readonly page?: number;
}

export function readCodesSearch(search: Record<string, unknown>): CodesSearch {
  const q = readText(search['q']);
  const page = readPageNumber(search['page']);
  return { ...(q !== undefined && { q }), ...(page !== undefined && { page }) };
}
