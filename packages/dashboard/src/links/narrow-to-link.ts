import { toApiFilters } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';

/** The same reports, of what came by one link. */
export function narrowToLink(report: Report, linkId: string): Report {
  const own = { dimension: 'link', value: linkId, excludes: false } as const;
  return {
    ...report,
    window: { ...report.window, filters: toApiFilters([...report.filters, own])! },
  };
}
