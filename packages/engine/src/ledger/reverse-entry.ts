import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { appendEntry, findRepeated, ownKey, refuseConflict } from './append-entry.ts';
import type { AppendedEntry, EntryConflict } from './append-entry.ts';
import { keyProblem, noteProblem } from './entry-input.ts';
import { amountProblem, reversalKind } from './ledger-entry.ts';
import { accountOf, lockEntry, sumReversals } from './ledger-store.ts';

export interface ReverseEntryInput {
  /** How much of it, greater than 0. @default all that is left */
  readonly amountMinor?: bigint | undefined;
  /** Of this reversal. @default one for the whole entry; a part needs its own */
  readonly idempotencyKey?: string | undefined;
  readonly description?: string | undefined;
}

export type ReverseEntryRefusal =
  | ValidationRefusal
  | EntryConflict
  | (Refusal & {
      readonly code:
        | 'entry_not_found'
        | 'entry_not_reversible'
        | 'entry_reversed'
        | 'reversal_too_large';
    });

/** Takes an entry back by another one, in whole or in part; together never more than it was. */
export async function reverseEntry(
  context: Context,
  workspace: Workspace,
  id: string,
  input: ReverseEntryInput = {},
  options?: WriteOptions,
): Promise<Result<AppendedEntry, ReverseEntryRefusal>> {
  const { amountMinor, idempotencyKey, description } = input;
  const errors: Record<string, string[]> = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) errors[field] = [problem];
  };
  if (amountMinor !== undefined) report('amountMinor', amountProblem(amountMinor, 'positive'));
  if (idempotencyKey !== undefined || amountMinor !== undefined)
    report('idempotencyKey', keyProblem(idempotencyKey));
  report('description', noteProblem(description));
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  if (!isUuid(id)) return entryNotFound();
  const key =
    idempotencyKey === undefined ? `reversal:${id.toLowerCase()}` : ownKey(idempotencyKey);
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<AppendedEntry, ReverseEntryRefusal>> => {
      const entry = await lockEntry(tx, workspace.id, id);
      if (entry?.reference?.type === 'commission' || entry?.reference?.type === 'payout')
        return refuse(
          'entry_not_reversible',
          'A commission follows what earned it, and a payout is marked as failed: decide there, or make an adjustment',
        );
      if (entry?.reference?.type === 'reward')
        return refuse(
          'entry_not_reversible',
          'A reward follows what earned it: reverse the redemption, refund the payment, or make an adjustment',
        );
      return reverseIn(context, tx, workspace, { entryId: id, amountMinor, key, description });
    },
  );
}

/** The same in the caller's transaction, for other domains, whose keys are their own. */
export async function reverseIn(
  context: Pick<Context, 'clock' | 'createId'>,
  tx: Tx,
  workspace: Workspace,
  reversal: {
    readonly entryId: string;
    readonly amountMinor: bigint | undefined;
    readonly key: string;
    readonly description?: string | undefined;
    readonly occurredAt?: Date | undefined;
  },
): Promise<Result<AppendedEntry, ReverseEntryRefusal>> {
  const entry = await lockEntry(tx, workspace.id, reversal.entryId);
  if (entry === undefined) return entryNotFound();
  const kind = reversalKind(entry.kind);
  if (kind === undefined)
    return refuse('entry_not_reversible', 'A reversal cannot be taken back; make an adjustment');
  const { key } = reversal;
  const base = { account: accountOf(entry), unit: entry.unit, kind, reversesId: entry.id, key };
  const repeated = await findRepeated(tx, workspace, base);
  if (!repeated.ok) return repeated;
  const sign = entry.amountMinor < 0n ? -1n : 1n;
  const asked = reversal.amountMinor;
  if (repeated.value !== undefined)
    return asked === undefined || repeated.value.amountMinor === -sign * asked
      ? ok({ entry: repeated.value, repeated: true })
      : refuseConflict();
  // The sum has the other sign, so that this is what of the size is left.
  const left = sign * (entry.amountMinor + (await sumReversals(tx, workspace.id, entry.id)));
  if (left === 0n) return refuse('entry_reversed', 'All of the entry was taken back before');
  if (asked !== undefined && asked > left)
    return refuse('reversal_too_large', `Only ${left} of the entry are left to take back`);
  return appendEntry(context, tx, workspace, {
    ...base,
    amountMinor: -sign * (asked ?? left),
    heldUntil: entry.heldUntil,
    reference: entry.reference ?? undefined,
    description: reversal.description,
    occurredAt: reversal.occurredAt,
  });
}

export function entryNotFound() {
  return refuse('entry_not_found', 'No entry of the ledger has this id');
}
