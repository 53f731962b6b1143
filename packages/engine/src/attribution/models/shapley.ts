import { channelsOf, creditablePaths, sharesOf, splitValue, valueOf } from './channel-credit.ts';
import type { ChannelCredit } from './channel-credit.ts';
import { coalitionsOf } from './coalition.ts';
import type { Coalition } from './coalition.ts';
import type { GroupedPath } from './path.ts';
import { rateWorths } from './rate-worths.ts';
import { sampleShapley } from './sample-shapley.ts';
import { shapleyValues } from './shapley-values.ts';
import { roundParts } from './split-amount.ts';

export interface ShapleyParameters {
  /** What channels are worth together: the conversions that need no other channel, or the rate at which those convert. */
  readonly worth: 'conversions' | 'rate';
  /** How many orders of channels are drawn where there are too many channels to look at every set of them. */
  readonly samples: number;
  readonly seed: number;
}

/** Up to here every set of channels is looked at, 4,096 of them. */
const exactChannelsMax = 12;

/**
 * Credit by the Shapley value: what a channel adds to the others, on the average over all orders in which they could
 * have joined. Neither the order of a path nor repetition counts.
 *
 * Worth `conversions` has a closed form, exact for any number of channels: every conversion and its value are shared
 * equally by the different channels of its path. Worth `rate` counts those who did not convert, too: a channel may get
 * less than nothing, value follows the conversions, and beyond 12 channels the values are sampled and the standard
 * error is stated.
 */
export function creditByShapley(
  paths: readonly GroupedPath[],
  parameters: ShapleyParameters,
): readonly ChannelCredit[] {
  const creditable = creditablePaths(paths);
  const channels = channelsOf(creditable);
  const coalitions = coalitionsOf(creditable, channels);
  return parameters.worth === 'conversions'
    ? creditEqually(channels, coalitions)
    : creditRates(channels, coalitions, parameters);
}

function creditEqually(
  channels: readonly string[],
  coalitions: readonly Coalition[],
): readonly ChannelCredit[] {
  // Value as fractions of one denominator, so that it is rounded once, at the end.
  const denominator = leastCommonMultiple(coalitions.map(({ members }) => BigInt(members.length)));
  const conversions = channels.map(() => 0);
  const values = channels.map(() => 0n);
  for (const { members, ...coalition } of coalitions) {
    const value = coalition.valueMinor * (denominator / BigInt(members.length));
    for (const member of members) {
      conversions[member] = (conversions[member] ?? 0) + coalition.conversions / members.length;
      values[member] = (values[member] ?? 0n) + value;
    }
  }
  const shares = sharesOf(conversions);
  const valuesMinor = roundParts(values, denominator);
  return channels.map((channel, index) => ({
    channel,
    share: shares[index] ?? 0,
    conversions: conversions[index] ?? 0,
    valueMinor: valuesMinor[index] ?? 0n,
  }));
}

function creditRates(
  channels: readonly string[],
  coalitions: readonly Coalition[],
  sampleSize: ShapleyParameters,
): readonly ChannelCredit[] {
  const isExact = channels.length <= exactChannelsMax;
  const { values, standardErrors } = isExact
    ? { values: shapleyValues(channels.length, rateWorths(channels.length, coalitions)) }
    : sampleShapley(channels.length, coalitions, sampleSize);
  // Values add up to the rate of all; times the people they add up to the conversions.
  const people = coalitions.reduce((total, coalition) => total + coalition.people, 0);
  const shares = sharesOf(values);
  const valuesMinor = splitValue(valueOf(coalitions), shares);
  return channels.map((channel, index) => ({
    channel,
    share: shares[index] ?? 0,
    conversions: (values[index] ?? 0) * people,
    valueMinor: valuesMinor[index] ?? 0n,
    ...(standardErrors && { standardError: (standardErrors[index] ?? 0) * people }),
  }));
}

function leastCommonMultiple(numbers: readonly bigint[]): bigint {
  return numbers.reduce((multiple, number) => {
    let divisor = multiple;
    for (let rest = number; rest > 0n;) [divisor, rest] = [rest, divisor % rest];
    return multiple * (number / divisor);
  }, 1n);
}
