/**
 * The Shapley values of a game of n players: what each adds to the players who came before, on the average over all
 * n! orders. A coalition is the sum of 1 << player, and `worths` has one number for each, the empty one first.
 *
 * Shapley 1953, "A value for n-person games", https://doi.org/10.1515/9781400881970-018
 */
export function shapleyValues(players: number, worths: Float64Array): number[] {
  const likelihoods = likelihoodsBySize(players);
  const values = Array.from({ length: players }, () => 0);
  for (let coalition = 0; coalition < worths.length; coalition += 1) {
    const likelihood = likelihoods[sizeOf(coalition)] ?? 0;
    const worth = worths[coalition] ?? 0;
    for (let player = 0; player < players; player += 1) {
      const joined = coalition | (1 << player);
      if (joined === coalition) continue;
      values[player] = (values[player] ?? 0) + likelihood * ((worths[joined] ?? 0) - worth);
    }
  }
  return values;
}

/** How likely it is that just a given coalition of each size came before a given player: s!(n−s−1)!/n!. */
function likelihoodsBySize(players: number): number[] {
  const likelihoods = [1 / players];
  for (let size = 1; size < players; size += 1) {
    likelihoods.push(((likelihoods[size - 1] ?? 0) * size) / (players - size));
  }
  return likelihoods;
}

function sizeOf(coalition: number): number {
  let size = 0;
  for (let rest = coalition; rest > 0; rest >>>= 1) size += rest & 1;
  return size;
}
