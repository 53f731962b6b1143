import type { Context } from '../context.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
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
import { signingSecrets, signToken } from './invitation-signature.ts';
import { generateToken, hashToken, prefixOfToken } from './invitation-token.ts';
import { signatureParameter, tokenParameter } from './invitation-url.ts';
import { refuseState } from './validate-invitation.ts';

export interface RenewInput {
  /** A new end, from now on. @default the end stays */
  readonly expiresIn?: Period | undefined;
}

export type RenewInvitationRefusal =
  | InvitationNotFound
  | InvitationOver
  | ValidationRefusal
  | (Refusal & { readonly code: 'no_signing_secret' });

/**
 * Gives an invitation a new token, to send it again: the old one lets nobody in any more. What was signed stays so: the
 * answer has the signature of the new token. What was revoked or declined is not sent again.
 */
export async function renewInvitation(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: RenewInput = {},
  options?: WriteOptions,
): Promise<Result<CreatedInvitation, RenewInvitationRefusal>> {
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
  const [secret] = signingSecrets(context.options.invitations?.signingSecret);
  let signature: string | undefined;
  const changed = await changeInvitation(
    context,
    workspace,
    idOf(reference) ?? '',
    async (before, now, tx): Promise<Result<typeof before, RenewInvitationRefusal>> => {
      if (before.status === 'revoked' || before.status === 'declined')
        return refuseState(before.status) as InvitationOver;
      if (before.signed && secret === undefined)
        return refuse(
          'no_signing_secret',
          'Nothing can be signed: the option invitations.signingSecret is not set',
        );
      signature = before.signed ? signToken(secret!, token) : undefined;
      // Its short link goes on with the new token.
      const address = (base: string): string | undefined =>
        withParameters(
          base,
          {
            [tokenParameter]: token,
            ...(signature !== undefined && { [signatureParameter]: signature }),
          },
          [],
        );
      await readdressLink(context, tx, workspace, { linkId: before.linkId, address });
      const end = expiresIn === undefined ? undefined : movePeriod(now.getTime(), expiresIn);
      return ok({
        ...before,
        tokenHash: hashToken(workspace, token),
        tokenPrefix: prefixOfToken(token),
        signingKey: signature === undefined ? null : secret!.id,
        ...(end !== undefined && { expiresAt: new Date(end) }),
      });
    },
    options,
  );
  return changed.ok ? ok({ ...changed.value, token, signature }) : changed;
}
