import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Partner, PartnerStatus } from './partner.ts';

/** A partner as the row has them: the address is encrypted. */
export type PartnerRow = Omit<Partner, 'email'> & {
  readonly email: Uint8Array | null;
  readonly personKey: Uint8Array | null;
  readonly emailHash: Uint8Array | null;
  readonly tokenVersion: number;
};

/** `false` where a live partner has the key or the external id: nothing is written, and the transaction stays good. */
export async function insertPartner(tx: Tx, partner: PartnerRow): Promise<boolean> {
  const row = await tx
    .insertInto('partner')
    .values({
      workspace_id: partner.workspaceId,
      id: partner.id,
      key: partner.key,
      ...toColumns(partner),
      created_at: partner.createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function updatePartnerRow(tx: Tx, partner: PartnerRow): Promise<void> {
  await tx
    .updateTable('partner')
    .set(toColumns(partner))
    .where('workspace_id', '=', partner.workspaceId)
    .where('id', '=', partner.id)
    .execute();
}

/** Until this transaction ends nobody else changes the partner. */
export async function lockPartner(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<PartnerRow | undefined> {
  const row = await tx
    .selectFrom('partner')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toPartner(row);
}

export async function findPartner(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<PartnerRow | undefined> {
  const row = await db
    .selectFrom('partner')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toPartner(row);
}

export async function selectActivePartnerIds(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('partner')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('status', '=', 'active')
    .execute();
  return rows.map(({ id }) => id);
}

/** The partner that is not archived and has this key, in whatever case. */
export async function findPartnerByKey(
  db: Db,
  workspaceId: string,
  key: string,
): Promise<PartnerRow | undefined> {
  const row = await db
    .selectFrom('partner')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where(sql<boolean>`lower(key) = lower(${key})`)
    .where('status', '<>', 'archived')
    .executeTakeFirst();
  return row && toPartner(row);
}

export async function hasExternalId(
  db: Db,
  workspaceId: string,
  externalId: string,
  besideId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('partner')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('external_id', '=', externalId)
    .where('status', '<>', 'archived')
    .where('id', '<>', besideId)
    .executeTakeFirst();
  return row !== undefined;
}

export interface PartnerFilter {
  readonly status: PartnerStatus | undefined;
  readonly programId: string | undefined;
  readonly group: string | undefined;
  readonly ids: readonly string[] | undefined;
  readonly search: string | undefined;
  readonly before: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Newest first: ids sort by when they were made. Without the archived ones, unless they or their ids are asked for. */
export async function selectPartners(
  db: Db,
  workspaceId: string,
  { status, programId, group, ids, search, before, limit, offset }: PartnerFilter,
): Promise<PartnerRow[]> {
  let query = db.selectFrom('partner').selectAll().where('workspace_id', '=', workspaceId);
  if (status !== undefined) query = query.where('status', '=', status);
  else if (ids === undefined) query = query.where('status', '<>', 'archived');
  if (ids !== undefined) query = query.where('id', '=', sql<string>`any(${ids}::uuid[])`);
  if (group !== undefined) query = query.where('group_key', '=', group);
  if (programId !== undefined) query = query.where('program_id', '=', programId);
  if (search !== undefined)
    query = query.where(sql<boolean>`position(lower(${search}) in lower(key || ' ' || name)) > 0`);
  if (before !== undefined) query = query.where('id', '<', before);
  const rows = await query.orderBy('id', 'desc').limit(limit).offset(offset).execute();
  return rows.map(toPartner);
}

/** Partners of these ids, whatever their status. */
export async function selectPartnersByIds(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<PartnerRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('partner')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toPartner);
}

function toColumns(partner: PartnerRow) {
  return {
    name: partner.name,
    status: partner.status,
    external_id: partner.externalId,
    person_key: partner.personKey,
    email_hash: partner.emailHash,
    email: partner.email,
    metadata: JSON.stringify(partner.metadata),
    program_id: partner.programId,
    group_key: partner.group,
    token_version: partner.tokenVersion,
    updated_at: partner.updatedAt,
    archived_at: partner.archivedAt,
  };
}

function toPartner(row: Selectable<Tables['partner']>): PartnerRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    key: row.key,
    name: row.name,
    status: row.status,
    externalId: row.external_id,
    personKey: row.person_key,
    emailHash: row.email_hash,
    email: row.email,
    metadata: row.metadata,
    programId: row.program_id,
    group: row.group_key,
    tokenVersion: row.token_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
  };
}
