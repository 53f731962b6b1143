import type { Coalition } from './coalition.ts';

export interface ShapleyEstimate {
  readonly values: readonly number[];
  readonly standardErrors: readonly number[];
}

interface SampleSize {
  readonly samples: number;
  /** Decides which orders are drawn: the same seed gives the same answer. */
  readonly seed: number;
}

/**
 * Estimates the Shapley values of the game that `rateWorths` describes, from orders drawn at random. The values of each
 * order add up to the worth of all, so the estimates do.
 *
 * Castro, Gómez and Tejada 2009, https://doi.org/10.1016/j.cor.2008.04.004
 */
export function sampleShapley(
  channels: number,
  coalitions: readonly Coalition[],
  { samples, seed }: SampleSize,
): ShapleyEstimate {
  const random = randomFrom(seed);
  const order = Int32Array.from({ length: channels }, (_, channel) => channel);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let sample = 0; sample < samples; sample += 1) {
    shuffle(order, random);
    for (const [place, gain] of gainsAlong(order, coalitions).entries()) {
      const channel = order[place] ?? 0;
      sums[channel] = (sums[channel] ?? 0) + gain;
      squares[channel] = (squares[channel] ?? 0) + gain * gain;
    }
  }
  const values = [...sums].map((sum) => sum / samples);
  const standardErrors = values.map((mean, channel) => {
    const variance = Math.max((squares[channel] ?? 0) / samples - mean * mean, 0);
    return Math.sqrt(variance / (samples - 1));
  });
  return { values, standardErrors };
}

/** What the rate gains as the channels join one after another. A coalition counts once its last member is there. */
function gainsAlong(order: Int32Array, coalitions: readonly Coalition[]): Float64Array {
  const places = new Int32Array(order.length);
  for (const [place, channel] of order.entries()) places[channel] = place;
  const conversions = new Float64Array(order.length);
  const people = new Float64Array(order.length);
  for (const coalition of coalitions) {
    let complete = 0;
    for (const member of coalition.members) complete = Math.max(complete, places[member] ?? 0);
    conversions[complete] = (conversions[complete] ?? 0) + coalition.conversions;
    people[complete] = (people[complete] ?? 0) + coalition.people;
  }
  let converted = 0;
  let present = 0;
  let before = 0;
  return people.map((count, place) => {
    converted += conversions[place] ?? 0;
    present += count;
    const rate = present === 0 ? 0 : converted / present;
    const gain = rate - before;
    before = rate;
    return gain;
  });
}

/** Fisher and Yates. */
function shuffle(order: Int32Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
}

/** Numbers from 0 up to 1. Marsaglia 2003, "Xorshift RNGs", https://doi.org/10.18637/jss.v008.i14 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
