import type { Workspace } from 'headwater';

import type { SignedIn } from './auth-library.ts';
import type { Ground } from './ground.ts';
import { findRole, putMember } from './member-store.ts';
import type { Role } from './role.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import { deleteTeamInvitation, findTeamInvitationByKey } from './team-invitation-store.ts';
import { invitationKeyPurpose } from './team-invitation.ts';
import { findUserByEmail, insertUser, putPassword } from './user-store.ts';

/** An invitation as whoever holds its link may see it. */
export interface ShownInvitation {
  readonly workspace: Workspace;
  readonly invitationId: string;
  readonly email: string;
  readonly role: Role;
  readonly mailed: boolean;
  /** Whether somebody with this address can sign in. */
  readonly hasAccount: boolean;
}

export async function findInvitation(
  { db, hw, neighbour }: Ground,
  link: string,
): Promise<{ readonly ok: true; readonly value: ShownInvitation } | SignInRefusal> {
  const [token = '', key = ''] = link.split('.');
  const hashes = neighbour.keyring.hashes(invitationKeyPurpose, key);
  const row = await findTeamInvitationByKey(db, hashes);
  if (row === undefined) return unusable();
  const { workspaceId, role, mailed } = row;
  const workspace = await hw.workspaces.get(workspaceId);
  if (workspace === undefined) return unusable();
  const found = await hw.invitations.validate(token, { workspaceId });
  if (!found.ok || found.value.id !== row.invitationId) return unusable();
  const email = found.value.emails[0];
  if (email === undefined) return unusable();
  const hasAccount = (await findUserByEmail(db, email)) !== undefined;
  const value = { workspace, invitationId: row.invitationId, email, role, mailed, hasAccount };
  return { ok: true, value };
}

/** Takes somebody into the team: who is signed in with the invited address, or somebody new. */
export async function joinTeam(
  ground: Ground,
  shown: ShownInvitation,
  joining: { readonly signedIn: SignedIn } | { readonly name: string; readonly password: string },
): Promise<{ readonly ok: true } | SignInRefusal> {
  const { db, hw, neighbour } = ground;
  const { invitationId, email, role } = shown;
  const workspaceId = shown.workspace.id;
  if ('signedIn' in joining && joining.signedIn.email !== email)
    return refuseSignIn('email_mismatch', `This invitation is for ${email}. Sign in as that.`);
  const hash =
    'password' in joining
      ? await (await ground.library()).hashPassword(joining.password)
      : undefined;
  const at = new Date(neighbour.clock.now());
  return db.transaction().execute(async (tx) => {
    if (!(await deleteTeamInvitation(tx, workspaceId, invitationId))) return unusable();
    let userId: string;
    if ('signedIn' in joining) userId = joining.signedIn.userId;
    else {
      userId = neighbour.createId();
      const { name } = joining;
      // A link that was mailed proves the address of who opens it.
      const user = { id: userId, name, email, emailVerified: shown.mailed, at };
      if (!(await insertUser(tx, user))) return accountExists(email);
      await putPassword(tx, { id: neighbour.createId(), userId, hash: hash!, at });
    }
    if ((await findRole(tx, workspaceId, userId)) === undefined)
      await putMember(tx, { workspaceId, userId, role, at });
    await neighbour.audit(tx, `user ${userId}`, {
      workspaceId,
      action: 'member.joined',
      subject: { type: 'member', id: userId },
      changes: { role: { to: role } },
    });
    await hw.invitations.archive({ id: invitationId }, { workspaceId, tx });
    return { ok: true as const };
  });
}

export function accountExists(email: string): SignInRefusal {
  return refuseSignIn('account_exists', `${email} has an account. Sign in to join.`);
}

function unusable(): SignInRefusal {
  return refuseSignIn(
    'invitation_unusable',
    'This invitation has been used or taken back, or is older than seven days. Ask for another one.',
  );
}
