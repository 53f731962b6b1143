import type { Db } from '../store/database.ts';
import type { Admission } from './gate.ts';

export interface AdmissionRow extends Admission {
  readonly workspaceId: string;
  readonly entityKey: Uint8Array;
}

/** Whoever was let in before stays with the first time and reason: then nothing is written. */
export async function insertAdmission(db: Db, admission: AdmissionRow): Promise<void> {
  await db
    .insertInto('admission')
    .values({
      workspace_id: admission.workspaceId,
      entity_type: admission.entity.type,
      entity_key: admission.entityKey,
      entity_id: admission.entity.id,
      via: admission.via,
      admitted_at: admission.admittedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findAdmission(
  db: Db,
  workspaceId: string,
  entity: { readonly type: string; readonly key: Uint8Array },
): Promise<Admission | undefined> {
  const row = await db
    .selectFrom('admission')
    .select(['entity_type', 'entity_id', 'via', 'admitted_at'])
    .where('workspace_id', '=', workspaceId)
    .where('entity_type', '=', entity.type)
    .where('entity_key', '=', entity.key)
    .executeTakeFirst();
  return (
    row && {
      entity: { type: row.entity_type, id: row.entity_id },
      via: row.via,
      admittedAt: row.admitted_at,
    }
  );
}
