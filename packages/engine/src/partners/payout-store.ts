import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Payout, PayoutBatch, PayoutStatus } from './payout.ts';

export async function insertBatch(
  tx: Tx,
  workspaceId: string,
  { id, note, createdAt }: Omit<PayoutBatch, 'payouts'>,
): Promise<void> {
  await tx
    .insertInto('payout_batch')
    .values({ workspace_id: workspaceId, id, note, created_at: createdAt })
    .execute();
}

export async function insertPayout(tx: Tx, workspaceId: string, payout: Payout): Promise<void> {
  await tx
    .insertInto('payout')
    .values({
      workspace_id: workspaceId,
      id: payout.id,
      batch_id: payout.batchId,
      partner_id: payout.partnerId,
      unit: payout.unit,
      amount_minor: payout.amountMinor,
      status: payout.status,
      entry_id: payout.entryId,
      reference: payout.reference,
      created_at: payout.createdAt,
      settled_at: payout.settledAt,
    })
    .execute();
}

export async function updatePayout(tx: Tx, workspaceId: string, payout: Payout): Promise<void> {
  await tx
    .updateTable('payout')
    .set({
      status: payout.status,
      reference: payout.reference,
      settled_at: payout.settledAt,
    })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', payout.id)
    .execute();
}

/** Until this transaction ends nobody else marks it. */
export async function lockPayout(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<Payout | undefined> {
  const row = await tx
    .selectFrom('payout')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toPayout(row);
}

/** A batch with its payouts; `undefined` where there is none. */
export async function findBatch(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<PayoutBatch | undefined> {
  const row = await db
    .selectFrom('payout_batch')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const payouts = await db
    .selectFrom('payout')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('batch_id', '=', id)
    .orderBy('id')
    .execute();
  return {
    id: row.id,
    note: row.note,
    createdAt: row.created_at,
    payouts: payouts.map(toPayout),
  };
}

/** Newest first. */
export async function selectPayouts(
  db: Db,
  workspaceId: string,
  filter: {
    readonly partnerId?: string | undefined;
    readonly status?: PayoutStatus | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
    readonly offset?: number | undefined;
  },
): Promise<Payout[]> {
  let query = db.selectFrom('payout').selectAll().where('workspace_id', '=', workspaceId);
  if (filter.partnerId !== undefined) query = query.where('partner_id', '=', filter.partnerId);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset ?? 0)
    .execute();
  return rows.map(toPayout);
}

/** Partners who have anything in the ledger, in the order of their ids, after one of them. */
export async function selectEarners(
  db: Db,
  workspaceId: string,
  {
    programId,
    after,
    limit,
  }: {
    readonly programId: string | undefined;
    readonly after: string;
    readonly limit: number;
  },
): Promise<string[]> {
  let query = db
    .selectFrom('partner')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '>', after)
    .where('status', '<>', 'disabled')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('commission')
          .select(sql`1`.as('one'))
          .where('commission.workspace_id', '=', workspaceId)
          .whereRef('commission.partner_id', '=', 'partner.id'),
      ),
    );
  if (programId !== undefined) query = query.where('program_id', '=', programId);
  const rows = await query.orderBy('id').limit(limit).execute();
  return rows.map((row) => row.id);
}

function toPayout(row: Selectable<Tables['payout']>): Payout {
  return {
    id: row.id,
    batchId: row.batch_id,
    partnerId: row.partner_id,
    unit: row.unit,
    amountMinor: row.amount_minor,
    status: row.status,
    entryId: row.entry_id,
    reference: row.reference,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}
