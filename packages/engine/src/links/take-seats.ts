import type { Context } from '../context.ts';
import { within } from '../kernel/within.ts';
import { inTransaction } from '../store/transaction.ts';
import { takeSeatRow } from './link-seat-store.ts';
import type { PreparedLimit } from './steering.ts';

const patience = 1_000;

/** Goes back with the transaction, so that nobody takes a seat of one limit who is stopped by another. */
class UsedUpError extends Error {
  readonly limit: PreparedLimit;
  constructor(limit: PreparedLimit) {
    super('The limit of a link is reached.');
    this.limit = limit;
  }
}

/**
 * Counts somebody in every exact limit, and commits it. Answers the limit that is reached, if one is: then nothing has
 * been counted.
 * @throws the database did not answer in time. A seat may have been taken then: too few are let through, never too many.
 */
export async function takeSeats(
  context: Pick<Context, 'database'>,
  {
    workspaceId,
    linkId,
    limits,
    hasSeat,
  }: {
    readonly workspaceId: string;
    readonly linkId: string;
    readonly limits: readonly PreparedLimit[];
    /** Who has followed the link before is one of the people already. */
    readonly hasSeat: boolean;
  },
): Promise<PreparedLimit | undefined> {
  const exact = limits.filter(({ kind, isExact }) => isExact && !(kind === 'people' && hasSeat));
  const taking = inTransaction(context.database, undefined, async (tx) => {
    for (const limit of exact) {
      if (limit.kind === 'conversions') continue;
      const { kind, max } = limit;
      if (!(await takeSeatRow(tx, { workspaceId, linkId, kind, max })))
        throw new UsedUpError(limit);
    }
  });
  try {
    await within(taking, patience);
    return undefined;
  } catch (error) {
    if (error instanceof UsedUpError) return error.limit;
    throw error;
  }
}
