/** What reports can be narrowed by, and how the addresses of the dashboard write it. */
export const filterDimensions = [
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
  'language',
  'entry_page',
  'exit_page',
  'page',
  'event_name',
  'event_type',
] as const;

export type FilterDimension = (typeof filterDimensions)[number];

export interface Filter {
  readonly dimension: FilterDimension;
  /** `null` is where there is none. */
  readonly value: string | null;
  readonly excludes: boolean;
}

/** How reports name that there is no value. */
export const notSet = '(not set)';

/** `channel:Email`, or `channel!:Email` for everything else. */
export function writeFilter({ dimension, value, excludes }: Filter): string {
  return `${dimension}${excludes ? '!' : ''}:${value ?? notSet}`;
}

/** What is no filter is `undefined`: addresses are typed by people too. */
export function parseFilter(text: string): Filter | undefined {
  const [, dimension = '', exclusion, value = ''] = /^(\w+)(!?):(.*)$/s.exec(text) ?? [];
  if (!isFilterDimension(dimension) || value === '') return undefined;
  return { dimension, value: value === notSet ? null : value, excludes: exclusion === '!' };
}

export function isFilterDimension(text: string): text is FilterDimension {
  return (filterDimensions as readonly string[]).includes(text);
}

/** As the API takes them: values of one dimension are alternatives, dimensions all hold. */
export function toApiFilters(filters: readonly Filter[]): string | undefined {
  if (filters.length === 0) return undefined;
  const groups = new Map<
    string,
    { dimension: string; values: (string | null)[]; exclude?: true }
  >();
  for (const { dimension, value, excludes } of filters) {
    const key = `${dimension}${excludes}`;
    const group = groups.get(key) ?? {
      dimension,
      values: [],
      ...(excludes && { exclude: true as const }),
    };
    group.values.push(value);
    groups.set(key, group);
  }
  return JSON.stringify([...groups.values()]);
}
