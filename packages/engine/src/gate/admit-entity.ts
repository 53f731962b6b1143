import type { Context } from '../context.ts';
import { readEntity } from '../invitations/entity.ts';
import type { Entity, EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { textProblem } from '../invitations/invitation.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import type { PersonRefusal } from '../invitations/refuse-forgotten.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Db, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findAdmission, insertAdmission } from './admission-store.ts';
import type { Admission } from './gate.ts';

const viaLengthMax = 64;

export interface AdmitInput {
  readonly entity: EntityInput;
  /** Why, in the host's words: `backfill`, `support`. @default 'host' */
  readonly via?: string | undefined;
}

/** Lets an account in for good. Doing it again changes neither time nor reason: the first admission is answered. */
export async function admitEntity(
  context: Context,
  workspace: Workspace,
  { entity, via = 'host' }: AdmitInput,
  options?: WriteOptions,
): Promise<Result<Admission, ValidationRefusal | PersonRefusal>> {
  const read = readEntity(entity);
  if ('problem' in read) return refuseField('entity', read.problem);
  const problem = textProblem(via, viaLengthMax);
  if (problem !== undefined) return refuseField('via', problem);
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Admission, ValidationRefusal | PersonRefusal>> => {
      const forgotten = await refuseForgotten(tx, workspace, read.entity);
      if (forgotten !== undefined) return forgotten;
      const admission = await noteAdmission(context, tx, workspace, read.entity, via);
      const found = await getAdmission(tx, workspace, read.entity);
      return ok(found ?? admission);
    },
  );
}

/** Notes it beside whatever else lets the entity in. */
export async function noteAdmission(
  context: Pick<Context, 'clock'>,
  db: Db,
  workspace: Workspace,
  entity: Entity,
  via: string,
): Promise<Admission> {
  const admission = { entity, via, admittedAt: new Date(context.clock.now()) };
  const entityKey = hashEntity(workspace, entity);
  await insertAdmission(db, { ...admission, workspaceId: workspace.id, entityKey });
  return admission;
}

/** When and why an entity was let in; `undefined` where nothing says so. */
export function getAdmission(
  db: Db,
  workspace: Workspace,
  entity: Entity,
): Promise<Admission | undefined> {
  const key = hashEntity(workspace, entity);
  return findAdmission(db, workspace.id, { type: entity.type, key });
}
