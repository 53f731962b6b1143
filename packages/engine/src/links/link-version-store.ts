import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';

export type StoredSnapshot = Readonly<Record<string, unknown>>;

export interface LinkVersion {
  readonly id: string;
  readonly at: Date;
  readonly actor: string | null;
  /** What was done to the link: `link.updated`. */
  readonly action: string;
  /** The row of the link after it, without the hash of its password. */
  readonly snapshot: StoredSnapshot;
}

/**
 * Copies links as they are now. The copy is made of the whole row, so that a column which is added later is in it
 * too; the hash of a password never is.
 */
export async function insertLinkVersions(
  tx: Tx,
  workspaceId: string,
  versions: ReadonlyArray<{ readonly id: string; readonly linkId: string }>,
  details: { readonly at: Date; readonly actor: string | undefined; readonly action: string },
): Promise<void> {
  const given = sql<{ id: string; link_id: string }>`unnest(
    ${versions.map(({ id }) => id)}::uuid[], ${versions.map(({ linkId }) => linkId)}::uuid[]
  )`.as<'given'>(sql`given(id, link_id)`);
  await tx
    .insertInto('link_version')
    .columns(['workspace_id', 'link_id', 'id', 'at', 'actor', 'action', 'snapshot'])
    .expression((eb) =>
      eb
        .selectFrom('link')
        .innerJoin(given, 'given.link_id', 'link.id')
        .select([
          'link.workspace_id',
          'link.id as link_id',
          'given.id',
          sql<Date>`${details.at.toISOString()}::timestamptz`.as('at'),
          sql<string | null>`${details.actor ?? null}::text`.as('actor'),
          sql<string>`${details.action}::text`.as('action'),
          sql<string>`to_jsonb(link) - 'password_hash'`.as('snapshot'),
        ])
        .where('link.workspace_id', '=', workspaceId),
    )
    .execute();
}

/** Newest first. */
export async function selectLinkVersions(
  db: Db,
  workspaceId: string,
  linkId: string,
  page: Page<string>,
): Promise<LinkVersion[]> {
  let query = db
    .selectFrom('link_version')
    .select(['id', 'at', 'actor', 'action', 'snapshot'])
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return query.orderBy('id', 'desc').limit(page.limit).offset(page.offset).execute();
}

export async function findLinkVersion(
  db: Db,
  workspaceId: string,
  linkId: string,
  id: string,
): Promise<LinkVersion | undefined> {
  return db
    .selectFrom('link_version')
    .select(['id', 'at', 'actor', 'action', 'snapshot'])
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .where('id', '=', id)
    .executeTakeFirst();
}
