import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { ReferralCode } from './referral-code.ts';

/** A code as its row has it. */
export type CodeRow = ReferralCode & {
  readonly creatorKey: Uint8Array | null;
  readonly beneficiaryKey: Uint8Array | null;
};

/** `false` where a live code has the text: nothing is written, and the transaction stays good. */
export async function insertCode(tx: Tx, code: CodeRow): Promise<boolean> {
  const row = await tx
    .insertInto('referral_code')
    .values({
      workspace_id: code.workspaceId,
      id: code.id,
      code: code.code,
      uses: code.uses,
      creator_id: code.creatorId ?? null,
      creator_key: code.creatorKey,
      created_at: code.createdAt,
      ...toColumns(code),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes back what the same transaction inserted. */
export async function deleteCode(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx
    .deleteFrom('referral_code')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

export async function findCode(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<CodeRow | undefined> {
  const row = await db
    .selectFrom('referral_code')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toCode(row);
}

/** The live code with this text, in its normal spelling. */
export async function findCodeByText(
  db: Db,
  workspaceId: string,
  code: string,
): Promise<CodeRow | undefined> {
  const row = await db
    .selectFrom('referral_code')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('code', '=', code)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
  return row && toCode(row);
}

export async function lockCode(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<CodeRow | undefined> {
  const row = await tx
    .selectFrom('referral_code')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toCode(row);
}

/** Everything but the uses, which only redemptions move. */
export async function updateCodeRow(tx: Tx, code: CodeRow): Promise<void> {
  await tx
    .updateTable('referral_code')
    .set(toColumns(code))
    .where('workspace_id', '=', code.workspaceId)
    .where('id', '=', code.id)
    .execute();
}

/** Counts a use where the code lets somebody in; whether it did. */
export async function takeCodeSeat(
  tx: Tx,
  workspaceId: string,
  id: string,
  now: Date,
): Promise<boolean> {
  const row = await tx
    .updateTable('referral_code')
    .set((eb) => ({ uses: eb('uses', '+', 1), updated_at: now }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .where('active', '=', true)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb('uses', '<', eb.ref('uses_max')))
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function returnCodeSeat(
  tx: Tx,
  workspaceId: string,
  id: string,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('referral_code')
    .set((eb) => ({ uses: eb('uses', '-', 1), updated_at: now }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/**
 * Makes the codes of one creator wait for each other until the transaction ends, and counts them, archived ones too: a
 * limit that is only looked at lets two in at once.
 */
export async function countCodesOfCreator(
  tx: Tx,
  workspaceId: string,
  creatorKey: Uint8Array,
): Promise<number> {
  const lock = `${workspaceId} ${Buffer.from(creatorKey).toString('hex')}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
  return countCodes(tx, workspaceId, creatorKey);
}

export async function countCodes(
  db: Db,
  workspaceId: string,
  creatorKey: Uint8Array,
): Promise<number> {
  const row = await db
    .selectFrom('referral_code')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('creator_key', '=', creatorKey)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export interface CodeFilter {
  readonly valid: boolean | undefined;
  readonly archived: 'without' | 'with' | 'only';
  readonly creatorKey: Uint8Array | undefined;
  readonly beneficiaryKey: Uint8Array | undefined;
  /** A part of the code or the description, in whatever case. */
  readonly search: string | undefined;
  readonly now: Date;
  readonly before: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Newest first: ids sort by when they were made. */
export async function selectCodes(
  db: Db,
  workspaceId: string,
  filter: CodeFilter,
): Promise<CodeRow[]> {
  let query = db.selectFrom('referral_code').selectAll().where('workspace_id', '=', workspaceId);
  if (filter.archived === 'without') query = query.where('archived_at', 'is', null);
  if (filter.archived === 'only') query = query.where('archived_at', 'is not', null);
  if (filter.valid !== undefined) query = query.where(isValid(filter.now, filter.valid));
  if (filter.creatorKey !== undefined) query = query.where('creator_key', '=', filter.creatorKey);
  if (filter.beneficiaryKey !== undefined)
    query = query.where('beneficiary_key', '=', filter.beneficiaryKey);
  if (filter.search !== undefined)
    query = query.where(
      sql<boolean>`strpos(lower(concat_ws(chr(10), code, description)), lower(${filter.search})) > 0`,
    );
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map(toCode);
}

/** Those with uses, most used first. */
export async function selectTopCodes(
  db: Db,
  workspaceId: string,
  limit: number,
): Promise<CodeRow[]> {
  const rows = await db
    .selectFrom('referral_code')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .where('uses', '>', 0)
    .orderBy('uses', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toCode);
}

export interface CodeTotals {
  readonly codes: number;
  readonly validCodes: number;
  readonly codesWithUses: number;
}

export async function totalCodes(db: Db, workspaceId: string, now: Date): Promise<CodeTotals> {
  const row = await db
    .selectFrom('referral_code')
    .select((eb) => [
      eb.fn.countAll<string>().as('codes'),
      sql<string>`count(*) filter (where ${isValid(now, true)})`.as('valid'),
      sql<string>`count(*) filter (where uses > 0)`.as('used'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .executeTakeFirstOrThrow();
  return {
    codes: Number(row.codes),
    validCodes: Number(row.valid),
    codesWithUses: Number(row.used),
  };
}

function isValid(now: Date, wanted: boolean) {
  return sql<boolean>`(active and uses < uses_max and (expires_at is null or expires_at > ${now})) = ${wanted}`;
}

function toColumns(
  code: CodeRow,
): Pick<
  Insertable<Tables['referral_code']>,
  | 'description'
  | 'active'
  | 'uses_max'
  | 'expires_at'
  | 'beneficiary_id'
  | 'beneficiary_key'
  | 'link_id'
  | 'updated_at'
  | 'archived_at'
> {
  return {
    description: code.description,
    active: code.active,
    uses_max: code.usesMax,
    expires_at: code.expiresAt,
    beneficiary_id: code.beneficiaryId ?? null,
    beneficiary_key: code.beneficiaryKey,
    link_id: code.linkId,
    updated_at: code.updatedAt,
    archived_at: code.archivedAt,
  };
}

function toCode(row: Selectable<Tables['referral_code']>): CodeRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    code: row.code,
    description: row.description,
    active: row.active,
    uses: row.uses,
    usesMax: row.uses_max,
    expiresAt: row.expires_at,
    creatorId: row.creator_id ?? (row.creator_key === null ? null : undefined),
    creatorKey: row.creator_key,
    beneficiaryId: row.beneficiary_id ?? (row.beneficiary_key === null ? null : undefined),
    beneficiaryKey: row.beneficiary_key,
    linkId: row.link_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
  };
}

/** Without what only the tables need. */
export function showCode({
  creatorKey: _creator,
  beneficiaryKey: _beneficiary,
  ...code
}: CodeRow): ReferralCode {
  return code;
}
