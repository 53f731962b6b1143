import type { Context } from '../context.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { withParameters } from '../kernel/with-parameters.ts';
import { readdressLink } from '../links/mint-link.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { changeInvitation } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import type { InvitationOver } from './change-status.ts';
import type { CreatedInvitation } from './create-invitation.ts';
import { idOf } from './get-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { defaultTokenLength } from './invitation-options.ts';
import { generateToken, hashToken, prefixOfToken } from './invitation-token.ts';
import { signatureParameter, tokenParameter } from './invitation-url.ts';
import { refuseState } from './validate-invitation.ts';

export interface RenewInput {
  /** A new end, from now on. @default the end stays */
  readonly expiresIn?: Period | undefined;
}

/**
 * Gives an invitation a new token, to send it again: the old one lets nobody in any more. It is a random one and needs
 * no signature. What was revoked or declined is not sent again.
 */
export async function renewInvitation(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: RenewInput = {},
  options?: WriteOptions,
): Promise<Result<CreatedInvitation, InvitationNotFound | InvitationOver | ValidationRefusal>> {
  const { expiresIn } = input;
  const problem = expiresIn === undefined ? undefined : periodProblem(expiresIn);
  if (problem !== undefined) return refuseField('expiresIn', problem);
  const token = generateToken(
    Math.max(
      context.options.invitations?.tokenLength ?? defaultTokenLength,
      // A collision here could not be told from the outside: too long for one.
      defaultTokenLength,
    ),
  );
  const changed = await changeInvitation(
    context,
    workspace,
    idOf(reference) ?? '',
    async (before, now, tx): Promise<Result<typeof before, InvitationOver | ValidationRefusal>> => {
      if (before.status === 'revoked' || before.status === 'declined')
        return refuseState(before.status) as InvitationOver;
      // Its short link goes on with the new token.
      const address = (base: string): string | undefined =>
        withParameters(
          base,
          { [tokenParameter]: token },
          before.signed ? [signatureParameter] : [],
        );
      await readdressLink(context, tx, workspace, { linkId: before.linkId, address });
      const end = expiresIn === undefined ? undefined : movePeriod(now.getTime(), expiresIn);
      return ok({
        ...before,
        tokenHash: hashToken(workspace, token),
        tokenPrefix: prefixOfToken(token),
        signingKey: null,
        signed: false,
        ...(end !== undefined && { expiresAt: new Date(end) }),
      });
    },
    options,
  );
  return changed.ok ? ok({ ...changed.value, token }) : changed;
}
