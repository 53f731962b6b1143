import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Entity } from './entity.ts';
import { findErasedKeys, refuseIdentifier, refusePerson } from './person-refusal-store.ts';
import type { PersonRefusal } from './person-refusal-store.ts';

export type { PersonRefusal } from './person-refusal-store.ts';

/** Refuses to write of people who were forgotten, and of visitors that nobody knows; for other domains. */
export function refuseForgotten(
  db: Db,
  workspace: Workspace,
  entity: Entity,
): Promise<PersonRefusal | undefined> {
  return refusePerson(db, workspace, entity);
}

/** The same of whoever had an address. */
export function refuseForgottenEmail(
  db: Db,
  workspace: Workspace,
  emailHash: Uint8Array,
): Promise<PersonRefusal | undefined> {
  return refuseIdentifier(db, workspace.id, 'email', emailHash);
}

/** Which of these hashes of users are of people who were forgotten, as hexadecimal digits. */
export function erasedAmong(
  db: Db,
  workspace: Workspace,
  keys: readonly Uint8Array[],
): Promise<ReadonlySet<string>> {
  return findErasedKeys(db, workspace.id, keys);
}
