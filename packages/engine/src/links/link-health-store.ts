import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { LinkHealth } from './link-health.ts';

export interface DueCheck {
  readonly linkId: string;
  readonly url: string;
}

/** Workspaces with links that are to be looked at. */
export async function findWorkspacesWithChecks(db: Db): Promise<string[]> {
  const workspaces = await db.selectFrom('workspace').select('id').orderBy('id').execute();
  const found: string[] = [];
  for (const { id } of workspaces) {
    const row = await db
      .selectFrom('link')
      .select('id')
      .where('workspace_id', '=', id)
      .where('health_check', '=', true)
      .where('archived_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) found.push(id);
  }
  return found;
}

/** Rows for links that have none yet: they are due at once. */
export async function insertMissingHealth(db: Db, workspaceId: string, now: Date): Promise<void> {
  await db
    .insertInto('link_health')
    .columns(['workspace_id', 'link_id', 'status', 'failures', 'due_at'])
    .expression((eb) =>
      eb
        .selectFrom('link')
        .select([
          'workspace_id',
          'id as link_id',
          sql<'unknown'>`'unknown'`.as('status'),
          sql<number>`0`.as('failures'),
          sql<Date>`${now.toISOString()}::timestamptz`.as('due_at'),
        ])
        .where('workspace_id', '=', workspaceId)
        .where('health_check', '=', true)
        .where('archived_at', 'is', null),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes links whose time has come: nobody else finds them before `until`. */
export async function claimDueChecks(
  db: Db,
  workspaceId: string,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<DueCheck[]> {
  return db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('link_health')
      .innerJoin('link', (join) =>
        join
          .onRef('link.workspace_id', '=', 'link_health.workspace_id')
          .onRef('link.id', '=', 'link_health.link_id'),
      )
      .select(['link_health.link_id', 'link.url'])
      .where('link_health.workspace_id', '=', workspaceId)
      .where('link_health.due_at', '<=', now)
      .where('link.health_check', '=', true)
      .where('link.archived_at', 'is', null)
      .orderBy('link_health.due_at')
      .orderBy('link_health.link_id')
      .limit(limit)
      .forUpdate('link_health')
      .skipLocked()
      .execute();
    if (due.length > 0)
      await tx
        .updateTable('link_health')
        .set({ due_at: until })
        .where('workspace_id', '=', workspaceId)
        .where('link_id', '=', sql<string>`any(${due.map((row) => row.link_id)}::uuid[])`)
        .execute();
    return due.map((row) => ({ linkId: row.link_id, url: row.url }));
  });
}

export async function findLinkHealth(
  db: Db,
  workspaceId: string,
  linkId: string,
): Promise<LinkHealth | undefined> {
  const row = await db
    .selectFrom('link_health')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .executeTakeFirst();
  return row && toHealth(row);
}

export async function updateLinkHealth(
  tx: Tx,
  workspaceId: string,
  health: LinkHealth,
): Promise<void> {
  await tx
    .updateTable('link_health')
    .set({
      status: health.status,
      failures: health.failures,
      http_status: health.httpStatus,
      problem: health.problem,
      checked_at: health.checkedAt,
      down_since: health.downSince,
      due_at: health.dueAt,
    })
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', health.linkId)
    .execute();
}

function toHealth(row: Selectable<Tables['link_health']>): LinkHealth {
  return {
    linkId: row.link_id,
    status: row.status,
    failures: row.failures,
    httpStatus: row.http_status,
    problem: row.problem,
    checkedAt: row.checked_at,
    downSince: row.down_since,
    dueAt: row.due_at,
  };
}
