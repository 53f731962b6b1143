import type { Selectable } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
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
    .values({ ...values, visitor_id: null, attempts: 0, due_at: now, received_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** What waits: of one source all of it, otherwise what is due. */
export async function findWaitingPayments(
  db: Db,
  workspaceId: string,
  due: { readonly now: Date; readonly limit: number; readonly sourceId?: string | undefined },
): Promise<StoredPayment[]> {
  const { now, limit, sourceId } = due;
  return db
    .selectFrom('payment_message')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'waiting')
    .$if(sourceId === undefined, (query) => query.where('due_at', '<=', now))
    .$if(sourceId !== undefined, (query) => query.where('source_id', '=', sourceId!))
    .orderBy('due_at')
    .limit(limit)
    .execute();
}

export async function settlePaymentMessage(
  db: Db,
  message: Pick<StoredPayment, 'workspace_id' | 'source_id' | 'id'>,
  changes: Partial<Pick<StoredPayment, 'status' | 'reason' | 'visitor_id' | 'attempts'>> & {
    facts?: null;
    due_at?: Date;
  },
): Promise<void> {
  await db
    .updateTable('payment_message')
    .set(changes)
    .where('workspace_id', '=', message.workspace_id)
    .where('source_id', '=', message.source_id)
    .where('id', '=', message.id)
    .execute();
}

/** Background work goes from workspace to workspace. */
export async function findWorkspacesWithPayments(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('payment_message')
    .select('workspace_id')
    .distinct()
    .where('status', '=', 'waiting')
    .execute();
  return rows.map((row) => row.workspace_id);
}

/** Newest first. */
export async function selectPaymentMessages(
  db: Db,
  workspaceId: string,
  page: Pick<Page<never>, 'limit' | 'offset'> & {
    readonly sourceId: string;
    readonly status?: ReceivedPayment['status'] | undefined;
  },
): Promise<ReceivedPayment[]> {
  const { status } = page;
  const rows = await db
    .selectFrom('payment_message')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('source_id', '=', page.sourceId)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
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

export interface KnownPayment {
  readonly key: string;
  readonly visitorId: string | undefined;
}

/** The payment that one of the names stands for. */
export async function findPayment(
  db: Db,
  source: { readonly workspaceId: string; readonly sourceId: string },
  references: readonly string[],
): Promise<KnownPayment | undefined> {
  if (references.length === 0) return undefined;
  const row = await db
    .selectFrom('payment_reference')
    .select(['payment_key', 'visitor_id'])
    .where('workspace_id', '=', source.workspaceId)
    .where('source_id', '=', source.sourceId)
    .where('reference', 'in', [...references])
    .orderBy('payment_key')
    .executeTakeFirst();
  return row && { key: row.payment_key, visitorId: row.visitor_id ?? undefined };
}

/** Names are given once; those that are taken stay what they are. In one order, so that processes do not wait in a ring. */
export async function insertReferences(
  db: Db,
  source: { readonly workspaceId: string; readonly sourceId: string },
  references: readonly string[],
  payment: KnownPayment,
): Promise<void> {
  await db
    .insertInto('payment_reference')
    .values(
      references.toSorted().map((reference) => ({
        workspace_id: source.workspaceId,
        source_id: source.sourceId,
        reference,
        payment_key: payment.key,
        visitor_id: payment.visitorId ?? null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whose payment it was, for what follows it. */
export async function nameBuyer(
  db: Db,
  source: { readonly workspaceId: string; readonly sourceId: string },
  paymentKey: string,
  visitorId: string,
): Promise<void> {
  await db
    .updateTable('payment_reference')
    .set({ visitor_id: visitorId })
    .where('workspace_id', '=', source.workspaceId)
    .where('source_id', '=', source.sourceId)
    .where('payment_key', '=', paymentKey)
    .execute();
}
