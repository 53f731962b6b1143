import type { Path } from './path.ts';

/** What the parts of a path get, in relation to one another: 40, 20, 40 is the same as 2, 1, 2. */
export interface PathParts {
  readonly first: number;
  /** The last touch up to the moment when the person became a lead. */
  readonly lead: number;
  /** Shared equally by the touches that are nothing else. */
  readonly middle: number;
  readonly last: number;
}

/**
 * Credit by place in the path. A touch in two places gets both parts. A part that no touch of the path can take goes
 * to the others in proportion: with two touches 40/20/40 is 50/50, and 20/20/60 is 25/75, as Mixpanel and Adobe have
 * it. A path whose touches can take no part at all is shared equally.
 */
export function partWeights({ touches, conversion }: Path, parts: PathParts): number[] {
  const end = touches.length - 1;
  const weights = touches.map(() => 0);
  const give = (index: number, part: number): void => {
    weights[index] = (weights[index] ?? 0) + part;
  };
  const { leadAt } = conversion;
  const lead =
    leadAt === undefined || parts.lead === 0
      ? -1
      : touches.findLastIndex((touch) => touch.occurredAt <= leadAt);
  const middle = [...touches.keys()].filter((index) => ![0, lead, end].includes(index));
  if (end >= 0) {
    give(0, parts.first);
    give(end, parts.last);
  }
  if (lead !== -1) give(lead, parts.lead);
  for (const index of middle) give(index, parts.middle / middle.length);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum === 0 ? 1 / touches.length : weight / sum));
}
