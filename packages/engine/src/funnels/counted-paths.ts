import type { VisitDimension } from '../reports/dimension.ts';
import type { PathCounts } from './funnel-report.ts';

/** How far people come, all of them and by the values of a dimension. */
export interface CountedPaths {
  readonly total: PathCounts;
  /** In no order. */
  readonly groups: readonly CountedGroup[];
}

export type CountedGroup = PathCounts & { readonly value: string };

/** Adds people who entered and came no further, by the value of the dimension; without one it is empty. */
export function addSettled(
  { total, groups }: CountedPaths,
  settled: ReadonlyMap<string, number>,
  dimension: VisitDimension | undefined,
): CountedPaths {
  const byValue = new Map(groups.map((group) => [group.value, group]));
  let all = 0;
  for (const [value, people] of settled) {
    all += people;
    const nobody = {
      people: total.people.map(() => 0),
      secondsBetween: [],
      secondsTotal: undefined,
    };
    byValue.set(value, { ...entered(byValue.get(value) ?? nobody, people), value });
  }
  return {
    total: entered(total, all),
    groups: dimension === undefined ? [] : [...byValue.values()],
  };
}

/** The groups that most people entered in. */
export function largestGroups(groups: readonly CountedGroup[], limit: number): CountedGroup[] {
  const entrants = ({ people }: CountedGroup): number => people[0] ?? 0;
  return groups
    .toSorted((one, other) => entrants(other) - entrants(one) || (one.value < other.value ? -1 : 1))
    .slice(0, limit);
}

function entered(counts: PathCounts, more: number): PathCounts {
  const [first = 0, ...further] = counts.people;
  return { ...counts, people: [first + more, ...further] };
}
