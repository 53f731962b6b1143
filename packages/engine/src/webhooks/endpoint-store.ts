import type { Selectable } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';

export async function insertEndpoint(db: Db, endpoint: StoredEndpoint): Promise<void> {
  await db.insertInto('webhook_endpoint').values(toRow(endpoint)).execute();
}

export async function updateEndpointRow(tx: Tx, endpoint: StoredEndpoint): Promise<void> {
  const { workspace_id, id, ...changed } = toRow(endpoint);
  await tx
    .updateTable('webhook_endpoint')
    .set(changed)
    .where('workspace_id', '=', workspace_id)
    .where('id', '=', id)
    .execute();
}

export async function findEndpoint(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<StoredEndpoint | undefined> {
  const row = await db
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toEndpoint(row);
}

export async function lockEndpoint(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<StoredEndpoint | undefined> {
  const row = await tx
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toEndpoint(row);
}

/** Newest first. */
export async function selectEndpoints(
  db: Db,
  workspaceId: string,
  page: Page<string>,
): Promise<StoredEndpoint[]> {
  const { before } = page;
  const rows = await db
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toEndpoint);
}

export async function selectEnabledEndpoints(
  db: Db,
  workspaceId: string,
): Promise<StoredEndpoint[]> {
  const rows = await db
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .where('status', '=', 'enabled')
    .orderBy('id')
    .execute();
  return rows.map(toEndpoint);
}

export async function countEndpoints(db: Db, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('webhook_endpoint')
    .select((expression) => expression.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('archived_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Background work goes from workspace to workspace: those with an enabled endpoint, or with any at all. */
export async function findWorkspacesWithEndpoints(
  db: Db,
  which: 'enabled' | 'any',
): Promise<string[]> {
  const rows = await db
    .selectFrom('webhook_endpoint')
    .select('workspace_id')
    .distinct()
    .$if(which === 'enabled', (query) =>
      query.where('archived_at', 'is', null).where('status', '=', 'enabled'),
    )
    .execute();
  return rows.map((row) => row.workspace_id);
}

function toRow(endpoint: StoredEndpoint) {
  return {
    workspace_id: endpoint.workspaceId,
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    event_types: [...endpoint.eventTypes],
    link_ids: [...endpoint.linkIds],
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    secrets: endpoint.secrets,
    enabled_at: endpoint.enabledAt,
    failing_since: endpoint.failingSince,
    last_failed_at: endpoint.lastFailedAt,
    failures: endpoint.failures,
    resting_until: endpoint.restingUntil,
    archived_at: endpoint.archivedAt,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

function toEndpoint(row: Selectable<Tables['webhook_endpoint']>): StoredEndpoint {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    linkIds: row.link_ids,
    status: row.status,
    disabledReason: row.disabled_reason as StoredEndpoint['disabledReason'],
    secrets: row.secrets,
    enabledAt: row.enabled_at,
    failingSince: row.failing_since,
    lastFailedAt: row.last_failed_at,
    failures: row.failures,
    restingUntil: row.resting_until,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
