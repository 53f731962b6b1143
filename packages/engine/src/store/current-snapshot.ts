import { sql } from 'kysely';

import type { Db } from './database.ts';

/** What is committed now, as PostgreSQL writes it. */
export async function currentSnapshot(db: Db): Promise<string> {
  const { rows } = await sql<{
    snapshot: string;
  }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return rows[0]!.snapshot;
}
