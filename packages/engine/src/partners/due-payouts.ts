import type { Context } from '../context.ts';
import { readBalancesOf } from '../ledger/read-balances.ts';
import { isUuid } from '../kernel/id.ts';
import { isCurrency } from '../kernel/money.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { MakePayoutsInput } from './make-payouts.ts';
import { partnerType } from './partner-account.ts';
import { selectEarners } from './payout-store.ts';

/** What a batch would take of one partner and one currency. */
export interface DuePayout {
  readonly partnerId: string;
  readonly unit: string;
  /** Minor units that are available now. */
  readonly amountMinor: bigint;
  /** Minor units that are earned and held. */
  readonly heldMinor: bigint;
}

export type DuePayoutsQuery = Omit<MakePayoutsInput, 'note'>;

const pageSize = 200;
const nil = '00000000-0000-0000-0000-000000000000';

/** What a batch of payouts would take if it were made now, by partner and currency. Nothing is written. */
export async function duePayouts(
  context: Context,
  workspace: Workspace,
  { programId, unit, minimumMinor = 1n }: DuePayoutsQuery = {},
): Promise<Result<readonly DuePayout[], InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  if (programId !== undefined && !isUuid(programId)) errors['programId'] = ['must be a UUID'];
  if (unit !== undefined && !isCurrency(unit)) errors['unit'] = ['must be a currency (ISO 4217)'];
  if (typeof minimumMinor !== 'bigint' || minimumMinor < 1n)
    errors['minimumMinor'] = ['must be 1 or more'];
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);

  const { db } = context.database;
  const due: DuePayout[] = [];
  for (let after = nil; ;) {
    const ids = await selectEarners(db, workspace.id, { programId, after, limit: pageSize });
    const balances = await readBalancesOf(context, workspace, partnerType, ids);
    for (const partnerId of ids)
      for (const balance of balances.get(partnerId) ?? [])
        if ((unit ?? balance.unit) === balance.unit && balance.availableMinor >= minimumMinor)
          due.push({
            partnerId,
            unit: balance.unit,
            amountMinor: balance.availableMinor,
            heldMinor: balance.heldMinor,
          });
    if (ids.length < pageSize) return ok(due);
    after = ids.at(-1)!;
  }
}
