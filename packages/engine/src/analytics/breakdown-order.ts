import type { BreakdownRow } from './breakdown.ts';
import type { Metric } from './metric.ts';

export type BreakdownOrder = 'asc' | 'desc';

/** Where a breakdown goes on. */
export interface BreakdownCursor {
  readonly key: number;
  readonly value: string | null;
}

/**
 * Rows by one metric, then by value; after a cursor, what comes behind it. Money sorts by the workspace's own currency,
 * what there is nothing to divide by comes last in either order.
 */
export function sortRows(
  rows: readonly BreakdownRow[],
  sort: Metric,
  order: BreakdownOrder,
  currency: string,
  after: BreakdownCursor | undefined,
): BreakdownRow[] {
  const last = order === 'desc' ? -Infinity : Infinity;
  const sign = order === 'desc' ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: keyOf(row, sort, currency) ?? last }));
  const compare = (
    one: { readonly key: number; readonly value: string | null },
    other: { readonly key: number; readonly value: string | null },
  ): number =>
    one.key === other.key ? compareValues(one.value, other.value) : sign * (one.key - other.key);
  const sorted = keyed.map(({ row, key }) => ({ row, key, value: row.value })).sort(compare);
  const rest =
    after === undefined
      ? sorted
      : sorted.filter((entry) => compare(entry, { key: after.key, value: after.value }) > 0);
  return rest.map(({ row }) => row);
}

export function toBreakdownCursor(row: BreakdownRow, sort: Metric, currency: string): string {
  const key = keyOf(row, sort, currency);
  return Buffer.from(JSON.stringify([key ?? null, row.value])).toString('base64url');
}

export function readBreakdownCursor(cursor: string): BreakdownCursor | undefined {
  try {
    const [key, value] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (typeof key !== 'number' && key !== null) return undefined;
    if (typeof value !== 'string' && value !== null) return undefined;
    return { key: key ?? Infinity, value };
  } catch {
    return undefined;
  }
}

function keyOf(row: BreakdownRow, sort: Metric, currency: string): number | undefined {
  const number = row.numbers[sort] ?? undefined;
  if (typeof number === 'number' || number === undefined) return number;
  return Number(number.find((money) => money.currency === currency)?.amountMinor ?? 0n);
}

/** By code units, as everywhere the same; no value comes last. */
function compareValues(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
