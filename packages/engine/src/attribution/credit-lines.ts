import type { RuleModel } from './models/model-definition.ts';
import type { Path } from './models/path.ts';
import { splitAmount } from './models/split-amount.ts';

/** What takes money back: a refund, or the removal of the whole conversion. */
export interface TakenBack {
  readonly id: string;
  /** Milliseconds. */
  readonly occurredAt: number;
  /** Minor units, negative or zero. */
  readonly amountMinor: bigint;
}

/** One row of the ledger: what an amount, given or taken back, means for each touch of the path. */
export interface CreditLine {
  /** The conversion's own, or that of what took from it. */
  readonly id: string;
  readonly occurredAt: number;
  readonly amountMinor: bigint;
  /** In the order of the path. They add up to `amountMinor`, except under a model that is not additive. */
  readonly amountsMinor: readonly bigint[];
}

/**
 * The credit of a conversion as rows: first what it gave, then what was taken back, each in the order of time. A row
 * that takes back is the difference between the split of what was left before it and after it, so that after any
 * number of refunds each touch has exactly its part of what is left, to the minor unit, and nothing where nothing is.
 */
export function creditLines(
  weights: readonly number[],
  additive: boolean,
  given: TakenBack,
  taken: readonly TakenBack[],
): readonly CreditLine[] {
  const split = (amount: bigint): readonly bigint[] => splitByWeights(amount, weights, additive);
  const lines: CreditLine[] = [];
  let left = 0n;
  let before: readonly bigint[] = weights.map(() => 0n);
  for (const step of [given, ...taken.toSorted(byTime)]) {
    left += step.amountMinor;
    const after = split(left);
    lines.push({ ...step, amountsMinor: after.map((part, index) => part - (before[index] ?? 0n)) });
    before = after;
  }
  return lines;
}

/** What each touch has of an amount. */
export function splitByWeights(
  amountMinor: bigint,
  weights: readonly number[],
  additive: boolean,
): readonly bigint[] {
  if (!additive) return weights.map((weight) => (weight > 0 ? amountMinor : 0n));
  const only = onlyReceiver(weights);
  if (only !== undefined) return weights.map((_, index) => (index === only ? amountMinor : 0n));
  return amountMinor === 0n ? weights.map(() => 0n) : splitAmount(amountMinor, weights);
}

/** What a rule gives each touch; nothing where there is none. */
export function weightsOf(model: RuleModel, path: Path): readonly number[] {
  return path.touches.length === 0 ? [] : model.weigh(path);
}

/** The touch that gets all: most models of most paths have one, and then nothing needs to be rounded. */
function onlyReceiver(weights: readonly number[]): number | undefined {
  let only: number | undefined;
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue;
    if (only !== undefined) return undefined;
    only = index;
  }
  return only;
}

function byTime(a: TakenBack, b: TakenBack): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}
