export type RowId = 'redirect' | 'redirect-links' | 'redirect-new' | 'beacon' | 'batch';

/** One line of the comparison. Floors and goals: what the design promises on two cores. */
export interface Row {
  readonly id: RowId;
  readonly title: string;
  readonly connections: number;
  readonly eventsPerRequest: number;
  /** Events for each second. */
  readonly floor: { readonly PostgreSQL?: number; readonly PGlite?: number };
  readonly p99Max?: { readonly PostgreSQL?: number };
}

export const rows: readonly Row[] = [
  {
    id: 'redirect',
    title: 'redirect, click committed first, known visitors',
    connections: 50,
    eventsPerRequest: 1,
    floor: { PostgreSQL: 15_000, PGlite: 7_000 },
    p99Max: { PostgreSQL: 15 },
  },
  {
    id: 'redirect-links',
    title: 'the same on 1,000 links in turn',
    connections: 50,
    eventsPerRequest: 1,
    floor: {},
  },
  {
    id: 'redirect-new',
    title: 'redirect, every click a new visitor',
    connections: 50,
    eventsPerRequest: 1,
    floor: {},
  },
  {
    id: 'beacon',
    title: 'page view, one beacon per request, committed first',
    connections: 50,
    eventsPerRequest: 1,
    floor: { PostgreSQL: 12_000 },
  },
  {
    id: 'batch',
    title: 'events in batches of 100 over REST, committed first',
    connections: 10,
    eventsPerRequest: 100,
    floor: { PostgreSQL: 40_000 },
  },
];
