import { readChoice, readPageNumber, readText } from '../report/report-search.ts';

export const linkSorts = [
  'created_at',
  'clicks',
  'unique_clicks',
  'leads',
  'sales',
  'revenue',
] as const;
export const linkTypes = ['short', 'referral', 'campaign'] as const;
export const archivedChoices = ['without', 'with', 'only'] as const;

export interface LinksSearch {
  readonly q?: string;
  readonly sort?: (typeof linkSorts)[number];
  readonly order?: 'asc';
  readonly type?: (typeof linkTypes)[number];
  readonly archived?: (typeof archivedChoices)[number];
  readonly page?: number;
}

export function readLinksSearch(search: Record<string, unknown>): LinksSearch {
  const q = readText(search['q']);
  const sort = readChoice(search['sort'], linkSorts);
  const type = readChoice(search['type'], linkTypes);
  const archived = readChoice(search['archived'], archivedChoices);
  const page = readPageNumber(search['page']);
  return {
    ...(q !== undefined && { q }),
    ...(sort !== undefined && sort !== 'created_at' && { sort }),
    ...(search['order'] === 'asc' && { order: 'asc' as const }),
    ...(type !== undefined && { type }),
    ...(archived !== undefined && archived !== 'without' && { archived }),
    ...(page !== undefined && { page }),
  };
}
