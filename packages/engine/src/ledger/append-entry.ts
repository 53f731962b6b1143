import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { KeyedEntity } from '../redemptions/redemption.ts';
import { hmac } from '../security/keyring.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { EntryKind, EntryReference, LedgerEntry } from './ledger-entry.ts';
import { findEntryByKey, insertEntry, showEntry } from './ledger-store.ts';
import type { EntryRow } from './ledger-store.ts';

/** An entry before it is written. */
export interface EntryDraft {
  readonly account: KeyedEntity;
  readonly unit: string;
  readonly amountMinor: bigint;
  readonly kind: EntryKind;
  readonly heldUntil?: Date | null | undefined;
  readonly reversesId?: string | undefined;
  /** Names this entry for ever: with the same key nothing is written a second time. */
  readonly key: string;
  readonly reference?: EntryReference | undefined;
  readonly description?: string | undefined;
  /** @default now */
  readonly occurredAt?: Date | undefined;
}

export interface AppendedEntry {
  readonly entry: LedgerEntry;
  /** It was there before, under the same key: nothing was written. */
  readonly repeated: boolean;
}

export type EntryConflict = Refusal & { readonly code: 'idempotency_conflict' };

type Appending = Pick<Context, 'clock' | 'createId'>;

/** Whatever an account earns or loses comes through here: one insert into the caller's transaction, once for each key. */
export async function appendEntry(
  context: Appending,
  tx: Tx,
  workspace: Workspace,
  draft: EntryDraft,
): Promise<Result<AppendedEntry, EntryConflict>> {
  const now = context.clock.now();
  const row: EntryRow = {
    workspaceId: workspace.id,
    id: context.createId(now),
    account: draft.account.entity,
    accountKey: draft.account.key,
    unit: draft.unit,
    amountMinor: draft.amountMinor,
    kind: draft.kind,
    heldUntil: draft.heldUntil ?? null,
    reversesId: draft.reversesId ?? null,
    keyHash: hashKey(workspace, draft.key),
    reference: draft.reference ?? null,
    description: draft.description ?? null,
    occurredAt: draft.occurredAt ?? new Date(now),
    recordedAt: new Date(now),
  };
  if (await insertEntry(tx, row)) return ok({ entry: showEntry(row), repeated: false });
  const earlier = await findEntryByKey(tx, workspace.id, row.keyHash);
  return earlier !== undefined &&
    saysTheSame(earlier, row) &&
    earlier.amountMinor === row.amountMinor
    ? ok({ entry: showEntry(earlier), repeated: true })
    : refuseConflict();
}

/** The entry that a key has made; what it says is compared with what is asked for, but for the amount. */
export async function findRepeated(
  db: Db,
  workspace: Workspace,
  draft: Pick<EntryDraft, 'account' | 'unit' | 'kind' | 'reversesId' | 'key'>,
): Promise<Result<LedgerEntry | undefined, EntryConflict>> {
  const earlier = await findEntryByKey(db, workspace.id, hashKey(workspace, draft.key));
  if (earlier === undefined) return ok(undefined);
  const asked = {
    account: draft.account.entity,
    accountKey: draft.account.key,
    unit: draft.unit,
    kind: draft.kind,
    reversesId: draft.reversesId ?? null,
  };
  return saysTheSame(earlier, asked) ? ok(showEntry(earlier)) : refuseConflict();
}

/** Keys of callers and of the engine itself never meet. */
export function ownKey(idempotencyKey: string): string {
  return `own:${idempotencyKey}`;
}

export function refuseConflict(): EntryConflict {
  return refuse('idempotency_conflict', 'The idempotency key was used for another entry');
}

/** A key may name somebody, so it is not kept. */
function hashKey(workspace: Workspace, key: string): Buffer {
  return hmac(workspace.dataKey, `ledger\0${key}`).subarray(0, 16);
}

function saysTheSame(
  one: Pick<EntryRow, 'account' | 'accountKey' | 'unit' | 'kind' | 'reversesId'>,
  other: Pick<EntryRow, 'account' | 'accountKey' | 'unit' | 'kind' | 'reversesId'>,
): boolean {
  return (
    one.account.type === other.account.type &&
    Buffer.compare(one.accountKey, other.accountKey) === 0 &&
    one.unit === other.unit &&
    one.kind === other.kind &&
    one.reversesId === other.reversesId
  );
}
