import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { TimeCursor } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Redeemable, Redemption, RedemptionStatus } from './redemption.ts';

export type RedemptionRow = Redemption & {
  readonly workspaceId: string;
  readonly entityKey: Uint8Array;
  readonly attemptKey: string | null;
};

/** `false` where the entity has an active one, or the attempt is there: nothing is written. */
export async function insertRedemption(tx: Tx, redemption: RedemptionRow): Promise<boolean> {
  const row = await tx
    .insertInto('redemption')
    .values({
      workspace_id: redemption.workspaceId,
      id: redemption.id,
      invitation_id: redemption.invitationId,
      code_id: redemption.codeId,
      entity_type: redemption.entity.type,
      entity_id: redemption.entity.id ?? null,
      entity_key: redemption.entityKey,
      status: redemption.status,
      self_referral: redemption.selfReferral,
      attempt_key: redemption.attemptKey,
      metadata: JSON.stringify(redemption.metadata),
      redeemed_at: redemption.redeemedAt,
      reversed_at: redemption.reversedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes back what the same transaction inserted. */
export async function deleteRedemption(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx
    .deleteFrom('redemption')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/** The one that holds a seat for the entity: taken here, or in the system that it was imported from. */
export async function findActiveRedemption(
  db: Db,
  workspaceId: string,
  of: Redeemable,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<RedemptionRow | undefined> {
  const row = await redemptionsOf(db, workspaceId, of)
    .selectAll()
    .where('entity_type', '=', entity.type)
    .where('entity_key', '=', entity.key)
    .where('status', '<>', 'reversed')
    .orderBy('redeemed_at')
    .limit(1)
    .executeTakeFirst();
  return row && toRow(row);
}

export async function findRedemptionByAttempt(
  db: Db,
  workspaceId: string,
  attemptKey: string,
): Promise<RedemptionRow | undefined> {
  const row = await db
    .selectFrom('redemption')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('attempt_key', '=', attemptKey)
    .executeTakeFirst();
  return row && toRow(row);
}

/** Turns an active redemption into a reversed one; `undefined` where it is none. */
export async function reverseRedemptionRow(
  tx: Tx,
  workspaceId: string,
  id: string,
  at: Date,
): Promise<RedemptionRow | undefined> {
  const row = await tx
    .updateTable('redemption')
    // The attempt is over: the same one again takes a seat of its own.
    .set({ status: 'reversed', reversed_at: at, attempt_key: null })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .returningAll()
    .executeTakeFirst();
  return row && toRow(row);
}

export async function findRedemption(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<RedemptionRow | undefined> {
  const row = await db
    .selectFrom('redemption')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toRow(row);
}

export interface RedemptionFilter {
  readonly of: Redeemable | undefined;
  readonly entity: { readonly type: string; readonly key: Uint8Array } | undefined;
  /** Those of codes, of whichever. */
  readonly ofCodes: boolean;
  readonly status: RedemptionStatus | undefined;
  readonly before: TimeCursor | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Newest first. */
export async function selectRedemptions(
  db: Db,
  workspaceId: string,
  filter: RedemptionFilter,
): Promise<Redemption[]> {
  let query = redemptionsOf(db, workspaceId, filter.of).selectAll();
  if (filter.ofCodes) query = query.where('code_id', 'is not', null);
  if (filter.entity !== undefined)
    query = query
      .where('entity_type', '=', filter.entity.type)
      .where('entity_key', '=', filter.entity.key);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.before !== undefined)
    query = query.where(
      sql<boolean>`(redeemed_at, id) < (${filter.before.at}::timestamptz, ${filter.before.id}::uuid)`,
    );
  const rows = await query
    .orderBy('redeemed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map((row) => showRedemption(toRow(row)));
}

export interface RedemptionTotals {
  readonly total: number;
  readonly entities: number;
  readonly lastAt: Date | undefined;
}

/** Everything that was ever redeemed, reversed and imported ones too. */
export async function totalRedemptions(
  db: Db,
  workspaceId: string,
  of: Redeemable | undefined,
): Promise<RedemptionTotals> {
  const row = await redemptionsOf(db, workspaceId, of)
    .select((eb) => [
      eb.fn.countAll<string>().as('total'),
      sql<string>`count(distinct (entity_type, entity_key))`.as('entities'),
      // Of no rows it is null.
      eb.fn.max<Date | null>('redeemed_at').as('last_at'),
    ])
    .$if(of === undefined, (query) => query.where('code_id', 'is not', null))
    .executeTakeFirstOrThrow();
  return {
    total: Number(row.total),
    entities: Number(row.entities),
    lastAt: row.last_at ?? undefined,
  };
}

/** Whether an entity has ever redeemed: this, or any code. Reversed ones do not count. */
export async function hasRedemption(
  db: Db,
  workspaceId: string,
  of: Redeemable | undefined,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<boolean> {
  const row = await redemptionsOf(db, workspaceId, of)
    .select('id')
    .where('entity_type', '=', entity.type)
    .where('entity_key', '=', entity.key)
    .where('status', '<>', 'reversed')
    .$if(of === undefined, (query) => query.where('code_id', 'is not', null))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether an entity has ever redeemed anything that was not taken back. */
export async function hasAnyRedemption(
  db: Db,
  workspaceId: string,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<boolean> {
  const row = await db
    .selectFrom('redemption')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('entity_type', '=', entity.type)
    .where('entity_key', '=', entity.key)
    .where('status', '<>', 'reversed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Without what only the tables need. */
export function showRedemption({
  workspaceId: _workspace,
  entityKey: _key,
  attemptKey: _attempt,
  ...redemption
}: RedemptionRow): Redemption {
  return redemption;
}

function redemptionsOf(db: Db, workspaceId: string, of: Redeemable | undefined) {
  const all = db.selectFrom('redemption').where('workspace_id', '=', workspaceId);
  if (of === undefined) return all;
  return 'codeId' in of
    ? all.where('code_id', '=', of.codeId)
    : all.where('invitation_id', '=', of.invitationId);
}

function toRow(row: Selectable<Tables['redemption']>): RedemptionRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    invitationId: row.invitation_id,
    codeId: row.code_id,
    entity: { type: row.entity_type, id: row.entity_id ?? undefined },
    entityKey: row.entity_key,
    status: row.status as RedemptionStatus,
    selfReferral: row.self_referral,
    attemptKey: row.attempt_key,
    metadata: row.metadata,
    redeemedAt: row.redeemed_at,
    reversedAt: row.reversed_at,
  };
}
