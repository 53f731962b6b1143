import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
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
 * @throws the database did not answer in time. If it was committing just then a seat is lost: too few are let through, never too many.
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
  let isLate = false;
  const taking = inTransaction(context.database, undefined, async (tx) => {
    for (const limit of exact) {
      if (limit.kind === 'conversions') continue;
      const { kind, max } = limit;
      if (!(await takeSeatRow(tx, { workspaceId, linkId, kind, max })))
        throw new UsedUpError(limit);
    }
    // Whoever asked has been told to come again: nothing is counted for them.
    if (isLate)
      throw new UnavailableError('A limit was counted too late.', { retryAfterSeconds: 1 });
  });
  try {
    await within(taking, patience);
    return undefined;
  } catch (error) {
    isLate = true;
    if (error instanceof UsedUpError) return error.limit;
    throw error;
  }
}
