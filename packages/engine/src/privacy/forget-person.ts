import { setTimeout as pause } from 'node:timers/promises';

import { dropRejectedClicks } from '../capture/rejected-clicks.ts';
import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { ErasureReceipt } from './erasure.ts';
import { erasePerson, findReceipt, lockForErasure } from './erasure-store.ts';
import { personNotFound, readReference } from './person-reference.ts';
import type { PersonNotFound, PersonReference } from './person-reference.ts';
import { findPersonBehind, tracePerson } from './person-trace-store.ts';
import type { FoundPerson, PersonTrace } from './person-trace-store.ts';

export type ForgetPersonRefusal = ValidationRefusal | PersonNotFound;

const attemptsMax = 20;

/**
 * Erases a person from every table, in a transaction of its own; counters and revenue of links stay as they are. What
 * is kept is blank nodes and the keyed hashes of the identifiers, so that no replay, import or spooled click brings
 * the person back. Of somebody who was erased before the answer is the receipt of then.
 *
 * @throws {UnavailableError} the person is so active that every look at their rows was out of date.
 */
export async function forgetPerson(
  context: Context,
  workspace: Workspace,
  reference: PersonReference,
  options: { readonly actor?: string } = {},
): Promise<Result<ErasureReceipt, ForgetPersonRefusal>> {
  const named = readReference(workspace, reference);
  if (!named.ok) return named;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const person = await findPersonBehind(context.database, workspace, named.value);
    if (person === undefined) return personNotFound();
    if (person.erasureId !== undefined) {
      const receipt = await findReceipt(context.database.db, workspace.id, person.erasureId);
      return receipt === undefined ? personNotFound() : ok(receipt);
    }
    const trace = await tracePerson(context.database, workspace, [...person.visitors.keys()]);
    const receipt = await eraseUnchanged(context, workspace, person, trace, options.actor);
    if (receipt !== undefined) {
      const { visitors: visitorIds } = trace;
      context.changeLog.announce({
        workspaceId: workspace.id,
        topic: 'erasure',
        subject: { visitorIds },
      });
      await dropRejectedClicks(context.options.spoolFolder, trace.isTheirs);
      return ok(receipt);
    }
    await pause(Math.random() * 5 * attempt, undefined, { ref: false });
  }
  throw new UnavailableError('The person is being written all the time.', { retryAfterSeconds: 1 });
}

/** `undefined` where somebody wrote to the person since they were looked at: nothing was done. */
function eraseUnchanged(
  context: Context,
  workspace: Workspace,
  person: FoundPerson,
  trace: PersonTrace,
  actor: string | undefined,
): Promise<ErasureReceipt | undefined> {
  const { database } = context;
  const now = context.clock.now();
  return database.transact(async (tx) => {
    const locked = await lockForErasure(tx, database.schema, workspace.id, [
      ...trace.visitors,
      ...trace.devices,
    ]);
    for (const [id, revision] of person.visitors) {
      const row = locked.get(id);
      if (row === undefined || row.root !== person.root || row.revision !== revision)
        return undefined;
    }
    return erasePerson(tx, database.schema, trace, {
      id: context.createId(now),
      workspaceId: workspace.id,
      erasedAt: new Date(now),
      actor,
    });
  });
}
