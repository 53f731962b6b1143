import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { KeyedEntity } from '../redemptions/redemption.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { AccountBalance, EntryKind, LedgerEntry } from './ledger-entry.ts';

/** By what an account is found. */
export interface AccountKey {
  readonly type: string;
  readonly key: Uint8Array;
}

export type EntryRow = LedgerEntry & {
  readonly workspaceId: string;
  readonly accountKey: Uint8Array;
  readonly keyHash: Uint8Array;
};

/** `false` where an entry has the key: nothing is written. Waits for whoever is writing one with it. */
export async function insertEntry(tx: Tx, entry: EntryRow): Promise<boolean> {
  const row = await tx
    .insertInto('ledger_entry')
    .values({
      workspace_id: entry.workspaceId,
      id: entry.id,
      account_type: entry.account.type,
      account_id: entry.account.id ?? null,
      account_key: entry.accountKey,
      unit: entry.unit,
      amount_minor: entry.amountMinor,
      kind: entry.kind,
      held_until: entry.heldUntil,
      reverses_id: entry.reversesId,
      key_hash: entry.keyHash,
      reference_type: entry.reference?.type ?? null,
      reference_id: entry.reference?.id ?? null,
      description: entry.description,
      occurred_at: entry.occurredAt,
      recorded_at: entry.recordedAt,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'key_hash']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function findEntryByKey(
  db: Db,
  workspaceId: string,
  keyHash: Uint8Array,
): Promise<EntryRow | undefined> {
  const row = await db
    .selectFrom('ledger_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('key_hash', '=', keyHash)
    .executeTakeFirst();
  return row && toRow(row);
}

export async function findEntry(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<EntryRow | undefined> {
  const row = await db
    .selectFrom('ledger_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toRow(row);
}

/** Until this transaction ends nobody else takes back some of it. */
export async function lockEntry(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<EntryRow | undefined> {
  const row = await tx
    .selectFrom('ledger_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toRow(row);
}

/** What of an entry was taken back, with the other sign. */
export async function sumReversals(db: Db, workspaceId: string, entryId: string): Promise<bigint> {
  const row = await db
    .selectFrom('ledger_entry')
    .select((eb) => eb.fn.sum<string | null>('amount_minor').as('sum'))
    .where('workspace_id', '=', workspaceId)
    .where('reverses_id', '=', entryId)
    .executeTakeFirstOrThrow();
  return BigInt(row.sum ?? 0);
}

/** The entries that are for one thing, oldest first. */
export async function selectEntriesFor(
  db: Db,
  workspaceId: string,
  referenceId: string,
): Promise<EntryRow[]> {
  const rows = await db
    .selectFrom('ledger_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('reference_id', '=', referenceId)
    .orderBy('id')
    .execute();
  return rows.map(toRow);
}

/** Until this transaction ends nobody else pays the account out. */
export async function lockAccount(tx: Tx, workspaceId: string, account: AccountKey): Promise<void> {
  const lock = `${workspaceId} ${account.type} ${Buffer.from(account.key).toString('hex')}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 12))`.execute(tx);
}

/** Of each unit that the account has entries of, in the order of their names. */
export async function selectBalances(
  db: Db,
  workspaceId: string,
  account: AccountKey,
  now: Date,
): Promise<AccountBalance[]> {
  const accounts = { type: account.type, keys: [account.key] };
  const found = await selectBalancesOf(db, workspaceId, accounts, now);
  return found.map(({ key: _key, ...balance }) => balance);
}

/** The same of many accounts of one type, each row with the key of its account; in the order of the units. */
export async function selectBalancesOf(
  db: Db,
  workspaceId: string,
  accounts: { readonly type: string; readonly keys: readonly Uint8Array[] },
  now: Date,
): Promise<Array<AccountBalance & { readonly key: Uint8Array }>> {
  const rows = await db
    .selectFrom('ledger_entry')
    .select((eb) => [
      'account_key',
      'unit',
      eb.fn.sum<string>('amount_minor').as('balance'),
      sql<string>`coalesce(sum(amount_minor) filter (where held_until > ${now}::timestamptz), 0)`.as(
        'held',
      ),
      sql<string>`coalesce(-sum(amount_minor) filter (where kind in ('payout', 'payout_reversal')), 0)`.as(
        'paid',
      ),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('account_type', '=', accounts.type)
    .where('account_key', '=', sql<Uint8Array>`any(${accounts.keys}::bytea[])`)
    .groupBy(['account_key', 'unit'])
    .execute();
  const balances = rows.map((row) => {
    const [balance, held] = [BigInt(row.balance), BigInt(row.held)];
    return {
      key: row.account_key,
      unit: row.unit,
      balanceMinor: balance,
      heldMinor: held,
      availableMinor: balance - held,
      paidMinor: BigInt(row.paid),
    };
  });
  // Not by the database, whose collation is whichever.
  return balances.sort((one, other) => (one.unit < other.unit ? -1 : 1));
}

export interface EntryFilter {
  readonly account: AccountKey | undefined;
  readonly unit: string | undefined;
  readonly kind: EntryKind | undefined;
  readonly referenceId: string | undefined;
}

/** Newest first: ids sort by when they were made. */
export async function selectEntries(
  db: Db,
  workspaceId: string,
  filter: EntryFilter,
  page: { readonly before: string | undefined; readonly limit: number; readonly offset: number },
): Promise<EntryRow[]> {
  let query = matching(db, workspaceId, filter);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  const rows = await query.orderBy('id', 'desc').limit(page.limit).offset(page.offset).execute();
  return rows.map(toRow);
}

/** Oldest first, after one of them. */
export async function selectEntriesAfter(
  db: Db,
  workspaceId: string,
  filter: EntryFilter,
  after: string | undefined,
  limit: number,
): Promise<EntryRow[]> {
  let query = matching(db, workspaceId, filter);
  if (after !== undefined) query = query.where('id', '>', after);
  const rows = await query.orderBy('id').limit(limit).execute();
  return rows.map(toRow);
}

/** Without what only the table needs. */
export function showEntry({
  workspaceId: _workspace,
  accountKey: _account,
  keyHash: _key,
  ...entry
}: EntryRow): LedgerEntry {
  return entry;
}

export function accountOf(entry: EntryRow): KeyedEntity {
  return { entity: entry.account, key: entry.accountKey };
}

function matching(db: Db, workspaceId: string, filter: EntryFilter) {
  const { account, unit, kind, referenceId } = filter;
  let query = db.selectFrom('ledger_entry').selectAll().where('workspace_id', '=', workspaceId);
  if (account !== undefined)
    query = query.where('account_type', '=', account.type).where('account_key', '=', account.key);
  if (unit !== undefined) query = query.where('unit', '=', unit);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (referenceId !== undefined) query = query.where('reference_id', '=', referenceId);
  return query;
}

function toRow(row: Selectable<Tables['ledger_entry']>): EntryRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    account: { type: row.account_type, id: row.account_id ?? undefined },
    accountKey: row.account_key,
    unit: row.unit,
    amountMinor: row.amount_minor,
    kind: row.kind as EntryKind,
    heldUntil: row.held_until,
    reversesId: row.reverses_id,
    keyHash: row.key_hash,
    reference:
      row.reference_type === null || row.reference_id === null
        ? null
        : { type: row.reference_type, id: row.reference_id },
    description: row.description,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
  };
}
