/** The quantile of the normal distribution that leaves 2.5 % on each side. */
const z95 = 1.959_963_985;

/**
 * Between which rates the true one lies with 95 % confidence, when `successes` of `trials` succeeded: the score interval
 * of E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.
 * It stays within 0 and 1 and holds for few trials too. `undefined` without trials: anything is possible then.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
): { readonly low: number; readonly high: number } | undefined {
  if (trials <= 0) return undefined;
  const rate = Math.min(successes, trials) / trials;
  const square = z95 ** 2 / trials;
  const middle = (rate + square / 2) / (1 + square);
  const half =
    (z95 / (1 + square)) * Math.sqrt((rate * (1 - rate)) / trials + square / (4 * trials));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
