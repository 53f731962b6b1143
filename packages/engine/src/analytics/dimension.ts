import { deviceDimensions, arrivalDimensions, findDimension } from '../reports/dimension.ts';
import { dimensionColumns } from '../reports/dimension-column.ts';

/** What a visit is told apart by here: how it came, where and on what it was, where it began and ended. */
export const visitDimensions = [
  ...arrivalDimensions,
  ...deviceDimensions,
  'entry_page',
  'exit_page',
] as const;

/** What single events are told apart by. */
export const eventDimensions = ['page', 'event_name', 'event_type'] as const;

export type VisitDimension = (typeof visitDimensions)[number];
export type EventDimension = (typeof eventDimensions)[number];
/** `machine` stands alone: machines are never people, so their events are in no other report. */
export type Dimension = VisitDimension | EventDimension | 'machine';

export const dimensions: readonly Dimension[] = [...visitDimensions, ...eventDimensions, 'machine'];

/** Where the dimensions of a visit are kept. */
export const visitColumns = {
  ...dimensionColumns,
  entry_page: ['session', 'entry_url'],
  exit_page: ['session', 'exit_url'],
} as const satisfies Record<VisitDimension, readonly ['session' | 'touch', string]>;

export function readDimension(name: string): Dimension | undefined {
  return findDimension(dimensions, name);
}

export function isVisitDimension(dimension: Dimension): dimension is VisitDimension {
  return (visitDimensions as readonly string[]).includes(dimension);
}

export function isEventDimension(dimension: Dimension): dimension is EventDimension {
  return (eventDimensions as readonly string[]).includes(dimension);
}

/** The path of a page, without query, fragment and a slash at its end: one page, however it was linked to. */
export function pathOf(url: string | null): string | null {
  if (url === null) return null;
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(url);
  const path = match === null ? /^[^?#]*/.exec(url)![0] : match[1]!;
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}

/** A value as it is kept: of a page, only its path. */
export function dimensionValue(dimension: VisitDimension, value: string | null): string | null {
  return dimension === 'entry_page' || dimension === 'exit_page' ? pathOf(value) : value;
}
