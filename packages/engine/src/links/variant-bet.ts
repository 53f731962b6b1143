import type { VariantGoal } from './link-routing.ts';

/** Who converted, in the order in which it was recorded. Each person once: two of one person are no two tries. */
export interface ConvertedPerson {
  readonly variant: string;
  /** What counts for the comparison: 1 for a rate, minor units for revenue. */
  readonly value: number;
}

export interface VariantShare {
  readonly name: string;
  readonly weight: number;
}

/** What is bet at most in one try. The mean of bets is a bet, so that none has to be chosen beforehand. */
export const stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
/** A value beyond so many means counts as this many: one large sale decides nothing. In a rate all are the same. */
const cutAtMeans = { conversions: 1, revenue: 3 } as const;

/** A bet on one label against another, which goes on with each person. */
export function createBet(
  better: VariantShare,
  worse: VariantShare,
  goal: VariantGoal,
): {
  take(person: ConvertedPerson): number;
  takeAll(people: readonly ConvertedPerson[]): number;
} {
  const share = better.weight / (better.weight + worse.weight);
  // Both are between -1 and 1, and their mean, by their probabilities, is 0.
  const most = Math.max(share, 1 - share);
  const won = (1 - share) / most;
  const lost = -share / most;
  const logarithms = new Float64Array(stakes.length);
  let sum = 0;
  let seen = 0;

  function take({ variant, value }: ConvertedPerson): number {
    if (variant === better.name || variant === worse.name) {
      const worth = Math.max(0, value);
      sum += worth;
      seen += 1;
      // It may look at the value, which under the null says nothing of the label.
      const part = sum === 0 ? 0 : Math.min(1, (worth * seen) / (cutAtMeans[goal] * sum));
      const step = part * (variant === better.name ? won : lost);
      for (const [index, stake] of stakes.entries())
        logarithms[index] = (logarithms[index] ?? 0) + Math.log1p(stake * step);
    }
    return meanOf(logarithms);
  }

  return {
    take,
    takeAll(people) {
      for (const person of people) take(person);
      return meanOf(logarithms);
    },
  };
}

/** The mean of numbers by their logarithms, which may be too large themselves. */
export function meanOf(logarithms: Float64Array): number {
  let sum = 0;
  for (const logarithm of logarithms) sum += Math.exp(Math.min(logarithm, 300));
  return sum / logarithms.length;
}
