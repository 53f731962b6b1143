import { toApiFilters } from '../report/filter.ts';
import type { Filter } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';

/** The same reports, of what came by one link. */
export function narrowToLink(report: Report, linkId: string): Report {
  return narrow(report, { dimension: 'link', value: linkId, excludes: false });
}

/** Only the clicks themselves, of all that came by a link. */
export function narrowToClicks(report: Report, linkId: string): Report {
  return narrow(
    report,
    { dimension: 'link', value: linkId, excludes: false },
    { dimension: 'event_type', value: 'link_click', excludes: false },
  );
}

function narrow(report: Report, ...filters: readonly Filter[]): Report {
  return {
    ...report,
    window: { ...report.window, filters: toApiFilters([...report.filters, ...filters])! },
  };
}
