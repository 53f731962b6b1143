import type { Db } from '../store/database.ts';

/** The ids of up to two referral links with a key, whatever their domain. */
export async function selectReferralLinkIds(
  db: Db,
  workspaceId: string,
  key: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('link')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('key', '=', key)
    .where('link_type', '=', 'referral')
    .where('archived_at', 'is', null)
    .limit(2)
    .execute();
  return rows.map((row) => row.id);
}
