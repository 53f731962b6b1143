import type { Selectable } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { ApiKey, ApiKeyScope } from './api-key.ts';

type Row = Selectable<Tables['api_key']>;

export async function insertApiKey(db: Db, apiKey: ApiKey, keyHash: Uint8Array): Promise<void> {
  await db
    .insertInto('api_key')
    .values({
      id: apiKey.id,
      workspace_id: apiKey.workspaceId,
      kind: apiKey.kind,
      name: apiKey.name,
      key_hash: keyHash,
      display_prefix: apiKey.displayPrefix,
      scopes: [...apiKey.scopes],
      allowed_hosts: [...apiKey.allowedHosts],
      created_at: apiKey.createdAt,
      expires_at: apiKey.expiresAt ?? null,
      revoked_at: apiKey.revokedAt ?? null,
      last_used_at: null,
      replaces_id: apiKey.replacesId ?? null,
    })
    .execute();
}

/** By the hashes under each secret of the installation: at most one of them is stored. */
export async function findApiKeyByHash(
  db: Db,
  hashes: readonly Uint8Array[],
): Promise<ApiKey | undefined> {
  const row = await db
    .selectFrom('api_key')
    .selectAll()
    .where('key_hash', 'in', [...hashes])
    .executeTakeFirst();
  return row && toApiKey(row);
}

export async function hasApiKeys(db: Db): Promise<boolean> {
  const row = await db.selectFrom('api_key').select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function lockApiKey(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<ApiKey | undefined> {
  const row = await tx
    .selectFrom('api_key')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toApiKey(row);
}

/** Newest first. */
export async function selectApiKeys(
  db: Db,
  workspaceId: string,
  page: Page<string>,
): Promise<ApiKey[]> {
  let query = db.selectFrom('api_key').selectAll().where('workspace_id', '=', workspaceId);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  const rows = await query.orderBy('id', 'desc').limit(page.limit).offset(page.offset).execute();
  return rows.map(toApiKey);
}

export async function updateApiKeyRow(tx: Tx, apiKey: ApiKey): Promise<void> {
  await tx
    .updateTable('api_key')
    .set({
      name: apiKey.name,
      scopes: [...apiKey.scopes],
      allowed_hosts: [...apiKey.allowedHosts],
      expires_at: apiKey.expiresAt ?? null,
      revoked_at: apiKey.revokedAt ?? null,
    })
    .where('workspace_id', '=', apiKey.workspaceId)
    .where('id', '=', apiKey.id)
    .execute();
}

/** Several processes may note a use at once: the row is written by the first of them. */
export async function touchApiKey(
  db: Db,
  workspaceId: string,
  id: string,
  at: Date,
  unlessAfter: Date,
): Promise<void> {
  await db
    .updateTable('api_key')
    .set({ last_used_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where((where) =>
      where.or([where('last_used_at', 'is', null), where('last_used_at', '<=', unlessAfter)]),
    )
    .execute();
}

function toApiKey(row: Row): ApiKey {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    kind: row.kind,
    name: row.name,
    displayPrefix: row.display_prefix,
    scopes: row.scopes as ApiKeyScope[],
    allowedHosts: row.allowed_hosts,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    replacesId: row.replaces_id ?? undefined,
  };
}
