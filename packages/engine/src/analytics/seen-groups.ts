import { createPairSet } from './number-set.ts';
import type { PairSet } from './number-set.ts';

/**
 * In which groups people were seen. Most of them are seen in one only, which is a number in an array; a set holds the
 * rest.
 */
export function createSeenGroups(): PairSet {
  const more = createPairSet();
  let first = new Uint32Array(1 << 16);
  return {
    add(person, group) {
      if (person >= first.length) first = grown(first, person);
      const there = first[person]!;
      if (there === group + 1) return false;
      if (there !== 0) return more.add(person, group);
      first[person] = group + 1;
      return true;
    },
  };
}

/** The same where groups come one after the other, as buckets of time do: the latest of each person says it all. */
export function createLatestGroups(): PairSet {
  let latest = new Uint32Array(1 << 16);
  return {
    add(person, group) {
      if (person >= latest.length) latest = grown(latest, person);
      if (latest[person] === group + 1) return false;
      latest[person] = group + 1;
      return true;
    },
  };
}

function grown(array: Uint32Array, index: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(Math.max(array.length * 2, index + 1));
  more.set(array);
  return more;
}
