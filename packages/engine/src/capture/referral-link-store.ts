import { sql } from 'kysely';

import type { Db } from '../store/database.ts';

/**
 * The ids of up to two referral links with a key, whatever their domain; in whatever case where that has chosen so. Those
 * that have expired only where no other has the key.
 */
export async function selectReferralLinkIds(
  db: Db,
  workspaceId: string,
  key: string,
  now: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('link')
    .select(['id', 'expires_at'])
    .where('workspace_id', '=', workspaceId)
    .where(sql<boolean>`(key = ${key} or (not case_sensitive and lower(key) = lower(${key})))`)
    .where('link_type', '=', 'referral')
    .where('archived_at', 'is', null)
    .orderBy((eb) => eb.fn.coalesce('expires_at', sql<Date>`'infinity'::timestamptz`), 'desc')
    .limit(2)
    .execute();
  const live = rows.filter((row) => row.expires_at === null || row.expires_at.getTime() > now);
  return (live.length > 0 ? live : rows.slice(0, 1)).map((row) => row.id);
}
