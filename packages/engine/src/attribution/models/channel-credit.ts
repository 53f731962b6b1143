import type { GroupedPath } from './path.ts';
import { splitAmount } from './split-amount.ts';

/** What a channel gets under a model that looks at all paths at once. */
export interface ChannelCredit {
  readonly channel: string;
  /** Of all conversions; the shares add up to 1. Further amounts, as of other currencies, are split by it. */
  readonly share: number;
  readonly conversions: number;
  /** The parts add up to the value of all paths that have a channel, exactly; all zero where nobody converted. */
  readonly valueMinor: bigint;
  /** Markov: the part of all conversions that would be lost without the channel. */
  readonly removalEffect?: number;
  /** Sampled Shapley: the standard error of `conversions`. */
  readonly standardError?: number;
}

/**
 * Paths that came through a channel: nothing can be credited for the others.
 *
 * @throws RangeError for counts that are negative or no numbers.
 */
export function creditablePaths(paths: readonly GroupedPath[]): readonly GroupedPath[] {
  for (const { conversions, nulls } of paths) {
    if (!(conversions >= 0 && nulls >= 0 && Number.isFinite(conversions + nulls))) {
      throw new RangeError('conversions and nulls of a path must be 0 or more');
    }
  }
  return paths.filter((path) => path.channels.length > 0);
}

/** Every channel once, in an order that does not depend on the order of the paths. */
export function channelsOf(paths: readonly GroupedPath[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => path.channels))].toSorted();
}

export function conversionsOf(paths: readonly GroupedPath[]): number {
  return paths.reduce((total, path) => total + path.conversions, 0);
}

export function valueOf(paths: ReadonlyArray<Pick<GroupedPath, 'valueMinor'>>): bigint {
  return paths.reduce((total, path) => total + path.valueMinor, 0n);
}

/** Weights as parts of 1; all zero where there is nothing to share. */
export function sharesOf(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum === 0 ? 0 : weight / sum));
}

/** Splits a value where the weights allow it; without any weight there is nobody to give it to. */
export function splitValue(valueMinor: bigint, weights: readonly number[]): readonly bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? splitAmount(valueMinor, weights) : weights.map(() => 0n);
}
