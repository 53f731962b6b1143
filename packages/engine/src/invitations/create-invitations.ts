import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createInvitation } from './create-invitation.ts';
import type {
  CreatedInvitation,
  CreateInvitationInput,
  CreateInvitationRefusal,
} from './create-invitation.ts';

const bulkMax = 500;

/**
 * Creates many invitations at once, in one transaction. Each has its own answer: one that is refused does not touch its
 * neighbours.
 */
export async function createInvitations(
  context: Context,
  workspace: Workspace,
  inputs: readonly CreateInvitationInput[],
  options?: WriteOptions,
): Promise<Result<Array<Result<CreatedInvitation, CreateInvitationRefusal>>, ValidationRefusal>> {
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > bulkMax)
    return refuseField('invitations', `must be a list of 1 to ${bulkMax}`);
  return inTransaction(context.database, options, async (tx) => {
    const results: Array<Result<CreatedInvitation, CreateInvitationRefusal>> = [];
    for (const input of inputs as readonly CreateInvitationInput[])
      results.push(await createInvitation(context, workspace, input, { tx }));
    return ok(results);
  });
}
