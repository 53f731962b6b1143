import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { KeyedEntity, Referral } from './redemption.ts';

/** Notes who referred whom. Whoever was referred before stays with who came first: then the answer is `false`. */
export async function insertReferral(
  tx: Tx,
  workspaceId: string,
  referral: {
    readonly id: string;
    readonly redemptionId: string;
    readonly referrer: KeyedEntity;
    readonly referee: KeyedEntity;
    readonly createdAt: Date;
  },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('referral')
    .values({
      workspace_id: workspaceId,
      id: referral.id,
      redemption_id: referral.redemptionId,
      referrer_type: referral.referrer.entity.type,
      referrer_id: referral.referrer.entity.id ?? null,
      referrer_key: referral.referrer.key,
      referee_type: referral.referee.entity.type,
      referee_id: referral.referee.entity.id ?? null,
      referee_key: referral.referee.key,
      status: 'active',
      created_at: referral.createdAt,
      reversed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** The id of the referral, where there is one that was active. */
export async function reverseReferral(
  tx: Tx,
  workspaceId: string,
  redemptionId: string,
  at: Date,
): Promise<string | undefined> {
  const reversed = await tx
    .updateTable('referral')
    .set({
      status: 'reversed',
      reversed_at: at,
      // By which rewards learn of it.
      transaction_id: sql<bigint>`pg_current_xact_id()::text::bigint`,
    })
    .where('workspace_id', '=', workspaceId)
    .where('redemption_id', '=', redemptionId)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst();
  return reversed?.id;
}

export async function findReferral(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<Referral | undefined> {
  const row = await db
    .selectFrom('referral')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toReferral(row);
}

/** Newest first. */
export async function selectReferrals(
  db: Db,
  workspaceId: string,
  filter: {
    readonly referrer: { readonly type: string; readonly key: Uint8Array } | undefined;
    readonly referee: { readonly type: string; readonly key: Uint8Array } | undefined;
    readonly before: string | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<Referral[]> {
  const { referrer, referee } = filter;
  let query = db.selectFrom('referral').selectAll().where('workspace_id', '=', workspaceId);
  if (referrer !== undefined)
    query = query
      .where('referrer_type', '=', referrer.type)
      .where('referrer_key', '=', referrer.key);
  if (referee !== undefined)
    query = query.where('referee_type', '=', referee.type).where('referee_key', '=', referee.key);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map(toReferral);
}

/** Who has referred how many, most first. */
export async function countByReferrer(
  db: Db,
  workspaceId: string,
  limit: number,
): Promise<Array<{ readonly referrer: Referral['referrer']; readonly referrals: number }>> {
  const rows = await db
    .selectFrom('referral')
    .select((eb) => [
      'referrer_type',
      'referrer_key',
      eb.fn.max('referrer_id').as('referrer_id'),
      eb.fn.countAll<string>().as('referrals'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'active')
    .groupBy(['referrer_type', 'referrer_key'])
    .orderBy('referrals', 'desc')
    .orderBy('referrer_key')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    referrer: { type: row.referrer_type, id: row.referrer_id ?? undefined },
    referrals: Number(row.referrals),
  }));
}

function toReferral(row: Selectable<Tables['referral']>): Referral {
  return {
    id: row.id,
    redemptionId: row.redemption_id,
    referrer: { type: row.referrer_type, id: row.referrer_id ?? undefined },
    referee: { type: row.referee_type, id: row.referee_id ?? undefined },
    status: row.status as Referral['status'],
    createdAt: row.created_at,
  };
}
