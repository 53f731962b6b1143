import type { Context } from '../context.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { appendEntry, findRepeated, ownKey, refuseConflict } from './append-entry.ts';
import type { AppendedEntry, EntryConflict } from './append-entry.ts';
import { keyProblem, noteProblem, readAccount } from './entry-input.ts';
import { amountProblem, unitProblem } from './ledger-entry.ts';
import type { EntryReference } from './ledger-entry.ts';
import { lockAccount, selectBalances } from './ledger-store.ts';

export interface PayOutInput {
  readonly account: EntityInput;
  readonly unit: string;
  /** Minor units, greater than 0. @default all that is available */
  readonly amountMinor?: bigint | undefined;
  /** The same again pays nothing, and answers the entry that there is. */
  readonly idempotencyKey: string;
  readonly description?: string | undefined;
  /** What it belongs to: a batch of payouts, say. */
  readonly reference?: EntryReference | undefined;
}

export type PayOutRefusal =
  | ValidationRefusal
  | EntryConflict
  | PersonRefusal
  | (Refusal & { readonly code: 'insufficient_balance' });

/** Notes that an account was paid out: at most what is available now. Moving the money is the host's. */
export async function payOut(
  context: Context,
  workspace: Workspace,
  input: PayOutInput,
  options?: WriteOptions,
): Promise<Result<AppendedEntry, PayOutRefusal>> {
  const { unit, amountMinor: asked, description, reference } = input;
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) errors[field] = [problem];
  };
  const read = readAccount(workspace, input.account);
  if ('problem' in read) report('account', read.problem);
  report('unit', unitProblem(unit));
  if (asked !== undefined) report('amountMinor', amountProblem(asked, 'positive'));
  report('idempotencyKey', keyProblem(input.idempotencyKey));
  report('description', noteProblem(description));
  if (reference !== undefined && !isUuid(reference.id)) report('reference', 'must have a UUID');
  if ('problem' in read || Object.keys(errors).length > 0) return refuseFields(errors);
  const { account } = read;
  const base = { account, unit, kind: 'payout', key: ownKey(input.idempotencyKey) } as const;
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<AppendedEntry, PayOutRefusal>> => {
      const forgotten = await refuseForgotten(tx, workspace, account.entity);
      if (forgotten !== undefined) return forgotten;
      const accountKey = { type: account.entity.type, key: account.key };
      await lockAccount(tx, workspace.id, accountKey);
      const repeated = await findRepeated(tx, workspace, base);
      if (!repeated.ok) return repeated;
      if (repeated.value !== undefined)
        return asked === undefined || repeated.value.amountMinor === -asked
          ? ok({ entry: repeated.value, repeated: true })
          : refuseConflict();
      const now = new Date(context.clock.now());
      const balances = await selectBalances(tx, workspace.id, accountKey, now);
      const available = balances.find((each) => each.unit === unit)?.availableMinor ?? 0n;
      const amount = asked ?? available;
      if (amount <= 0n || amount > available)
        return refuse('insufficient_balance', `Only ${available} ${unit} are available`);
      return appendEntry(context, tx, workspace, {
        ...base,
        amountMinor: -amount,
        description,
        reference,
      });
    },
  );
}
