import type { Coalition } from './coalition.ts';

/**
 * What every set of channels is worth as a conversion rate: of those who came through no other channel, the part that
 * converted; nothing where nobody did. One number for each set, by the sum of 1 << channel.
 */
export function rateWorths(channels: number, coalitions: readonly Coalition[]): Float64Array {
  const conversions = new Float64Array(1 << channels);
  const people = new Float64Array(1 << channels);
  for (const coalition of coalitions) {
    const set = coalition.members.reduce((bits, member) => bits | (1 << member), 0);
    conversions[set] = (conversions[set] ?? 0) + coalition.conversions;
    people[set] = (people[set] ?? 0) + coalition.people;
  }
  for (const counts of [conversions, people]) addSubsets(counts, channels);
  return people.map((count, set) => (count === 0 ? 0 : (conversions[set] ?? 0) / count));
}

/** Adds to each set the counts of all its subsets, one channel after another. */
function addSubsets(counts: Float64Array, channels: number): void {
  for (let channel = 0; channel < channels; channel += 1) {
    const bit = 1 << channel;
    for (let set = 0; set < counts.length; set += 1) {
      if (set & bit) counts[set] = (counts[set] ?? 0) + (counts[set ^ bit] ?? 0);
    }
  }
}
