import { sql } from 'kysely';

import type { Tx } from '../store/database.ts';

/**
 * Whether keys on a host differ by case, for a link that this transaction is about to put there: the choice cannot
 * change before it ends. Asked after the lock, so that a change that was waited for is seen.
 */
export async function holdKeyCase(tx: Tx, workspaceId: string, host: string): Promise<boolean> {
  await sql`select pg_advisory_xact_lock_shared(${lockOf(workspaceId, host)})`.execute(tx);
  const row = await tx
    .selectFrom('domain')
    .select('case_sensitive')
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .executeTakeFirst();
  return row?.case_sensitive ?? true;
}

/** Waits for the transactions that put links on the host, and holds new ones up until this one ends. */
export async function lockKeyCase(tx: Tx, workspaceId: string, host: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockOf(workspaceId, host)})`.execute(tx);
}

/** The keys of a few live links that would be one if case made no difference; empty where there are none. */
export async function findKeysThatDifferInCase(
  tx: Tx,
  workspaceId: string,
  host: string,
): Promise<readonly string[]> {
  const row = await tx
    .selectFrom('link')
    .select(sql<string[]>`array_agg(key order by key)`.as('keys'))
    .where('workspace_id', '=', workspaceId)
    .where('domain', '=', host)
    .where('archived_at', 'is', null)
    .groupBy(sql`lower(key)`)
    .having(sql<boolean>`count(*) > 1`)
    .limit(1)
    .executeTakeFirst();
  return row?.keys ?? [];
}

/** Archived links learn it when they are restored. */
export async function updateKeyCase(
  tx: Tx,
  workspaceId: string,
  host: string,
  caseSensitive: boolean,
): Promise<void> {
  await tx
    .updateTable('link')
    .set({ case_sensitive: caseSensitive })
    .where('workspace_id', '=', workspaceId)
    .where('domain', '=', host)
    .where('archived_at', 'is', null)
    .where('case_sensitive', '!=', caseSensitive)
    .execute();
}

function lockOf(workspaceId: string, host: string) {
  return sql`hashtextextended(${`headwater keys ${workspaceId} ${host}`}, 0)`;
}
