import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Page, TimeCursor } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import { pathOfSource } from './payment-source.ts';
import type { ReceivedPayment, StoredPaymentSource } from './payment-source.ts';

export async function insertPaymentSource(db: Db, source: StoredPaymentSource): Promise<void> {
  await db
    .insertInto('payment_source')
    .values({
      workspace_id: source.workspaceId,
      id: source.id,
      provider: source.provider,
      name: source.name,
      mode: source.mode,
      payer_reference: source.payerReference,
      secrets: source.secrets,
      archived_at: source.archivedAt,
      created_at: source.createdAt,
      updated_at: source.updatedAt,
    })
    .execute();
}

export async function updatePaymentSource(
  db: Db,
  workspaceId: string,
  id: string,
  changes: { secrets?: Uint8Array; archived_at?: Date; updated_at: Date },
): Promise<void> {
  await db
    .updateTable('payment_source')
    .set(changes)
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

export async function findPaymentSource(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<StoredPaymentSource | undefined> {
  const row = await db
    .selectFrom('payment_source')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toSource(row);
}

export async function lockPaymentSource(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<StoredPaymentSource | undefined> {
  const row = await tx
    .selectFrom('payment_source')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toSource(row);
}

/** The live ones, newest first: nobody has many. */
export async function selectPaymentSources(
  db: Db,
  workspaceId: string,
): Promise<StoredPaymentSource[]> {
  const rows = await db
    .selectFrom('payment_source')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toSource);
}

function toSource(row: Selectable<Tables['payment_source']>): StoredPaymentSource {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    provider: row.provider,
    name: row.name,
    mode: row.mode,
    payerReference: row.payer_reference,
    path: pathOfSource(row.workspace_id, row.id),
    secrets: row.secrets,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

type MessageRow = Tables['payment_message'];
export type StoredPayment = Selectable<MessageRow>;

/** `false` where the message is known. */
export async function insertPaymentMessage(
  db: Db,
  row: Pick<StoredPayment, 'workspace_id' | 'source_id' | 'id' | 'type' | 'status' | 'reason'> & {
    readonly facts: Uint8Array | null;
    readonly now: Date;
  },
): Promise<boolean> {
  const { now, ...values } = row;
  const inserted = await db
    .insertInto('payment_message')
    .values({ ...values, names: [], visitor_id: null, attempts: 0, due_at: now, received_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Messages that wait: one by its id, those for a payment by its names, or those that are due. */
export async function findWaitingPayments(
  db: Db,
  workspaceId: string,
  which:
    | { readonly sourceId: string; readonly id: string }
    | { readonly sourceId: string; readonly names: readonly string[] }
    | { readonly dueAt: Date; readonly limit: number },
): Promise<StoredPayment[]> {
  const waiting = db
    .selectFrom('payment_message')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'waiting');
  if ('dueAt' in which)
    return waiting
      .where('due_at', '<=', which.dueAt)
      .orderBy('due_at')
      .orderBy('id')
      .limit(which.limit)
      .execute();
  const ofSource = waiting.where('source_id', '=', which.sourceId);
  return 'id' in which
    ? ofSource.where('id', '=', which.id).execute()
    : ofSource.where('names', '&&', sql<string[]>`${[...which.names]}::text[]`).execute();
}

/** What became of a message that waits; nothing happens where another process has settled it. */
export async function settlePaymentMessage(
  db: Db,
  message: Pick<StoredPayment, 'workspace_id' | 'source_id' | 'id'>,
  changes: Partial<
    Pick<StoredPayment, 'status' | 'reason' | 'visitor_id' | 'attempts' | 'names'>
  > & { facts?: null; due_at?: Date },
): Promise<void> {
  await db
    .updateTable('payment_message')
    .set(changes)
    .where('workspace_id', '=', message.workspace_id)
    .where('source_id', '=', message.source_id)
    .where('id', '=', message.id)
    .where('status', '=', 'waiting')
    .execute();
}

/** Background work goes from workspace to workspace. */
export async function findWorkspacesWithPayments(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('payment_source').select('workspace_id').distinct().execute();
  return rows.map((row) => row.workspace_id);
}

/** Messages that are settled, and names of payments, from before. */
export async function deletePayments(
  db: Db,
  workspaceId: string,
  before: { readonly messages: Date; readonly names: Date },
): Promise<void> {
  await db
    .deleteFrom('payment_message')
    .where('workspace_id', '=', workspaceId)
    .where('received_at', '<', before.messages)
    .where('status', '<>', 'waiting')
    .execute();
  await db
    .deleteFrom('payment_reference')
    .where('workspace_id', '=', workspaceId)
    .where('created_at', '<', before.names)
    .execute();
}

/** Newest first. */
export async function selectPaymentMessages(
  db: Db,
  workspaceId: string,
  page: Page<TimeCursor> & {
    readonly sourceId: string;
    readonly status?: ReceivedPayment['status'] | undefined;
  },
): Promise<ReceivedPayment[]> {
  const { before, status } = page;
  const rows = await db
    .selectFrom('payment_message')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('source_id', '=', page.sourceId)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(before !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('received_at', 'id'), '<', eb.tuple(before!.at, before!.id)),
      ),
    )
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    status: row.status,
    reason: row.reason,
    visitorId: row.visitor_id,
    attempts: row.attempts,
    receivedAt: row.received_at,
  }));
}
