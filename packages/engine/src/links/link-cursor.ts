import { isUuid } from '../kernel/id.ts';

export const linkSorts = [
  'createdAt',
  'clicks',
  'uniqueClicks',
  'leads',
  'sales',
  'revenue',
] as const;
/** What a list of links is sorted by. Revenue is that in the workspace's currency. */
export type LinkSort = (typeof linkSorts)[number];

export const linkOrders = ['asc', 'desc'] as const;
export type LinkOrder = (typeof linkOrders)[number];

/** The last link of a page: where the next one begins. */
export interface LinkCursor {
  /** What the list is sorted by; `undefined` where that is the id alone. */
  readonly value: bigint | undefined;
  readonly id: string;
}

const bigintMax = 2n ** 63n - 1n;

/** `undefined` for what is no cursor of a list that is sorted like this. */
export function readLinkCursor(text: string, sort: LinkSort): LinkCursor | undefined {
  if (sort === 'createdAt') return isUuid(text) ? { value: undefined, id: text } : undefined;
  const [, of, digits, id] = /^([a-zA-Z]+)_(-?\d{1,19})_(.+)$/.exec(text) ?? [];
  if (of !== sort || digits === undefined || !isUuid(id)) return undefined;
  const value = BigInt(digits);
  return value > bigintMax || value < -bigintMax ? undefined : { value, id };
}

export function linkCursorOf(sort: LinkSort, { value, id }: LinkCursor): string {
  return value === undefined ? id : `${sort}_${value}_${id}`;
}
