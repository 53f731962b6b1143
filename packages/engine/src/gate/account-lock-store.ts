import { sql } from 'kysely';

import type { Tx } from '../store/database.ts';

/** Makes what is done for one account wait for each other until the transaction ends. */
export async function lockAccount(tx: Tx, workspaceId: string, account: string): Promise<void> {
  const lock = `gate ${workspaceId} ${account}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
}
