import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Entity } from './entity.ts';
import { refusePerson } from './person-refusal-store.ts';
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
