import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Workspace } from './workspace.ts';

/** A workspace as it is stored: its data key is still encrypted. */
export interface StoredWorkspace extends Omit<Workspace, 'dataKey'> {
  readonly sealedDataKey: Uint8Array;
}

// Held while the first workspace is made, so that processes that start together make one.
const firstWorkspaceLock = 0x68_77_77_73;

export async function lockFirstWorkspace(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(firstWorkspaceLock)})`.execute(tx);
}

/** `undefined` where another workspace has the slug. */
export async function insertWorkspace(
  db: Db,
  workspace: StoredWorkspace,
): Promise<StoredWorkspace | undefined> {
  const row = await db
    .insertInto('workspace')
    .values({
      id: workspace.id,
      slug: workspace.slug,
      name: workspace.name,
      currency: workspace.currency,
      timezone: workspace.timezone,
      data_key: workspace.sealedDataKey,
      settings: JSON.stringify(workspace.settings),
      created_at: workspace.createdAt,
      updated_at: workspace.updatedAt,
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toStoredWorkspace(row);
}

export async function findWorkspace(db: Db, id: string): Promise<StoredWorkspace | undefined> {
  const row = await db.selectFrom('workspace').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toStoredWorkspace(row);
}

export async function findWorkspaceBySlug(
  db: Db,
  slug: string,
): Promise<StoredWorkspace | undefined> {
  const row = await db
    .selectFrom('workspace')
    .selectAll()
    .where('slug', '=', slug)
    .executeTakeFirst();
  return row && toStoredWorkspace(row);
}

export async function findOldestWorkspace(db: Db): Promise<StoredWorkspace | undefined> {
  const row = await db
    .selectFrom('workspace')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row && toStoredWorkspace(row);
}

export async function lockWorkspace(tx: Tx, id: string): Promise<StoredWorkspace | undefined> {
  const row = await tx
    .selectFrom('workspace')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toStoredWorkspace(row);
}

export async function selectWorkspaces(
  db: Db,
  page: { readonly limit: number; readonly offset: number },
): Promise<StoredWorkspace[]> {
  const rows = await db
    .selectFrom('workspace')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toStoredWorkspace);
}

export async function updateWorkspaceRow(
  tx: Tx,
  workspace: Pick<
    StoredWorkspace,
    'id' | 'slug' | 'name' | 'currency' | 'timezone' | 'settings' | 'updatedAt'
  >,
): Promise<void> {
  await tx
    .updateTable('workspace')
    .set({
      slug: workspace.slug,
      name: workspace.name,
      currency: workspace.currency,
      timezone: workspace.timezone,
      settings: JSON.stringify(workspace.settings),
      updated_at: workspace.updatedAt,
    })
    .where('id', '=', workspace.id)
    .execute();
}

function toStoredWorkspace(row: Selectable<Tables['workspace']>): StoredWorkspace {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    currency: row.currency,
    timezone: row.timezone,
    settings: row.settings,
    sealedDataKey: row.data_key,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
