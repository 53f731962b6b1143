import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { changeInvitation } from './change-invitation.ts';
import { plainJson } from './create-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { checkFields } from './invitation.ts';
import type { InvitationChanges } from './invitation.ts';

/** Changes name, description, attributes or seats. There are never fewer seats than are taken: pause it instead. */
export async function updateInvitation<Reference extends InvitationReference>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  changes: InvitationChanges,
  options?: WriteOptions,
) {
  return changeInvitation(
    context,
    workspace,
    reference,
    (before): Result<typeof before, ValidationRefusal> => {
      const { name, description, attributes, usesMax } = changes;
      const errors: Record<string, string[]> = {};
      checkFields(changes, (field, problem) => {
        if (problem !== undefined) (errors[field] ??= []).push(problem);
      });
      if (typeof usesMax === 'number' && usesMax < before.uses)
        errors['usesMax'] = [`must not be less than the ${before.uses} seats that are taken`];
      if (Object.keys(errors).length > 0) return refuseFields(errors);
      return ok({
        ...before,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(attributes !== undefined && { attributes: plainJson(attributes) }),
        ...(usesMax !== undefined && { usesMax }),
      });
    },
    options,
  );
}
