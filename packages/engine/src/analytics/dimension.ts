/** What a visit is told apart by: where it came from, where and on what it was, where it began and ended. */
export const visitDimensions = [
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
  'region',
  'city',
  'device_type',
  'browser',
  'system',
  'in_app',
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

/** GoodAnalytics' names. */
export const dimensionAliases: Readonly<Record<string, Dimension>> = {
  os: 'system',
  source_platform: 'source',
  source_medium: 'medium',
  source_campaign: 'campaign',
};

export function isVisitDimension(dimension: Dimension): dimension is VisitDimension {
  return (visitDimensions as readonly string[]).includes(dimension);
}

export function isEventDimension(dimension: Dimension): dimension is EventDimension {
  return (eventDimensions as readonly string[]).includes(dimension);
}

/** How reports write that there is no value. */
export const notSet = '(not set)';

/** The path of a page, without query, fragment and a slash at its end: one page, however it was linked to. */
export function pathOf(url: string | null): string | null {
  if (url === null) return null;
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(url);
  const path = match === null ? /^[^?#]*/.exec(url)![0] : match[1]!;
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}
