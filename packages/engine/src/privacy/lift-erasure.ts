import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import type { NamedPerson } from '../visitors/named-identifiers.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { deleteSuppressions } from './erasure-store.ts';
import { hashIdentifiers } from './person-reference.ts';

export interface LiftedErasure {
  /** The kinds of the identifiers that were kept out until now. */
  readonly kinds: readonly string[];
}

/**
 * Lets somebody who was erased come back by their own will: the given identifiers may be used again, and whoever has
 * them is somebody new. What was erased stays erased, and a replay of the events of then is still refused.
 */
export async function liftErasure(
  context: Context,
  workspace: Workspace,
  person: NamedPerson,
  options: WriteOptions = {},
): Promise<Result<LiftedErasure, ValidationRefusal>> {
  const identifiers = hashIdentifiers(workspace, person);
  if (identifiers.length === 0)
    return refuseField(
      'externalId',
      'must name whom to let in again, or email, phone, anonymousId or identifiers',
    );
  const db = options.tx === undefined ? context.database.db : context.database.join(options.tx);
  return ok({ kinds: await deleteSuppressions(db, workspace.id, identifiers) });
}
