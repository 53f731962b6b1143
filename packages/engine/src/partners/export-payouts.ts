import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { showPartner } from './get-partner.ts';
import { getPayoutBatch } from './make-payouts.ts';
import type { Partner } from './partner.ts';
import { selectPartnersByIds } from './partner-store.ts';
import type { Payout } from './payout.ts';

const pageSize = 500;

/** The payouts of a batch with whom they are for, page by page; `undefined` where there is no such batch. */
export async function exportPayouts(
  context: Context,
  workspace: Workspace,
  batchId: string,
): Promise<
  | AsyncGenerator<
      ReadonlyArray<{ readonly payout: Payout; readonly partner: Partner | undefined }>
    >
  | undefined
> {
  const batch = await getPayoutBatch(context, workspace, batchId);
  return batch && readPages(context, workspace, batch.payouts);
}

async function* readPages({ database }: Context, workspace: Workspace, payouts: readonly Payout[]) {
  for (let start = 0; start < payouts.length; start += pageSize) {
    const page = payouts.slice(start, start + pageSize);
    const ids = [...new Set(page.map(({ partnerId }) => partnerId))];
    const rows = await selectPartnersByIds(database.db, workspace.id, ids);
    const partners = new Map(rows.map((row) => [row.id, showPartner(workspace, row)]));
    yield page.map((payout) => ({ payout, partner: partners.get(payout.partnerId) }));
  }
}
