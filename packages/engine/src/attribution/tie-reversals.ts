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

/** A reversal that was decided elsewhere, with the conversion that it takes back. */
export type StandingReversal = Pick<ReversalToTie, 'kind' | 'amountMinor'> & {
  readonly conversionId: string;
};

/**
 * Which conversion each reversal takes back, by the ids of both. No conversion gives back more than it is worth, only in
 * its own currency, and it is removed once; what does not fit takes back nothing that is known.
 *
 * One that names a conversion takes that and no other. One that names none takes the latest conversion of its person for
 * the goal up to its time: of which so much is left, where it is a refund. A person's own reversals come first, those with
 * a name before those without, and what other people take by name has what they leave: so a person's are decided from
 * the rows of that person alone. Each in the order of time: the order in which they were told changes nothing. What was
 * tracked for a project is taken back by what was tracked for it of the same user and type, and by nothing else that names
 * none.
 */
export function tieReversals(
  reversals: readonly ReversalToTie[],
  conversions: readonly ConversionToTie[],
  standing: readonly StandingReversal[] = [],
): ReadonlyMap<string, string> {
  const ties = new Map<string, string>();
  const known = new Map(conversions.map((conversion) => [conversion.id, conversion]));
  const left = new Map(conversions.map(({ id, amountMinor }) => [id, amountMinor ?? 0n]));
  const removed = new Set<string>();
  const take = (
    conversionId: string,
    { kind, amountMinor }: Pick<ReversalToTie, 'kind' | 'amountMinor'>,
  ): void => {
    if (kind === 'removal') removed.add(conversionId);
    else left.set(conversionId, (left.get(conversionId) ?? 0n) + amountMinor);
  };
  for (const reversal of standing) take(reversal.conversionId, reversal);
  const fits = ({ kind, currency, amountMinor }: ReversalToTie, to: ConversionToTie): boolean =>
    kind === 'removal'
      ? !removed.has(to.id)
      : to.currency === currency && (left.get(to.id) ?? 0n) + amountMinor >= 0n;
  const tie = (reversal: ReversalToTie, { id }: ConversionToTie): void => {
    ties.set(reversal.id, id);
    take(id, reversal);
  };

  const inOrder = reversals.toSorted(byTime);
  const tieNamed = (isOwn: boolean): void => {
    for (const reversal of inOrder) {
      const named = reversal.named === undefined ? undefined : known.get(reversal.named);
      if (named === undefined || (named.personId === reversal.personId) !== isOwn) continue;
      if (fits(reversal, named)) tie(reversal, named);
    }
  };
  tieNamed(true);
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
        fits(reversal, conversion),
    );
    if (found !== undefined) tie(reversal, found);
  }
  tieNamed(false);
  return ties;
}

function byTime(
  a: { readonly occurredAt: number; readonly id: string },
  b: { readonly occurredAt: number; readonly id: string },
): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}
