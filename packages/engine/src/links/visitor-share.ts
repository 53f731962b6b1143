import { createHash } from 'node:crypto';

/**
 * Where a visitor stands between 0 and 1, the same every time, and independent between names: neither a rule and a
 * variant nor two links share their people.
 */
export function visitorShare(visitor: string, linkId: string, name: string): number {
  const digest = createHash('sha256').update(`${linkId}\0${name}\0${visitor}`).digest();
  // 48 bits, in the middle of their interval: never 0, whose logarithm does not exist, and never 1.
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * The variant that a visitor gets, by weighted rendezvous hashing: each draws an exponentially distributed number with
 * its weight as the rate, and the smallest wins. So each wins with its share, and when a weight changes only those move
 * who go to a variant that has grown, or leave one that has shrunk (J. Resch, "New Hashing Algorithms for Data
 * Storage", SNIA 2015).
 */
export function pickVariant<V extends { readonly name: string; readonly weight: number }>(
  variants: readonly V[],
  visitor: string,
  linkId: string,
): V | undefined {
  let picked: V | undefined;
  let best = Infinity;
  for (const variant of variants) {
    const score =
      -Math.log(visitorShare(visitor, linkId, `variant ${variant.name}`)) / variant.weight;
    if (score >= best) continue;
    best = score;
    picked = variant;
  }
  return picked;
}
