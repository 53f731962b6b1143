import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { PartnerProgram } from './partner-program.ts';
import { fromStoredRule, toStoredTerms } from './program-terms.ts';
import type { StoredProgramTerms } from './program-terms.ts';

export async function insertProgramVersion(
  tx: Tx,
  workspaceId: string,
  program: PartnerProgram,
): Promise<void> {
  await tx
    .insertInto('partner_program')
    .values({
      workspace_id: workspaceId,
      id: program.id,
      version: program.version,
      name: program.name,
      terms: JSON.stringify(toStoredTerms(program)),
      created_at: program.createdAt,
      effective_from: program.effectiveFrom,
      archived_at: program.archivedAt,
    })
    .execute();
}

/** Every version of a programme, in their order; until this transaction ends nobody else adds one. */
export async function lockProgram(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<PartnerProgram[]> {
  await tx
    .selectFrom('partner_program')
    .select('version')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('version', '=', 1)
    .forUpdate()
    .execute();
  // Read after the lock: whoever had it before may have added one.
  return selectProgramVersions(tx, workspaceId, id);
}

/** Every version of a programme, or of every one; each programme's in their order. */
export async function selectProgramVersions(
  db: Db,
  workspaceId: string,
  id?: string,
): Promise<PartnerProgram[]> {
  let query = db.selectFrom('partner_program').selectAll().where('workspace_id', '=', workspaceId);
  if (id !== undefined) query = query.where('id', '=', id);
  const rows = await query.orderBy('id').orderBy('version').execute();
  return rows.map(toProgram);
}

function toProgram(row: Selectable<Tables['partner_program']>): PartnerProgram {
  const stored = row.terms as StoredProgramTerms;
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    windowDays: stored.window_days,
    allowsPaidAds: stored.allows_paid_ads,
    floodClicks: stored.flood_clicks,
    hijackMinutes: stored.hijack_minutes,
    rules: stored.rules.map(fromStoredRule),
    createdAt: row.created_at,
    effectiveFrom: row.effective_from,
    archivedAt: row.archived_at,
  };
}
