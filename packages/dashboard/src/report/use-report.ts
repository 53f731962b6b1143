import { useMemo } from 'react';

import { useNavigate, useSearch } from '@tanstack/react-router';

import { useNow } from '../app/use-now.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { toApiFilters } from './filter.ts';
import type { Filter } from './filter.ts';
import { namedPeriod, periodBefore, periodOfDays } from './period.ts';
import type { Period } from './period.ts';
import { defaultPeriod, readFilters, toggleFilter } from './report-search.ts';
import type { ReportSearch } from './report-search.ts';

/** What the reports of a view are about, as its address says, and how to change that. */
export interface Report {
  readonly search: ReportSearch;
  readonly zone: string;
  readonly period: Period;
  readonly before: { readonly from: string; readonly to: string };
  readonly filters: readonly Filter[];
  readonly compares: boolean;
  /** What every report of the API takes. */
  readonly window: { readonly from: string; readonly to: string; readonly filters?: string };
  change(search: Partial<ReportSearch>): void;
  toggle(filter: Filter): void;
}

export function useReport(): Report {
  const search: ReportSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const { timezone: zone } = useWorkspace();
  // A view that stays open goes on with the next hour.
  const now = useNow(60_000);
  const hour = Math.floor(now / 3_600_000);

  return useMemo(() => {
    const period =
      search.from !== undefined && search.to !== undefined
        ? periodOfDays(search.from, search.to, zone)
        : namedPeriod(search.period ?? defaultPeriod, new Date(hour * 3_600_000), zone);
    const filters = readFilters(search);
    const apiFilters = toApiFilters(filters);
    const before = periodBefore(period);
    const go = (next: ReportSearch): void => {
      void navigate({
        to: '.',
        search: (all: object) => withoutAbsent({ ...all, ...next }),
      } as never);
    };
    return {
      search,
      zone,
      period,
      before: { from: before.from.toISOString(), to: before.to.toISOString() },
      filters,
      compares: search.compare !== 'none',
      window: {
        from: period.from.toISOString(),
        to: period.to.toISOString(),
        ...(apiFilters !== undefined && { filters: apiFilters }),
      },
      change: (next) => go(next),
      toggle: (filter) =>
        go({ filters: undefined, ...toggleFilter(search, filter) } as ReportSearch),
    };
  }, [search, zone, hour, navigate]);
}

function withoutAbsent(search: object): object {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}
