/** Counts by name, of a bounded number of names: what a log calls itself is up to whoever asked the server. */
export interface Tally {
  add(name: string): void;
  /** The most frequent first, those of one count by name. */
  entries(): Array<{ readonly name: string; readonly count: number }>;
  /** What was counted under names for which there was no room. */
  readonly others: number;
}

export function createTally(namesMax = 1_000): Tally {
  const counts = new Map<string, number>();
  let others = 0;
  return {
    add(name) {
      const count = counts.get(name);
      if (count !== undefined) counts.set(name, count + 1);
      else if (counts.size < namesMax) counts.set(name, 1);
      else others += 1;
    },
    entries: () =>
      [...counts]
        .map(([name, count]) => ({ name, count }))
        .sort((left, right) => right.count - left.count || (left.name < right.name ? -1 : 1)),
    get others() {
      return others;
    },
  };
}
