import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Redemption } from './redemption.ts';
import { findRedemption, reverseRedemptionRow, showRedemption } from './redemption-store.ts';
import { reverseReferral } from './referral-store.ts';

export type RedemptionNotFound = Refusal & { readonly code: 'redemption_not_found' };

/**
 * Gives a seat back, as when a sign-up fails after it was taken. The redemption stays as history, and so does its edge;
 * doing it again changes nothing. `giveBack` counts the seat where it belongs.
 */
export async function releaseSeat(
  context: Context,
  workspace: Workspace,
  id: string,
  belongs: (redemption: Redemption) => boolean,
  giveBack: (tx: Tx, redemption: Redemption, now: Date) => Promise<void>,
  options?: WriteOptions,
): Promise<Result<Redemption, RedemptionNotFound>> {
  if (!isUuid(id)) return notFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Redemption, RedemptionNotFound>> => {
      const found = await findRedemption(tx, workspace.id, id);
      if (found === undefined || !belongs(found)) return notFound();
      const now = new Date(context.clock.now());
      const reversed = await reverseRedemptionRow(tx, workspace.id, id, now);
      if (reversed === undefined) {
        const before = await findRedemption(tx, workspace.id, id);
        return ok(showRedemption(before ?? found));
      }
      await giveBack(tx, reversed, now);
      const referralId = await reverseReferral(tx, workspace.id, id, now);
      if (referralId !== undefined)
        await tellOfSubject(context, tx, workspace.id, {
          type: 'referral.reversed',
          id: referralId,
        });
      return ok(showRedemption(reversed));
    },
  );
}

function notFound(): RedemptionNotFound {
  return refuse('redemption_not_found', 'Redemption not found');
}
