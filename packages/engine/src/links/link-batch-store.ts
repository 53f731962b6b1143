import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import { toLink, toRow } from './link-store.ts';
import type { Link } from './link.ts';

/** Rows that go into one statement: as many parameters as its columns each, of the 65,535 that there may be. */
const rowsAtOnce = 250;

/** The ids of those that were written; another link has the key or the external id of the others. */
export async function insertLinks(tx: Tx, links: readonly Link[]): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  for (let start = 0; start < links.length; start += rowsAtOnce) {
    const rows = await tx
      .insertInto('link')
      .values(links.slice(start, start + rowsAtOnce).map(toRow))
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .execute();
    for (const { id } of rows) written.add(id);
  }
  return written;
}

/** The live links that these domains and keys lead to, each as its domain writes keys. */
export async function findLinksByKeys(
  db: Db,
  workspaceId: string,
  keys: ReadonlyArray<{ readonly domain: string; readonly key: string }>,
): Promise<Link[]> {
  if (keys.length === 0) return [];
  const given = sql<{ domain: string; key: string }>`unnest(
    ${keys.map(({ domain }) => domain)}::text[], ${keys.map(({ key }) => key)}::text[]
  )`.as<'given'>(sql`given(domain, key)`);
  const live = db
    .selectFrom('link')
    .selectAll('link')
    .innerJoin(given, 'given.domain', 'link.domain')
    .where('link.workspace_id', '=', workspaceId)
    .where('link.archived_at', 'is', null);
  // Each half has an index of its own.
  const rows = await live
    .whereRef('link.key', '=', 'given.key')
    .unionAll(
      live
        .where(sql<boolean>`not link.case_sensitive and lower(link.key) = lower(given.key)`)
        .whereRef('link.key', '!=', 'given.key'),
    )
    .execute();
  return rows.map(toLink);
}

export async function findLinksByExternalIds(
  db: Db,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Link[]> {
  if (externalIds.length === 0) return [];
  const rows = await db
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('external_id', '=', sql<string>`any(${[...externalIds]}::text[])`)
    .where('archived_at', 'is', null)
    .execute();
  return rows.map(toLink);
}

/** Locked in the order of their ids, as everybody does. */
export async function lockLinks(
  tx: Tx,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Link>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row.id, toLink(row)]));
}

/** Links that have the tag, archived or not, locked. */
export async function lockLinksWithTag(
  tx: Tx,
  workspaceId: string,
  tag: string,
  limit: number,
): Promise<Link[]> {
  const rows = await tx
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('tags', '@>', sql<string[]>`array[${tag}]::text[]`)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute();
  return rows.map(toLink);
}

/** Links in the folder, archived or not, locked. */
export async function lockLinksInFolder(
  tx: Tx,
  workspaceId: string,
  folderId: string,
  limit: number,
): Promise<Link[]> {
  const rows = await tx
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('folder_id', '=', folderId)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute();
  return rows.map(toLink);
}

/** A page of links, for exports. */
export async function selectLinkPage(
  db: Db,
  workspaceId: string,
  page: {
    readonly after: { readonly domain: string; readonly id: string } | undefined;
    readonly limit: number;
    readonly archived: boolean;
    readonly byDomain: boolean;
  },
): Promise<Link[]> {
  let query = db.selectFrom('link').selectAll().where('workspace_id', '=', workspaceId);
  if (!page.archived) query = query.where('archived_at', 'is', null);
  if (page.after !== undefined) {
    const { domain, id } = page.after;
    query = query.where((eb) =>
      page.byDomain
        ? eb(eb.refTuple('domain', 'id'), '>', eb.tuple(domain, id))
        : eb('id', '>', id),
    );
  }
  if (page.byDomain) query = query.orderBy('domain');
  const rows = await query.orderBy('id').limit(page.limit).execute();
  return rows.map(toLink);
}
