import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { endMintedLink } from '../links/mint-link.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { changeInvitation } from './change-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import type { InvitationStatus } from './invitation.ts';

/** It was revoked or declined, which is for good: a new token is a new invitation. */
export type InvitationOver = Refusal & {
  readonly code: 'invitation_revoked' | 'invitation_declined';
};

/** The statuses that each change may begin with. The last ones of a row leave things as they are. */
const moves = {
  revoked: ['active', 'paused', 'declined'],
  declined: ['active', 'paused'],
  paused: ['active'],
  active: ['paused'],
} as const satisfies Record<InvitationStatus, readonly InvitationStatus[]>;

/**
 * Pauses, resumes, revokes or declines an invitation. Doing it again changes nothing; what was revoked or declined can
 * be neither paused nor active again, and its short link has ended.
 */
export async function changeInvitationStatus<Reference extends InvitationReference>(
  context: Context,
  workspace: Workspace,
  reference: Reference,
  status: InvitationStatus,
  options?: WriteOptions,
) {
  return changeInvitation(
    context,
    workspace,
    reference,
    async (before, _now, tx): Promise<Result<typeof before, InvitationOver>> => {
      if (before.status === status) return ok(before);
      if ((moves[status] as readonly InvitationStatus[]).includes(before.status)) {
        const isOver = status === 'revoked' || status === 'declined';
        if (isOver) await endMintedLink(context, tx, workspace, before.linkId);
        return ok({ ...before, status });
      }
      return before.status === 'declined'
        ? refuse('invitation_declined', 'The invitation was declined')
        : refuse('invitation_revoked', 'The invitation was revoked');
    },
    options,
  );
}
