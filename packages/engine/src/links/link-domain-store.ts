import type { Db, Tx } from '../store/database.ts';
import type { LinkDomainSettings } from './link-domain.ts';

export async function findLinkDomain(
  db: Db,
  workspaceId: string,
  host: string,
): Promise<LinkDomainSettings | undefined> {
  const row = await db
    .selectFrom('link_domain')
    .select('settings')
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .executeTakeFirst();
  return row?.settings;
}

export async function upsertLinkDomain(
  tx: Tx,
  row: {
    readonly workspaceId: string;
    readonly host: string;
    readonly settings: LinkDomainSettings;
    readonly at: Date;
  },
): Promise<void> {
  const settings = JSON.stringify(row.settings);
  await tx
    .insertInto('link_domain')
    .values({ workspace_id: row.workspaceId, host: row.host, settings, updated_at: row.at })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'host']).doUpdateSet({ settings, updated_at: row.at }),
    )
    .execute();
}
