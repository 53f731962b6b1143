import { sql } from 'kysely';

import type { Db } from '../store/database.ts';

/** The ids of up to two referral links with a key, whatever their domain; in whatever case where that has chosen so. */
export async function selectReferralLinkIds(
  db: Db,
  workspaceId: string,
  key: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('link')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where(sql<boolean>`(key = ${key} or (not case_sensitive and lower(key) = lower(${key})))`)
    .where('link_type', '=', 'referral')
    .where('archived_at', 'is', null)
    .limit(2)
    .execute();
  return rows.map((row) => row.id);
}
