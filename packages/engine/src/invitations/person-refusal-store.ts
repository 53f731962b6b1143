import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { userType, visitorType } from './entity.ts';
import type { Entity } from './entity.ts';
import { hashEntity } from './hash-entity.ts';

export type PersonRefusal = Refusal & { readonly code: 'visitor_erased' | 'visitor_not_found' };

/** Nothing is written of people who were forgotten, nor of visitors that nobody knows. */
export async function refusePerson(
  db: Db,
  workspace: Workspace,
  entity: Entity,
): Promise<PersonRefusal | undefined> {
  if (entity.type === visitorType) {
    const visitor = await db
      .selectFrom('visitor')
      .select('erased_at')
      .where('workspace_id', '=', workspace.id)
      .where('id', '=', entity.id)
      .executeTakeFirst();
    if (visitor === undefined) return refuse('visitor_not_found', 'Visitor not found');
    return visitor.erased_at === null ? undefined : erased();
  }
  return entity.type === userType
    ? refuseIdentifier(db, workspace.id, 'external_id', hashEntity(workspace, entity))
    : undefined;
}

/** The same of whoever an identifier belonged to, by its keyed hash. */
export async function refuseIdentifier(
  db: Db,
  workspaceId: string,
  kind: 'external_id' | 'email',
  valueHash: Uint8Array,
): Promise<PersonRefusal | undefined> {
  const person = await db
    .selectFrom('identity as i')
    .innerJoin('visitor as v', (join) =>
      join.onRef('v.workspace_id', '=', 'i.workspace_id').onRef('v.id', '=', 'i.visitor_id'),
    )
    .select('v.id')
    .where('i.workspace_id', '=', workspaceId)
    .where('i.kind', '=', kind)
    .where('i.value_hash', '=', valueHash)
    .where('v.erased_at', 'is not', null)
    .executeTakeFirst();
  return person === undefined ? undefined : erased();
}

/** Which of these hashes of external ids are of people who were forgotten, as hexadecimal digits. */
export async function findErasedKeys(
  db: Db,
  workspaceId: string,
  keys: readonly Uint8Array[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db
    .selectFrom('identity as i')
    .innerJoin('visitor as v', (join) =>
      join.onRef('v.workspace_id', '=', 'i.workspace_id').onRef('v.id', '=', 'i.visitor_id'),
    )
    .select('i.value_hash')
    .where('i.workspace_id', '=', workspaceId)
    .where('i.kind', '=', 'external_id')
    .where('i.value_hash', 'in', keys)
    .where('v.erased_at', 'is not', null)
    .execute();
  return new Set(rows.map((row) => Buffer.from(row.value_hash).toString('hex')));
}

function erased() {
  return refuse('visitor_erased', 'The person was erased: `privacy.lift` lets them come back');
}
