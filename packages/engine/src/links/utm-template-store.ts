import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { UtmTemplate } from './utm-template.ts';

/** In the order of their names. */
export async function selectUtmTemplates(db: Db, workspaceId: string): Promise<UtmTemplate[]> {
  const rows = await db
    .selectFrom('utm_template')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy(sql`lower(name)`)
    .execute();
  return rows.map(toUtmTemplate);
}

/** The template with this id; without one the default, if the workspace has any. */
export async function findUtmTemplate(
  db: Db,
  workspaceId: string,
  id?: string,
): Promise<UtmTemplate | undefined> {
  const query = db.selectFrom('utm_template').selectAll().where('workspace_id', '=', workspaceId);
  const row = await (
    id === undefined ? query.where('is_default', '=', true) : query.where('id', '=', id)
  ).executeTakeFirst();
  return row && toUtmTemplate(row);
}

/** @throws unique violation (SQLSTATE 23505) when another template has the name. */
export async function upsertUtmTemplate(
  tx: Tx,
  workspaceId: string,
  template: UtmTemplate,
): Promise<void> {
  const values = {
    name: template.name,
    utm_source: template.utmSource,
    utm_medium: template.utmMedium,
    utm_campaign: template.utmCampaign,
    utm_content: template.utmContent,
    utm_term: template.utmTerm,
    is_default: template.isDefault,
    updated_at: template.updatedAt,
  };
  await tx
    .insertInto('utm_template')
    .values({
      workspace_id: workspaceId,
      id: template.id,
      created_at: template.createdAt,
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doUpdateSet(values))
    .execute();
}

/** Before another one becomes the default: there is one at most. */
export async function clearDefaultTemplate(tx: Tx, workspaceId: string): Promise<void> {
  await tx
    .updateTable('utm_template')
    .set({ is_default: false })
    .where('workspace_id', '=', workspaceId)
    .where('is_default', '=', true)
    .execute();
}

export async function deleteUtmTemplate(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<UtmTemplate | undefined> {
  const row = await tx
    .deleteFrom('utm_template')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && toUtmTemplate(row);
}

function toUtmTemplate(row: Selectable<Tables['utm_template']>): UtmTemplate {
  return {
    id: row.id,
    name: row.name,
    utmSource: row.utm_source,
    utmMedium: row.utm_medium,
    utmCampaign: row.utm_campaign,
    utmContent: row.utm_content,
    utmTerm: row.utm_term,
    isDefault: row.is_default,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
