import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { endMintedLink } from '../links/mint-link.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { invitationNotFound } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import { idOf, presentInvitation } from './get-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { lockInvitation, updateInvitationRow } from './invitation-store.ts';
import type { Invitation } from './invitation.ts';

/**
 * Deletes an invitation for everybody who has its token, and frees the token; its short link ends too. Its usages,
 * redemptions and referrals stay. Doing it again changes nothing.
 */
export async function archiveInvitation(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  options?: WriteOptions,
): Promise<Result<Invitation, InvitationNotFound>> {
  const id = idOf(reference);
  if (id === undefined) return invitationNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Invitation, InvitationNotFound>> => {
      const before = await lockInvitation(tx, workspace.id, id);
      if (before === undefined) return invitationNotFound();
      const now = new Date(context.clock.now());
      const row =
        before.archivedAt === null ? { ...before, archivedAt: now, updatedAt: now } : before;
      if (row !== before) {
        await updateInvitationRow(tx, row);
        await endMintedLink(context, tx, workspace, row.linkId);
        await recordAudit(context, tx, {
          workspaceId: workspace.id,
          action: 'invitation.archived',
          subject: { type: 'invitation', id: id },
        });
      }
      return ok(await presentInvitation(tx, workspace, row));
    },
  );
}
