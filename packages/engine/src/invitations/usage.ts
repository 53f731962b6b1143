import type { StoredEntity } from './entity.ts';

/** What an entity did with an invitation. */
export interface Usage {
  readonly id: string;
  readonly invitationId: string;
  readonly entity: StoredEntity;
  readonly action: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurredAt: Date;
}

/** One step of a funnel. A rate is 0 where what it is a part of is 0. */
export interface FunnelStep {
  readonly action: string;
  readonly count: number;
  readonly rateFromPrevious: number;
  readonly rateFromFirst: number;
}

/** The steps of a funnel with their rates; the first has the rate 1, or 0 where nobody took it. */
export function funnelSteps(
  counts: ReadonlyArray<{ readonly action: string; readonly count: number }>,
): FunnelStep[] {
  const first = counts[0]?.count ?? 0;
  return counts.map(({ action, count }, index) => {
    const previous = index === 0 ? count : counts[index - 1]!.count;
    return {
      action,
      count,
      rateFromPrevious: previous === 0 ? 0 : count / previous,
      rateFromFirst: first === 0 ? 0 : count / first,
    };
  });
}

/** By what usages are counted: their type, their action, or a value of their metadata. */
export type BreakdownField =
  | { readonly by: 'entityType' | 'action' }
  | { readonly by: 'metadata'; readonly path: readonly string[] };

const metadataPrefix = 'metadata.';

/** Reads `entityType`, `action` or `metadata.plan`, also nested: `metadata.address.city`. */
export function readBreakdownField(text: unknown): BreakdownField | undefined {
  if (text === 'entityType' || text === 'action') return { by: text };
  if (typeof text !== 'string' || !text.startsWith(metadataPrefix) || text.length > 255)
    return undefined;
  const path = text.slice(metadataPrefix.length).split('.');
  return path.includes('') || text.includes('\0') || !text.isWellFormed()
    ? undefined
    : { by: 'metadata', path };
}
