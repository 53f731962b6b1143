import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { CountedFolder, CountedTag, LinkFolder } from './folder.ts';

/** In the order of their names. */
export async function selectFolders(db: Db, workspaceId: string): Promise<CountedFolder[]> {
  const rows = await db
    .selectFrom('link_folder')
    .leftJoin('link', (join) =>
      join
        .onRef('link.workspace_id', '=', 'link_folder.workspace_id')
        .onRef('link.folder_id', '=', 'link_folder.id')
        .on('link.archived_at', 'is', null),
    )
    .selectAll('link_folder')
    .select((eb) => eb.fn.count<string>('link.id').as('links'))
    .where('link_folder.workspace_id', '=', workspaceId)
    .groupBy(['link_folder.workspace_id', 'link_folder.id'])
    .orderBy(sql`lower(link_folder.name)`)
    .execute();
  return rows.map((row) => ({ ...toFolder(row), links: Number(row.links) }));
}

export async function findFolder(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<LinkFolder | undefined> {
  const row = await db
    .selectFrom('link_folder')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toFolder(row);
}

/**
 * Those of the ids that are no folders of the workspace. The ones that are stay until this transaction ends, so that no
 * link is put into a folder that somebody deletes meanwhile.
 */
export async function findMissingFolders(
  tx: Tx,
  workspaceId: string,
  ids: ReadonlyArray<string | null>,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(ids.filter((id) => id !== null));
  if (wanted.size === 0) return wanted;
  const rows = await tx
    .selectFrom('link_folder')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${[...wanted]}::uuid[])`)
    .orderBy('id')
    .forKeyShare()
    .execute();
  return wanted.difference(new Set(rows.map(({ id }) => id)));
}

/** @throws unique violation (SQLSTATE 23505) when another folder has the name. */
export async function insertFolder(tx: Tx, workspaceId: string, folder: LinkFolder): Promise<void> {
  await tx
    .insertInto('link_folder')
    .values({
      workspace_id: workspaceId,
      id: folder.id,
      name: folder.name,
      created_at: folder.createdAt,
      updated_at: folder.updatedAt,
    })
    .execute();
}

/** @throws unique violation (SQLSTATE 23505) when another folder has the name. */
export async function updateFolderName(
  tx: Tx,
  workspaceId: string,
  folder: LinkFolder,
): Promise<void> {
  await tx
    .updateTable('link_folder')
    .set({ name: folder.name, updated_at: folder.updatedAt })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', folder.id)
    .execute();
}

/** No link comes into the folder until this transaction ends. */
export async function lockFolder(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('link_folder')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteFolderRow(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('link_folder')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Every tag that a link has, in the order of their names. */
export async function selectTags(db: Db, workspaceId: string): Promise<CountedTag[]> {
  const rows = await db
    .selectFrom(['link', sql<{ tag: string }>`unnest(link.tags)`.as<'given'>(sql`given(tag)`)])
    .select(['given.tag as name'])
    .select((eb) => eb.fn.countAll<string>().as('links'))
    .where('link.workspace_id', '=', workspaceId)
    .where('link.archived_at', 'is', null)
    .groupBy('given.tag')
    .orderBy(sql`lower(given.tag)`)
    .orderBy('given.tag')
    .execute();
  return rows.map(({ name, links }) => ({ name, links: Number(links) }));
}

function toFolder(row: Selectable<Tables['link_folder']>): LinkFolder {
  return { id: row.id, name: row.name, createdAt: row.created_at, updatedAt: row.updated_at };
}
