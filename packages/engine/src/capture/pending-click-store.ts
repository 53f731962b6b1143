import type { IncomingEvent } from '../ingest/event.ts';
import type { Db } from '../store/database.ts';

export async function findPendingClick(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<IncomingEvent | undefined> {
  const row = await db
    .selectFrom('pending_click')
    .select('payload')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.payload as IncomingEvent | undefined;
}

export async function deletePendingClick(db: Db, workspaceId: string, id: string): Promise<void> {
  await db
    .deleteFrom('pending_click')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/** A minimised click, once, however often: the spool may bring it again. */
export async function insertPendingClick(db: Db, click: IncomingEvent): Promise<void> {
  await db
    .insertInto('pending_click')
    .values({
      workspace_id: click.workspaceId,
      id: click.id,
      payload: JSON.stringify(click),
      created_at: new Date(click.occurredAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether any of these identifiers is kept as that of somebody who was erased, at some moment or later. */
export async function isAnyErased(
  db: Db,
  workspaceId: string,
  identifiers: ReadonlyArray<{
    readonly kind: string;
    readonly valueHash: Buffer;
    readonly notBefore?: Date | undefined;
  }>,
): Promise<boolean> {
  if (identifiers.length === 0) return false;
  const row = await db
    .selectFrom('identity')
    .innerJoin('visitor', (join) =>
      join
        .onRef('visitor.workspace_id', '=', 'identity.workspace_id')
        .onRef('visitor.id', '=', 'identity.visitor_id'),
    )
    .select('visitor.id')
    .where('identity.workspace_id', '=', workspaceId)
    .where('visitor.erased_at', 'is not', null)
    .where((eb) =>
      eb.or(
        identifiers.map(({ kind, valueHash, notBefore }) =>
          eb.and([
            eb('identity.kind', '=', kind),
            eb('identity.value_hash', '=', valueHash),
            ...(notBefore === undefined ? [] : [eb('visitor.erased_at', '>=', notBefore)]),
          ]),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
