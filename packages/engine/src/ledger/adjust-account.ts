import type { Context } from '../context.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { appendEntry, ownKey } from './append-entry.ts';
import type { AppendedEntry, EntryConflict } from './append-entry.ts';
import { keyProblem, noteProblem, readAccount } from './entry-input.ts';
import { amountProblem, unitProblem } from './ledger-entry.ts';

export interface AdjustAccountInput {
  readonly account: EntityInput;
  readonly unit: string;
  /** Minor units; a negative amount takes. */
  readonly amountMinor: bigint;
  /** The same again writes nothing, and answers the entry that there is. */
  readonly idempotencyKey: string;
  readonly heldUntil?: Date | undefined;
  readonly description?: string | undefined;
}

export type AdjustAccountRefusal = ValidationRefusal | EntryConflict | PersonRefusal;

/** Gives an account something, or takes it, by hand. */
export async function adjustAccount(
  context: Context,
  workspace: Workspace,
  input: AdjustAccountInput,
  options?: WriteOptions,
): Promise<Result<AppendedEntry, AdjustAccountRefusal>> {
  const { unit, amountMinor, idempotencyKey, heldUntil, description } = input;
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) errors[field] = [problem];
  };
  const read = readAccount(workspace, input.account);
  if ('problem' in read) report('account', read.problem);
  report('unit', unitProblem(unit));
  report('amountMinor', amountProblem(amountMinor, 'any'));
  report('idempotencyKey', keyProblem(idempotencyKey));
  report('description', noteProblem(description));
  if (heldUntil !== undefined && !(heldUntil instanceof Date && !Number.isNaN(heldUntil.getTime())))
    report('heldUntil', 'must be a time');
  if ('problem' in read || Object.keys(errors).length > 0) return refuseFields(errors);
  const { account } = read;
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<AppendedEntry, AdjustAccountRefusal>> => {
      const forgotten = await refuseForgotten(tx, workspace, account.entity);
      if (forgotten !== undefined) return forgotten;
      return appendEntry(context, tx, workspace, {
        account,
        unit,
        amountMinor,
        kind: 'adjustment',
        key: ownKey(idempotencyKey),
        heldUntil,
        description,
      });
    },
  );
}
