/** A weight counts in units of this part of all weights: fine enough for any amount, too coarse for rounding noise. */
const unitsOfWhole = 1e15;

/**
 * Splits minor units in proportion to weights, so that the parts add up to the amount exactly (see `roundParts`). A
 * negative amount gives the negated parts of the positive one, so a refund takes back what was given. A weight of zero
 * gets nothing.
 *
 * @throws RangeError for weights of which no share can be taken: their sum is zero, negative or not a number.
 */
export function splitAmount(amountMinor: bigint, weights: readonly number[]): bigint[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0 && Number.isFinite(sum)))
    throw new RangeError('weights must add up to more than 0');
  const units = weights.map((weight) => BigInt(Math.round((weight / sum) * unitsOfWhole)));
  return roundParts(
    units.map((unit) => amountMinor * unit),
    sumOf(units),
  );
}

/**
 * Rounds fractions of one positive denominator, whose sum is whole, to whole numbers of the same sum: each is rounded
 * down, and what is left goes, one each, to those that lost most by it (largest remainder); among equals, to the
 * earlier one. Negated fractions give the negated parts.
 */
export function roundParts(numerators: readonly bigint[], denominator: bigint): bigint[] {
  const sum = sumOf(numerators);
  const sign = sum === 0n ? (numerators.find((numerator) => numerator !== 0n) ?? 0n) : sum;
  if (sign < 0n) {
    const mirrored = numerators.map((numerator) => -numerator);
    return roundParts(mirrored, denominator).map((part) => -part);
  }
  const parts = numerators.map((numerator) => floorDivide(numerator, denominator));
  const lost = numerators.map((numerator, index) => numerator - (parts[index] ?? 0n) * denominator);
  const left = Number(sum / denominator - sumOf(parts));
  const neediest = [...lost.keys()].toSorted((a, b) => compare(lost[b], lost[a]) || a - b);
  for (const index of neediest.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** Rounds towards minus infinity: a Shapley value may be negative where the sum is not. */
function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

function compare(a = 0n, b = 0n): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
