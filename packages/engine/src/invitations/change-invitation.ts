import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { idOf, presentInvitation } from './get-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { lockInvitation, updateInvitationRow } from './invitation-store.ts';
import type { InvitationRow } from './invitation-store.ts';
import type { Invitation } from './invitation.ts';

export type InvitationNotFound = Refusal & { readonly code: 'invitation_not_found' };

/** The invitation as the reference had it: with its token, where that was there. */
export type Changed<Reference> = Invitation &
  (Reference extends { readonly token: string } ? { readonly token: string } : unknown);

/**
 * Changes one invitation under its lock: what `decide` answers is written, so that two changes at once both count.
 * Archived ones are not found.
 */
export async function changeInvitation<Reference extends InvitationReference, R extends Refusal>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  decide: (
    before: InvitationRow,
    now: Date,
    tx: Tx,
  ) => Result<InvitationRow, R> | Promise<Result<InvitationRow, R>>,
  options?: WriteOptions,
): Promise<Result<Changed<Reference>, R | InvitationNotFound>> {
  const id = idOf(reference);
  if (id === undefined) return invitationNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Changed<Reference>, R | InvitationNotFound>> => {
      const before = await lockInvitation(tx, workspace.id, id);
      if (before === undefined || before.archivedAt !== null) return invitationNotFound();
      const now = new Date(context.clock.now());
      const decided = await decide(before, now, tx);
      if (!decided.ok) return decided;
      const row = { ...decided.value, updatedAt: now };
      if (decided.value !== before) {
        await updateInvitationRow(tx, row);
        await recordAudit(context, tx, {
          workspaceId: workspace.id,
          action: 'invitation.updated',
          subject: { type: 'invitation', id: id },
          changes: changedFields(told(before), told(row)),
        });
      }
      const shown = await presentInvitation(
        tx,
        workspace,
        decided.value === before ? before : row,
        reference,
      );
      return ok(shown as Changed<Reference>);
    },
  );
}

/** What says nothing of the person who is invited. */
function told({ status, expiresAt }: InvitationRow) {
  return { status, expiresAt };
}

export function invitationNotFound(): InvitationNotFound {
  return refuse('invitation_not_found', 'Invitation not found');
}
