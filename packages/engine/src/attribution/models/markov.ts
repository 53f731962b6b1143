import {
  channelsOf,
  conversionsOf,
  creditablePaths,
  sharesOf,
  splitValue,
  valueOf,
} from './channel-credit.ts';
import type { ChannelCredit } from './channel-credit.ts';
import { eliminateStates } from './eliminate-states.ts';
import { followPeople } from './follow-people.ts';
import { markovChain } from './markov-chain.ts';
import type { GroupedPath } from './path.ts';

export interface MarkovParameters {
  /** How many touches back the next one depends on: 1 to 4. */
  readonly order: number;
  /** Whether value is shared as conversions are, or by the value that would be lost without the channel. */
  readonly weighting: 'conversions' | 'value';
}

/** Up to some so many multiplications elimination is over in a moment, whatever the chain looks like. */
const eliminationWorkMax = 1e9;

/**
 * Credit by what would be lost without a channel. Paths are read as a Markov chain of the given order, converting or
 * not; the removal effect of a channel is the part of all conversions that is gone when every state that holds the
 * channel leads nowhere. Removal effects overlap, so they are made to add up to 1 before they share the conversions.
 * Computed, not simulated.
 *
 * A channel repeated in a row stays in a path, and changes nothing at order 1.
 */
export function creditByMarkov(
  paths: readonly GroupedPath[],
  { order, weighting }: MarkovParameters,
): readonly ChannelCredit[] {
  const creditable = creditablePaths(paths);
  const channels = channelsOf(creditable);
  const chain = markovChain(creditable, channels, order);
  // Channels share the eliminations of order 1; the states of higher orders hold too many channels for that.
  const rounds = order === 1 ? 1 : channels.length;
  const isSmall = chain.followers.length ** 3 * rounds <= eliminationWorkMax;
  const passages = (isSmall ? eliminateStates : followPeople)(chain, channels.length);

  const conversions = conversionsOf(creditable);
  const shares = sharesOf(passages.map((passage) => passage.conversions));
  const valueMinor = valueOf(creditable);
  const sign = valueMinor < 0n ? -1 : 1;
  // Refunds can make it a gain to be without a channel: nothing is lost then, and it gets nothing.
  const lostValues = passages.map((passage) => Math.max(sign * passage.value, 0));
  const byValue = weighting === 'value' && lostValues.some((lost) => lost > 0);
  const values = splitValue(valueMinor, byValue ? lostValues : shares);
  return channels.map((channel, index) => {
    const share = shares[index] ?? 0;
    const passing = passages[index]?.conversions ?? 0;
    return {
      channel,
      share,
      conversions: share * conversions,
      valueMinor: values[index] ?? 0n,
      removalEffect: conversions === 0 ? 0 : passing / conversions,
    };
  });
}
