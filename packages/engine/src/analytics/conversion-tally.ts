import type { Money } from '../kernel/money.ts';
import type { CountedConversion } from './conversion-tally-store.ts';
import type { VisitDimension } from './dimension.ts';
import type { Filter } from './filter.ts';

/** What was removed and refunded is subtracted when that happened, so numbers of a window may be negative. */
export interface TalliedConversions {
  readonly conversions: number;
  readonly leads: number;
  readonly sales: number;
  /** People who bought, each once; not those whose sales were all removed again, as far as the window shows. */
  readonly buyers: number;
  /** By currency, in the order of their codes. */
  readonly revenue: readonly Money[];
}

export const noConversions: TalliedConversions = {
  conversions: 0,
  leads: 0,
  sales: 0,
  buyers: 0,
  revenue: [],
};

/** Counts conversions together by what `groupOf` gives; those that the filters leave out are not counted. */
export function tallyConversions<Group>(
  conversions: readonly CountedConversion[],
  filters: ReadonlyArray<Filter<VisitDimension>>,
  groupOf: (conversion: CountedConversion) => Group,
): Map<Group, TalliedConversions> {
  const passed = conversions.filter((conversion) =>
    filters.every(
      ({ dimension, values, excludes }) =>
        values.has(conversion.dimensions[dimension] ?? null) !== excludes,
    ),
  );
  return new Map(
    [...Map.groupBy(passed, groupOf)].map(([group, members]) => [group, tallyGroup(members)]),
  );
}

function tallyGroup(conversions: readonly CountedConversion[]): TalliedConversions {
  const removed = new Set<string | undefined>();
  for (const { counts, reversesId } of conversions) if (counts === -1) removed.add(reversesId);
  const buyers = new Set<string>();
  const sums = new Map<string, bigint>();
  const total = { conversions: 0, leads: 0, sales: 0 };
  for (const { id, goal, counts, personId, amountMinor, currency } of conversions) {
    total.conversions += counts;
    if (goal === 'lead') total.leads += counts;
    if (goal !== 'sale') continue;
    total.sales += counts;
    if (personId !== undefined && !removed.has(id)) buyers.add(personId);
    if (amountMinor !== undefined && currency !== undefined)
      sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  }
  return {
    ...total,
    buyers: buyers.size,
    revenue: [...sums]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, amountMinor]) => ({ currency, amountMinor })),
  };
}
