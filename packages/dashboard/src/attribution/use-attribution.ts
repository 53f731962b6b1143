import { useSearch } from '@tanstack/react-router';

import { useReport } from '../report/use-report.ts';
import type { Report } from '../report/use-report.ts';
import { defaultModels } from './attribution-search.ts';
import type { AttributionSearch } from './attribution-search.ts';

/** What the address of the view asks of the API. */
export function useAttributionQuestion() {
  const report = useReport();
  const search: AttributionSearch = useSearch({ strict: false });
  const by = search.by ?? 'channel';
  const models = search.models ?? defaultModels;
  const filters = touchFilters(report);
  const question = {
    from: report.window.from,
    to: report.window.to,
    dimension: by,
    ...(search.goals !== undefined && { goals: search.goals.join(',') }),
    ...(filters !== undefined && { filters }),
  };
  return { report, search, by, models, question };
}

/** Touches know where they came from and in which country, and nothing of pages and devices. */
function touchFilters(report: Report): string | undefined {
  const known = [
    'channel',
    'source',
    'medium',
    'campaign',
    'content',
    'term',
    'link',
    'partner',
    'referrer',
    'country',
  ];
  const all = JSON.parse(report.window.filters ?? '[]') as { dimension: string }[];
  const filters = all.filter(({ dimension }) => known.includes(dimension));
  return filters.length === 0 ? undefined : JSON.stringify(filters);
}
