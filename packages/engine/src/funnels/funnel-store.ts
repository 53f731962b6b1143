import type { Selectable } from 'kysely';
import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Funnel } from './funnel.ts';

/** `false` where a live funnel has the name. */
export async function insertFunnel(db: Db, funnel: Funnel): Promise<boolean> {
  const row = await db
    .insertInto('funnel')
    .values(toRow(funnel))
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'name']).where('archived_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** `false` where another live funnel has the name; the transaction goes on. */
export async function updateFunnelRow(tx: Tx, funnel: Funnel): Promise<boolean> {
  const { workspace_id, id, ...changed } = toRow(funnel);
  await sql`savepoint funnel_name`.execute(tx);
  try {
    await tx
      .updateTable('funnel')
      .set(changed)
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .execute();
  } catch (error) {
    if (errorCode(error) !== uniqueViolation) throw error;
    await sql`rollback to savepoint funnel_name`.execute(tx);
    await sql`release savepoint funnel_name`.execute(tx);
    return false;
  }
  await sql`release savepoint funnel_name`.execute(tx);
  return true;
}

export async function findFunnel(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<Funnel | undefined> {
  const row = await db
    .selectFrom('funnel')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toFunnel(row);
}

export async function lockFunnel(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<Funnel | undefined> {
  const row = await tx
    .selectFrom('funnel')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toFunnel(row);
}

/** Newest first: ids sort by when they were made. */
export async function selectFunnels(
  db: Db,
  workspaceId: string,
  page: Page<string> & { readonly archived: 'without' | 'with' | 'only' },
): Promise<Funnel[]> {
  const { archived, before } = page;
  const rows = await db
    .selectFrom('funnel')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(archived === 'without', (query) => query.where('archived_at', 'is', null))
    .$if(archived === 'only', (query) => query.where('archived_at', 'is not', null))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toFunnel);
}

function toRow(funnel: Funnel) {
  return {
    workspace_id: funnel.workspaceId,
    id: funnel.id,
    name: funnel.name,
    description: funnel.description,
    steps: JSON.stringify(funnel.steps),
    window_days: funnel.window.days,
    scope: funnel.scope,
    filters: JSON.stringify(funnel.filters),
    archived_at: funnel.archivedAt,
    created_at: funnel.createdAt,
    updated_at: funnel.updatedAt,
  };
}

/** What is stored was checked when it was written. */
function toFunnel(row: Selectable<Tables['funnel']>): Funnel {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    name: row.name,
    description: row.description,
    steps: row.steps as Funnel['steps'],
    window: { days: row.window_days },
    scope: row.scope as Funnel['scope'],
    filters: row.filters as Funnel['filters'],
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
