import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import { rankOf } from './waitlist-entry.ts';
import type { WaitlistStatus } from './waitlist-entry.ts';

/** An entry as its row has it. */
export interface WaitlistRow {
  readonly workspaceId: string;
  readonly id: string;
  readonly emailHash: Uint8Array;
  /** Encrypted; `null` once somebody has left or was forgotten. */
  readonly email: Uint8Array | null;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly code: string;
  readonly status: WaitlistStatus;
  readonly ordinal: number;
  readonly rank: number;
  readonly referrals: number;
  readonly referredBy: string | null;
  readonly invitationId: string | null;
  readonly joinedAt: Date;
  readonly updatedAt: Date;
}

/** Makes those who join a list wait for each other until the transaction ends, and answers the next ordinal. */
export async function lockNextOrdinal(tx: Tx, workspaceId: string): Promise<number> {
  const lock = `waitlist ${workspaceId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
  const last = await tx
    .selectFrom('waitlist_entry')
    .select('ordinal')
    .where('workspace_id', '=', workspaceId)
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (last?.ordinal ?? 0) + 1;
}

/** `false` where another entry has the code. */
export async function insertEntry(tx: Tx, entry: WaitlistRow): Promise<boolean> {
  const row = await tx
    .insertInto('waitlist_entry')
    .values({
      workspace_id: entry.workspaceId,
      id: entry.id,
      email_hash: entry.emailHash,
      code: entry.code,
      referred_by: entry.referredBy,
      ...toColumns(entry),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateEntry(tx: Tx, entry: WaitlistRow): Promise<void> {
  await tx
    .updateTable('waitlist_entry')
    .set(toColumns(entry))
    .where('workspace_id', '=', entry.workspaceId)
    .where('id', '=', entry.id)
    .execute();
}

/** How an entry is named. */
export type EntryKey =
  | { readonly id: string }
  | { readonly code: string }
  | { readonly emailHash: Uint8Array };

export async function findEntry(
  db: Db,
  workspaceId: string,
  key: EntryKey,
): Promise<WaitlistRow | undefined> {
  const row = await entryBy(db, workspaceId, key).executeTakeFirst();
  return row && toRow(row);
}

export async function lockEntry(
  tx: Tx,
  workspaceId: string,
  key: EntryKey,
): Promise<WaitlistRow | undefined> {
  const row = await entryBy(tx, workspaceId, key).forUpdate().executeTakeFirst();
  return row && toRow(row);
}

/** Counts one more whom they referred, and moves them up by so many places. */
export async function countReferral(
  tx: Tx,
  workspaceId: string,
  id: string,
  places: number,
): Promise<void> {
  await tx
    .updateTable('waitlist_entry')
    .set((eb) => ({ referrals: eb('referrals', '+', 1), rank: eb('rank', '-', places) }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

export async function countWaiting(db: Db, workspaceId: string): Promise<number> {
  return count(waiting(db, workspaceId));
}

/** How many wait before somebody who waits. */
export async function countBefore(
  db: Db,
  workspaceId: string,
  { rank, ordinal }: Pick<WaitlistRow, 'rank' | 'ordinal'>,
): Promise<number> {
  return count(
    waiting(db, workspaceId).where((eb) =>
      eb.or([eb('rank', '<', rank), eb.and([eb('rank', '=', rank), eb('ordinal', '>', ordinal)])]),
    ),
  );
}

/** Locks the next ones, or those that are named, and leaves out whoever is being invited right now. */
export async function lockWaiting(
  tx: Tx,
  workspaceId: string,
  which: { readonly limit: number; readonly ids: readonly string[] | undefined },
): Promise<WaitlistRow[]> {
  let query = waiting(tx, workspaceId).selectAll();
  if (which.ids !== undefined) query = query.where('id', 'in', which.ids);
  const rows = await query
    .orderBy('rank')
    .orderBy('ordinal', 'desc')
    .limit(which.limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(toRow);
}

/** Where a list goes on. */
export interface RankCursor {
  readonly rank: number;
  readonly ordinal: number;
}

/** In the order in which they are invited; without a status those who do not wait stand among the others. */
export async function selectEntries(
  db: Db,
  workspaceId: string,
  filter: {
    readonly status: WaitlistStatus | undefined;
    readonly after: RankCursor | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<WaitlistRow[]> {
  const { status, after } = filter;
  let query = db.selectFrom('waitlist_entry').selectAll().where('workspace_id', '=', workspaceId);
  if (status !== undefined) query = query.where('status', '=', status);
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('rank', '>', after.rank),
        eb.and([eb('rank', '=', after.rank), eb('ordinal', '<', after.ordinal)]),
      ]),
    );
  const rows = await query
    .orderBy('rank')
    .orderBy('ordinal', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map(toRow);
}

/** The rank of an entry from its own numbers. */
export function ranked(row: WaitlistRow, places: number): WaitlistRow {
  return { ...row, rank: rankOf(row.ordinal, row.referrals, places) };
}

function entryBy(db: Db, workspaceId: string, key: EntryKey) {
  const all = db.selectFrom('waitlist_entry').selectAll().where('workspace_id', '=', workspaceId);
  if ('id' in key) return all.where('id', '=', key.id);
  return 'code' in key
    ? all.where('code', '=', key.code)
    : all.where('email_hash', '=', key.emailHash);
}

function waiting(db: Db, workspaceId: string) {
  return db
    .selectFrom('waitlist_entry')
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'waiting');
}

async function count(query: ReturnType<typeof waiting>): Promise<number> {
  const row = await query
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function toColumns(entry: WaitlistRow) {
  return {
    email: entry.email,
    name: entry.name,
    metadata: JSON.stringify(entry.metadata),
    status: entry.status,
    ordinal: entry.ordinal,
    rank: entry.rank,
    referrals: entry.referrals,
    invitation_id: entry.invitationId,
    joined_at: entry.joinedAt,
    updated_at: entry.updatedAt,
  };
}

function toRow(row: Selectable<Tables['waitlist_entry']>): WaitlistRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    emailHash: row.email_hash,
    email: row.email,
    name: row.name,
    metadata: row.metadata,
    code: row.code,
    status: row.status as WaitlistStatus,
    ordinal: row.ordinal,
    rank: row.rank,
    referrals: row.referrals,
    referredBy: row.referred_by,
    invitationId: row.invitation_id,
    joinedAt: row.joined_at,
    updatedAt: row.updated_at,
  };
}
