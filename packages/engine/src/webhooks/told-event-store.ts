import { sql } from 'kysely';

import type { Db } from '../store/database.ts';

/** An event as it is stored; `undefined` where it is gone. */
export async function findToldEvent(
  db: Db,
  workspaceId: string,
  { id, occurredAt }: { readonly id: string; readonly occurredAt: Date },
) {
  return db
    .selectFrom('event')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('occurred_at', '=', occurredAt)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The links that conversions are credited to, by the ids of their events. */
export async function findCreditedLinks(
  db: Db,
  workspaceId: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (eventIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('conversion')
    .select(['id', 'link_id'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${[...eventIds]}::uuid[])`)
    .where('link_id', 'is not', null)
    .$narrowType<{ link_id: string }>()
    .execute();
  return new Map(rows.map((row) => [row.id, row.link_id]));
}
