import { sql } from 'kysely';

import type { Db } from '../store/database.ts';

/** The patterns of a host, and what the keys of several segments begin with: `docs` of `docs/start`. */
export async function findPathKeys(
  db: Db,
  workspaceId: string,
  host: string,
): Promise<{ readonly patterns: readonly string[]; readonly heads: readonly string[] }> {
  // The condition of the index `link_path`, word by word.
  const paths = db
    .selectFrom('link')
    .where('workspace_id', '=', workspaceId)
    .where('domain', '=', host)
    .where('archived_at', 'is', null)
    .where(sql<boolean>`position('/' in key) > 0`);
  const patterns = await paths
    .select('key')
    .where(sql<boolean>`key ~ '[*:]'`)
    .execute();
  const heads = await paths
    .select(sql<string>`split_part(key, '/', 1)`.as('head'))
    .distinct()
    .execute();
  return { patterns: patterns.map(({ key }) => key), heads: heads.map(({ head }) => head) };
}
