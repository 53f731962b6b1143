import { readChoice, readPageNumber, readText } from '../report/report-search.ts';
import { said } from '../report/said.ts';

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
export const healthChoices = ['down', 'up'] as const;

export interface LinksSearch {
  readonly q?: string;
  readonly sort?: (typeof linkSorts)[number];
  readonly order?: 'asc';
  readonly type?: (typeof linkTypes)[number];
  readonly archived?: (typeof archivedChoices)[number];
  readonly tag?: string;
  readonly folder?: string;
  readonly domain?: string;
  readonly health?: (typeof healthChoices)[number];
  readonly page?: number;
}

export function readLinksSearch(search: Record<string, unknown>): LinksSearch {
  const sort = readChoice(search['sort'], linkSorts);
  const archived = readChoice(search['archived'], archivedChoices);
  const folder = readText(search['folder']);
  return said({
    q: readText(search['q']),
    sort: sort === 'created_at' ? undefined : sort,
    order: readChoice(search['order'], ['asc'] as const),
    type: readChoice(search['type'], linkTypes),
    archived: archived === 'without' ? undefined : archived,
    tag: readText(search['tag']),
    folder: folder !== undefined && /^[0-9a-f-]{36}$/.test(folder) ? folder : undefined,
    domain: readText(search['domain']),
    health: readChoice(search['health'], healthChoices),
    page: readPageNumber(search['page']),
  });
}
