import type { GroupedPath } from './path.ts';

/** The people who came through the same channels, in whatever order and however often. */
export interface Coalition {
  /** Channels by their index, ascending. */
  readonly members: readonly number[];
  readonly conversions: number;
  readonly people: number;
  readonly valueMinor: bigint;
}

export function coalitionsOf(
  paths: readonly GroupedPath[],
  channels: readonly string[],
): readonly Coalition[] {
  const indexes = new Map(channels.map((channel, index) => [channel, index]));
  const coalitions = new Map<string, Coalition>();
  for (const path of paths) {
    const members = [...new Set(path.channels)]
      .map((channel) => indexes.get(channel) ?? -1)
      .toSorted((a, b) => a - b);
    const key = members.join(' ');
    const known = coalitions.get(key);
    coalitions.set(key, {
      members,
      conversions: (known?.conversions ?? 0) + path.conversions,
      people: (known?.people ?? 0) + path.conversions + path.nulls,
      valueMinor: (known?.valueMinor ?? 0n) + path.valueMinor,
    });
  }
  return [...coalitions.values()];
}
