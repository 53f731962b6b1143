import type { VariantGoal } from './link-routing.ts';
import { createBet, meanOf, stakes } from './variant-bet.ts';
import type { ConvertedPerson, VariantShare } from './variant-bet.ts';

export interface Comparison {
  readonly better: string;
  readonly worse: string;
  /** How much the data speak for it: what a bet of 1 against "they are the same" would have become. */
  readonly eValue: number;
}

/** A winner that is named for nothing, among variants that are the same: in at most this share of tests. */
const falseWinnersMax = 0.05;
/** The same for a split that is said not to match. */
const falseMismatchesMax = 0.01;

/**
 * Compares variants by those who converted. Under "they are the same" each of them carries a label that says nothing:
 * one of two variants with the probability that their weights say. Betting on labels is then a game in which nobody wins
 * on average (a test martingale), and a capital of 1/α is reached with a probability of at most α, however often
 * one looks (Ville 1939; Waudby-Smith and Ramdas, JRSS B 86, 2024). That holds exactly, for few conversions, for late
 * ones, and for revenue of any distribution; what is bet is in proportion to the value, cut at some means.
 */
export function compareVariants(
  variants: readonly VariantShare[],
  people: readonly ConvertedPerson[],
  goal: VariantGoal,
): readonly Comparison[] {
  return variants.flatMap((better) =>
    variants
      .filter((worse) => worse !== better)
      .map((worse) => ({
        better: better.name,
        worse: worse.name,
        eValue: createBet(better, worse, goal).takeAll(people),
      })),
  );
}

/** What the evidence for each of the ordered pairs has to reach, so that all together err as seldom as promised. */
export function winnerThreshold(variants: number): number {
  return (variants * (variants - 1)) / falseWinnersMax;
}

/** The variant that is better than every other one, if the data say so of one. */
export function findWinner(
  variants: readonly VariantShare[],
  comparisons: readonly Comparison[],
): string | undefined {
  const threshold = winnerThreshold(variants.length);
  return variants.find(
    ({ name }) =>
      variants.length > 1 &&
      comparisons.every(({ better, eValue }) => better !== name || eValue >= threshold),
  )?.name;
}

export interface SplitCheck {
  /** Whether people came to the variants as their weights say. */
  readonly matches: boolean;
  readonly eValue: number;
  readonly threshold: number;
}

/**
 * Whether the split can be believed: each person of the test is one of a variant with the probability of its weight, or
 * something loses or adds some. By the same bets, on each variant and against it.
 */
export function checkSplit(
  variants: readonly (VariantShare & { readonly people: number })[],
): SplitCheck {
  const weights = variants.reduce((sum, { weight }) => sum + weight, 0);
  const people = variants.reduce((sum, variant) => sum + variant.people, 0);
  const threshold = (2 * variants.length) / falseMismatchesMax;
  const eValues = variants.flatMap((variant) => {
    const share = variant.weight / weights;
    const most = Math.max(share, 1 - share);
    return [1, -1].map((side) =>
      meanOf(
        Float64Array.from(
          stakes,
          (stake) =>
            variant.people * Math.log1p((side * stake * (1 - share)) / most) +
            (people - variant.people) * Math.log1p((-side * stake * share) / most),
        ),
      ),
    );
  });
  const eValue = Math.max(0, ...eValues);
  return { matches: eValue < threshold, eValue, threshold };
}
