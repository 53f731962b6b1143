import type { Goal } from './goal.ts';

/** A refund or removal that looks for the conversion it takes back. */
export interface ReversalToTie {
  readonly id: string;
  readonly kind: 'refund' | 'removal';
  readonly personId: string;
  readonly goal: Goal;
  readonly occurredAt: number;
  /** Minor units, negative. */
  readonly amountMinor: bigint;
  readonly currency: string | undefined;
  /** The conversion that it names, `undefined` where it names none. */
  readonly named: string | undefined;
  /** Of what was tracked for a project, by user and type. */
  readonly scope?: string | undefined;
}

export interface ConversionToTie {
  readonly id: string;
  readonly personId: string;
  readonly goal: Goal;
  readonly occurredAt: number;
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly scope?: string | undefined;
}

/**
 * Which conversion each reversal takes back, by the ids of both. One that names a conversion takes that and no other,
 * however they came in; money only in the conversion's currency, and a conversion is removed once. One that names none
 * takes the latest conversion of its person for the goal up to its time: of which so much is left, where it is a refund.
 * What other people take back does not count there, so that it is decided from the rows of one person, in the order of
 * time: the order in which they were told changes nothing. What was tracked for a project is taken back by what was
 * tracked for it of the same user and type, and by nothing else that names none.
 */
export function tieReversals(
  reversals: readonly ReversalToTie[],
  conversions: readonly ConversionToTie[],
): ReadonlyMap<string, string> {
  const ties = new Map<string, string>();
  const known = new Map(conversions.map((conversion) => [conversion.id, conversion]));
  const left = new Map(conversions.map(({ id, amountMinor }) => [id, amountMinor ?? 0n]));
  const removed = new Set<string>();
  const tie = (reversal: ReversalToTie, { id, personId }: ConversionToTie): void => {
    ties.set(reversal.id, id);
    if (personId !== reversal.personId) return;
    left.set(id, (left.get(id) ?? 0n) + reversal.amountMinor);
    if (reversal.kind === 'removal') removed.add(id);
  };

  const inOrder = reversals.toSorted(byTime);
  const removedByName = new Set<string>();
  for (const reversal of inOrder) {
    if (reversal.named === undefined) continue;
    const conversion = known.get(reversal.named);
    if (conversion === undefined) continue;
    if (reversal.kind === 'refund' && conversion.currency !== reversal.currency) continue;
    if (reversal.kind === 'removal') {
      if (removedByName.has(conversion.id)) continue;
      removedByName.add(conversion.id);
    }
    tie(reversal, conversion);
  }
  const latestFirst = conversions.toSorted((a, b) => -byTime(a, b));
  for (const reversal of inOrder) {
    if (reversal.named !== undefined) continue;
    const found = latestFirst.find(
      (conversion) =>
        conversion.personId === reversal.personId &&
        conversion.goal === reversal.goal &&
        conversion.scope === reversal.scope &&
        conversion.occurredAt <= reversal.occurredAt &&
        !removed.has(conversion.id) &&
        (reversal.kind === 'removal' ||
          (conversion.currency === reversal.currency &&
            (left.get(conversion.id) ?? 0n) + reversal.amountMinor >= 0n)),
    );
    if (found !== undefined) tie(reversal, found);
  }
  return ties;
}

function byTime(
  a: { readonly occurredAt: number; readonly id: string },
  b: { readonly occurredAt: number; readonly id: string },
): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}
