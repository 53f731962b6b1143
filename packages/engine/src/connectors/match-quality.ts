import type { Connector } from './connector.ts';
import { signalsOf } from './conversion-signals.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

export interface MatchQuality {
  /** 0 to 100: how likely the platform recognises the person. An estimate; no platform tells. */
  readonly score: number;
  /** The signals that speak for it, the strongest first. */
  readonly present: readonly string[];
  /** What would help, the strongest first. */
  readonly missing: readonly string[];
}

/**
 * What the platform will make of a conversion, estimated before it is sent. The signals count as independent chances:
 * 1 - (1 - w₁)(1 - w₂)…, so that a second one helps less than the first.
 */
export function estimateMatch(
  { matchWeights = {} }: Pick<Connector, 'matchWeights'>,
  conversion: OutgoingConversion,
): MatchQuality {
  const given = signalsOf(conversion);
  const strongestFirst = Object.entries(matchWeights).toSorted(([, a], [, b]) => b - a);
  const isPresent = ([names]: readonly [string, number]): boolean =>
    names.split('|').some((name) => given.has(name));
  const present = strongestFirst.filter(isPresent);
  const missed = present.reduce((chance, [, weight]) => chance * (1 - weight), 1);
  return {
    score: Math.round((1 - missed) * 100),
    present: present.map(([name]) => name),
    missing: strongestFirst.filter((each) => !isPresent(each)).map(([name]) => name),
  };
}
