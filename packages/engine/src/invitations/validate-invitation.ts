import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { Guesser } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { presentInvitation } from './get-invitation.ts';
import { findSigner, signingSecrets } from './invitation-signature.ts';
import { findInvitationByToken } from './invitation-store.ts';
import type { InvitationRow } from './invitation-store.ts';
import { hashToken, normaliseToken, tokenProblem } from './invitation-token.ts';
import { invitationState } from './invitation.ts';
import type { Invitation, InvitationState } from './invitation.ts';

/** A token as somebody shows it. */
export interface ShownToken {
  readonly token: string;
  /** The `s` of the address. */
  readonly signature?: string | undefined;
}

export type InvitationUnusable = Refusal & {
  readonly code:
    | 'invalid_token'
    | 'invalid_signature'
    | 'invitation_revoked'
    | 'invitation_declined'
    | 'invitation_paused'
    | 'invitation_expired'
    | 'invitation_exhausted';
};

/**
 * The invitation that a token leads to, if it lets somebody in now. Reading never consumes: scanners of mail and
 * previews of links may ask as often as they like. With the address or the account of who shows it, tokens that are none
 * are counted by them.
 */
export async function validateInvitation(
  context: Context,
  workspace: Workspace,
  { token, signature, ...guesser }: ShownToken & Guesser,
  options?: WriteOptions,
): Promise<
  Result<Invitation & { readonly token: string }, InvitationUnusable | RateLimitedRefusal>
> {
  const counted = await countGuess(context.limiter, workspace.id, guesser, options);
  if (!counted.ok) return counted;
  const found = await findByToken(context, workspace, { token, signature });
  if (!found.ok) return found;
  counted.giveBack();
  const refusal = refuseState(invitationState(found.value, context.clock.now()));
  if (refusal !== undefined) return refusal;
  const invitation = await presentInvitation(context.database.db, workspace, found.value);
  return ok({ ...invitation, token: normaliseToken(token), signature });
}

/** The live invitation of a token, in whatever state. A wrong signature is seen before the database is asked. */
export async function findByToken(
  context: Context,
  workspace: Workspace,
  { token, signature }: ShownToken,
): Promise<
  Result<InvitationRow, Refusal & { readonly code: 'invalid_token' | 'invalid_signature' }>
> {
  if (tokenProblem(token) !== undefined) return invalidToken();
  const secrets = signingSecrets(context.options.invitations?.signingSecret);
  const signer =
    signature === undefined ? undefined : findSigner(secrets, normaliseToken(token), signature);
  if (signature !== undefined && signer === undefined) return invalidSignature();
  const row = await findInvitationByToken(
    context.database.db,
    workspace.id,
    hashToken(workspace, token),
  );
  if (row === undefined) return invalidToken();
  // Signed ones never without the signature that they were made with.
  if (row.signingKey !== null && row.signingKey !== signer) return invalidSignature();
  return ok(row);
}

/** Why an invitation lets nobody in, as the refusal that says so. */
export function refuseState(state: InvitationState): InvitationUnusable | undefined {
  switch (state) {
    case 'archived':
      return invalidToken();
    case 'revoked':
      return refuse('invitation_revoked', 'The invitation was revoked');
    case 'declined':
      return refuse('invitation_declined', 'The invitation was declined');
    case 'paused':
      return refuse('invitation_paused', 'The invitation is paused');
    case 'expired':
      return refuse('invitation_expired', 'The invitation has expired');
    case 'exhausted':
      return refuse('invitation_exhausted', 'Every seat of the invitation is taken');
    case 'valid':
      return undefined;
    default:
      return state satisfies never;
  }
}

function invalidToken() {
  return refuse('invalid_token', 'No invitation has this token');
}

function invalidSignature() {
  return refuse('invalid_signature', 'The signature does not belong to the token');
}
