import { createPairSet } from './number-set.ts';
import type { PairSet } from './number-set.ts';

/** Of one person beyond the first; who was in more is in a set, so that nobody's list is walked for long. */
const listedMax = 32;

/**
 * In which groups people were seen. Most of them are seen in one only, which is a number in an array. The others of a
 * person are a list, the latest first: what somebody does comes close together, so it is short and still in the
 * processor's cache, where a set of all pairs is neither. `people`: how many are expected.
 */
export function createSeenGroups(people = 0): PairSet {
  let first = new Uint32Array(Math.max(people, 1 << 16));
  /** Where a person's list begins; 0 is nowhere. */
  let head = new Uint32Array(0);
  let listed = new Uint32Array(1 << 12);
  let next = new Uint32Array(1 << 12);
  let size = 1;
  const more = createPairSet();
  return {
    add(person, group) {
      if (person >= first.length) first = grown(first, person);
      const there = first[person]!;
      if (there === group + 1) return false;
      if (there === 0) {
        first[person] = group + 1;
        return true;
      }
      if (person >= head.length) head = grown(head, first.length - 1);
      let length = 0;
      for (let at = head[person]!; at !== 0; at = next[at]!) {
        if (listed[at] === group) return false;
        length += 1;
      }
      if (length >= listedMax) return more.add(person, group);
      if (size === listed.length) {
        listed = grown(listed, size);
        next = grown(next, size);
      }
      listed[size] = group;
      next[size] = head[person]!;
      head[person] = size;
      size += 1;
      return true;
    },
  };
}

/** The same where groups come one after the other, as buckets of time do: the latest of each person says it all. */
export function createLatestGroups(people = 0): PairSet {
  let latest = new Uint32Array(Math.max(people, 1 << 16));
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
