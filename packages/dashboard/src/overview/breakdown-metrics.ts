import type { Filter, FilterDimension } from '../report/filter.ts';

export type BreakdownMetric = 'people' | 'pageviews' | 'events' | 'conversions' | 'revenue';

const eventDimensions: readonly FilterDimension[] = ['page', 'event_name', 'event_type'];

/** Single events have no conversions and no money: where one is asked about, there are people and counts. */
export function breakdownMetrics(
  dimension: FilterDimension,
  filters: readonly Filter[],
): readonly BreakdownMetric[] {
  if (dimension === 'page') return ['people', 'pageviews'];
  if (eventDimensions.includes(dimension)) return ['people', 'events'];
  if (filters.some((filter) => eventDimensions.includes(filter.dimension)))
    return ['people', 'pageviews'];
  return ['people', 'conversions', 'revenue'];
}
