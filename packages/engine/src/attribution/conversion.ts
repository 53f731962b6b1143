import type { Goal } from './goal.ts';

/** A lead, sale or registration as it is stored. Times in milliseconds. */
export interface StoredConversion {
  readonly id: string;
  readonly goal: Goal;
  /** The root of the visitor, as it was known when it was asked for. */
  readonly personId: string;
  readonly visitorId: string;
  readonly occurredAt: number;
  readonly recordedAt: number;
  /** Minor units; `undefined` where nothing was paid, or nothing was said of it. */
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
}

/** What takes a conversion back, or some of its money. */
export interface Reversal {
  readonly id: string;
  /** `removal`: the conversion never happened. `refund`: some of the money went back. */
  readonly kind: 'refund' | 'removal';
  readonly occurredAt: number;
  readonly recordedAt: number;
  /** Minor units, negative; of a removal what the refunds leave. */
  readonly amountMinor: bigint;
}

/** What is left of a conversion, and the steps that led there. */
export interface Balance {
  readonly removed: boolean;
  readonly netMinor: bigint;
  /** In the order of time, each with the amount that it takes. */
  readonly reversals: readonly Reversal[];
}

/**
 * Takes back from an amount what refunds and a removal take. A removal takes all that no refund takes, earlier or later,
 * so that nothing is left of what was removed; a second one takes nothing.
 */
export function balanceOf(
  amountMinor: bigint | undefined,
  reversals: readonly Reversal[],
): Balance {
  const refunded = reversals.reduce(
    (sum, { kind, amountMinor: amount }) => (kind === 'refund' ? sum + amount : sum),
    amountMinor ?? 0n,
  );
  let removed = false;
  const steps = reversals.toSorted(byTime).map((reversal) => {
    if (reversal.kind === 'refund') return reversal;
    const takes = removed ? 0n : -refunded;
    removed = true;
    return { ...reversal, amountMinor: takes };
  });
  return { removed, netMinor: removed ? 0n : refunded, reversals: steps };
}

function byTime(a: Reversal, b: Reversal): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}
