import type { EntityInput } from './invitations/entity.ts';
import { idOf } from './invitations/get-invitation.ts';
import { adjustAccount } from './ledger/adjust-account.ts';
import type { AdjustAccountInput } from './ledger/adjust-account.ts';
import { exportEntries, getEntry, listEntries } from './ledger/list-entries.ts';
import type { EntryQuery, ListEntriesInput } from './ledger/list-entries.ts';
import { payOut } from './ledger/pay-out.ts';
import type { PayOutInput } from './ledger/pay-out.ts';
import { readBalances } from './ledger/read-balances.ts';
import { reverseEntry } from './ledger/reverse-entry.ts';
import type { ReverseEntryInput } from './ledger/reverse-entry.ts';
import type { InWorkspace, On, ReadIn, WriteIn } from './library-scope.ts';

/** `hw.ledger`. */
export function createLedgerCalls(on: On) {
  return {
    /** What an account has, of each unit: held, available, paid. */
    balances: (account: EntityInput, options?: ReadIn) =>
      on(options, (scope, workspace) => readBalances(scope, workspace, account)),
    /** Newest first. */
    entries: (input: ListEntriesInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listEntries(scope, workspace, input)),
    /** All of them, oldest first, in pages that are read while they are taken. */
    export: (input: EntryQuery = {}, options?: InWorkspace) =>
      on(options, (scope, workspace) => Promise.resolve(exportEntries(scope, workspace, input))),
    /** An entry by its id. */
    get: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getEntry(scope, workspace, id)),
    /** Gives an account something, or takes it, by hand. */
    adjust: (input: AdjustAccountInput, options?: WriteIn) =>
      on(options, (scope, workspace) => adjustAccount(scope, workspace, input, options)),
    /** Notes that an account was paid out: at most what is available. */
    payOut: (input: PayOutInput, options?: WriteIn) =>
      on(options, (scope, workspace) => payOut(scope, workspace, input, options)),
    /** Takes an entry back, in whole or in part. */
    reverse: (
      entry: string | { readonly id: string },
      input: ReverseEntryInput = {},
      options?: WriteIn,
    ) =>
      on(options, (scope, workspace) =>
        reverseEntry(scope, workspace, idOf(entry) ?? '', input, options),
      ),
  };
}
