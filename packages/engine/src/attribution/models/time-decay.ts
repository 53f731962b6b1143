import { day } from '../../kernel/clock.ts';
import type { Path } from './path.ts';

export interface Decay {
  readonly halfLifeDays: number;
  /**
   * `continuous` loses half in each half-life, evenly. `stepped` holds a weight for a whole half-life and then halves
   * it: touches of one step are equal.
   */
  readonly decay: 'continuous' | 'stepped';
}

/** The nearer to the conversion, the more credit: 2^(−t/h), t being the time from the touch to the conversion. */
export function timeDecay({ touches, conversion }: Path, { halfLifeDays, decay }: Decay): number[] {
  const halfLife = Math.round(halfLifeDays * day);
  const halvings = touches.map((touch) => {
    const halfLives = (conversion.occurredAt - touch.occurredAt) / halfLife;
    return decay === 'continuous' ? halfLives : Math.max(Math.ceil(halfLives) - 1, 0);
  });
  // Counted from the latest touch, so that a path far back does not vanish in the smallest number there is.
  const least = halvings.reduce((lowest, halving) => Math.min(lowest, halving), Infinity);
  const weights = halvings.map((halving) => 2 ** (least - halving));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
