import type { Db, Tx } from '../store/database.ts';

export interface SourceKey {
  readonly workspaceId: string;
  readonly sourceId: string;
}

/** A payment by any of its names. */
export interface KnownPayment {
  /** The event id that its sale has or will have. */
  readonly key: string;
  /** Who paid; nobody before the sale is recorded. */
  readonly visitorId: string | undefined;
}

/** Whoever names payments of a source comes after the other: names that meet make two payments one. */
export async function lockNames(tx: Tx, source: SourceKey): Promise<void> {
  await tx
    .selectFrom('payment_source')
    .select('id')
    .where('workspace_id', '=', source.workspaceId)
    .where('id', '=', source.sourceId)
    .forUpdate()
    .execute();
}

/** The payments that the names stand for: those whose sale is recorded first. */
export async function findPayments(
  db: Db,
  source: SourceKey,
  names: readonly string[],
): Promise<KnownPayment[]> {
  if (names.length === 0) return [];
  const rows = await db
    .selectFrom('payment_reference')
    .select(['payment_key', 'visitor_id'])
    .distinct()
    .where('workspace_id', '=', source.workspaceId)
    .where('source_id', '=', source.sourceId)
    .where('reference', 'in', [...names])
    .execute();
  return rows
    .map((row) => ({ key: row.payment_key, visitorId: row.visitor_id ?? undefined }))
    .toSorted(
      (left, right) =>
        Number(right.visitorId !== undefined) - Number(left.visitorId !== undefined) ||
        (left.key < right.key ? -1 : 1),
    );
}

export async function insertNames(
  db: Db,
  source: SourceKey,
  names: readonly string[],
  payment: KnownPayment & { readonly now: Date },
): Promise<void> {
  if (names.length === 0) return;
  await db
    .insertInto('payment_reference')
    .values(
      names.map((reference) => ({
        workspace_id: source.workspaceId,
        source_id: source.sourceId,
        reference,
        payment_key: payment.key,
        visitor_id: payment.visitorId ?? null,
        created_at: payment.now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Gives all names of some payments to one. */
export async function moveNames(
  db: Db,
  source: SourceKey,
  from: readonly string[],
  to: KnownPayment,
): Promise<void> {
  if (from.length === 0) return;
  await db
    .updateTable('payment_reference')
    .set({ payment_key: to.key, visitor_id: to.visitorId ?? null })
    .where('workspace_id', '=', source.workspaceId)
    .where('source_id', '=', source.sourceId)
    .where('payment_key', 'in', [...from])
    .execute();
}

/** Notes whose payment it was. */
export async function nameBuyer(db: Db, source: SourceKey, payment: KnownPayment): Promise<void> {
  await moveNames(db, source, [payment.key], payment);
}

/** The visitor of a click of ours. */
export async function findClicker(
  db: Db,
  workspaceId: string,
  clickId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('touch')
    .select('visitor_id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', clickId)
    .executeTakeFirst();
  return row?.visitor_id;
}

/** The visitor that the event with this key was stamped with. */
export async function findVisitorOfKey(
  db: Db,
  workspaceId: string,
  key: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('event_key')
    .innerJoin('event', (join) =>
      join
        .onRef('event.workspace_id', '=', 'event_key.workspace_id')
        .onRef('event.occurred_at', '=', 'event_key.occurred_at')
        .onRef('event.id', '=', 'event_key.event_id'),
    )
    .select('event.visitor_id')
    .where('event_key.workspace_id', '=', workspaceId)
    .where('event_key.key', '=', key)
    .executeTakeFirst();
  return row?.visitor_id ?? undefined;
}
