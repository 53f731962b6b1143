import type { RuleModel } from './model-definition.ts';
import type { Path } from './path.ts';
import { splitAmount } from './split-amount.ts';

export interface TouchCredit {
  readonly touchId: string;
  readonly channel: string;
  /** The part of the conversion: the weights add up to 1, except under participation. */
  readonly weight: number;
  readonly amountMinor: bigint;
}

/**
 * What each touch of a path gets of its conversion, in the order of the path; nothing where no touch is eligible.
 * The amounts add up to that of the conversion exactly, except under a model that is not additive: there every touch
 * with weight 1 gets all of it.
 */
export function creditConversion(model: RuleModel, path: Path): readonly TouchCredit[] {
  const weights = model.weigh(path);
  const { amountMinor } = path.conversion;
  const amounts = model.additive
    ? splitAmount(amountMinor, weights)
    : weights.map((weight) => (weight > 0 ? amountMinor : 0n));
  return path.touches.map((touch, index) => ({
    touchId: touch.id,
    channel: touch.channel,
    weight: weights[index] ?? 0,
    amountMinor: amounts[index] ?? 0n,
  }));
}
