import { parseFilter, writeFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import { isDay, periodNames } from './period.ts';
import type { PeriodName } from './period.ts';

/** What the address of a report says. What is missing has its default, so that short addresses stay short. */
export interface ReportSearch {
  readonly period?: PeriodName;
  /** Days in the workspace's zone, both part of the period. They win over its name. */
  readonly from?: string;
  readonly to?: string;
  readonly filters?: readonly string[];
  readonly compare?: 'none';
}

export const defaultPeriod: PeriodName = '30d';

/** Reads what an address says; what makes no sense is as good as absent. */
export function readReportSearch(search: Record<string, unknown>): ReportSearch {
  const period = periodNames.find((name) => name === search['period']);
  const { from, to } = search;
  const filters = Array.isArray(search['filters'])
    ? search['filters'].filter(
        (text): text is string => typeof text === 'string' && parseFilter(text) !== undefined,
      )
    : [];
  return {
    ...(period !== undefined && period !== defaultPeriod && { period }),
    ...(isDay(from) && isDay(to) && from <= to && { from, to }),
    ...(filters.length > 0 && { filters }),
    ...(search['compare'] === 'none' && { compare: 'none' as const }),
  };
}

export function readFilters(search: ReportSearch): readonly Filter[] {
  return (search.filters ?? []).flatMap((text) => parseFilter(text) ?? []);
}

/** With the filter, or without it where it was there. */
export function toggleFilter(search: ReportSearch, filter: Filter): ReportSearch {
  const text = writeFilter(filter);
  const { filters = [], ...rest } = search;
  const left = filters.filter((other) => other !== text);
  if (left.length === filters.length) return { ...rest, filters: [...filters, text] };
  return left.length === 0 ? rest : { ...rest, filters: left };
}

/** A text of an address, `undefined` where it is none. */
export function readText(value: unknown): string | undefined {
  // The router reads `q=42` as a number.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** One of the choices, `undefined` where it is none of them or the default. */
export function readChoice<Choice extends string>(
  value: unknown,
  choices: readonly Choice[],
): Choice | undefined {
  return choices.find((choice) => choice === value);
}

/** The number of a page, from 1. */
export function readPageNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 1 && value <= 100_000
    ? value
    : undefined;
}
