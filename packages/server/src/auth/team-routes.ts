import { changeRole, removeMember } from './change-team.ts';
import { guarded } from './ground.ts';
import type { Ground } from './ground.ts';
import { accountExists, findInvitation, joinTeam } from './join-team.ts';
import { selectMembers } from './member-store.ts';
import { checkOwnerLink, claimOwnership } from './owner-link.ts';
import { mayManage } from './role.ts';
import type { Role } from './role.ts';
import { signInWithPassword } from './session-routes.ts';
import { answer, refuseSignIn } from './sign-in-answer.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import { forAnybody, forMember } from './sign-in-route.ts';
import type { SignInRoute } from './sign-in-route.ts';
import { invitationBody, joinBody, ownerBody, roleBody, tokenBody } from './sign-in-schema.ts';
import { findTeamInvitation } from './team-invitation-store.ts';
import {
  inviteToTeam,
  listTeamInvitations,
  renewTeamInvitation,
  withdrawTeamInvitation,
} from './team-invitation.ts';
import type { SentInvitation, TeamInvitation } from './team-invitation.ts';

const checkOwner = forAnybody({
  method: 'POST',
  path: '/owner/check',
  body: tokenBody,
  handle: (ground, { network, body }) =>
    guarded(ground, { network }, async () =>
      (await checkOwnerLink(ground, body.token))
        ? answer()
        : refuseSignIn('link_unusable', 'This link has been used, or is older than a day'),
    ),
});

const claimOwner = forAnybody({
  method: 'POST',
  path: '/owner',
  body: ownerBody,
  handle: (ground, { request, network, body }) =>
    guarded(ground, { network }, async () => {
      const claimed = await claimOwnership(ground, body);
      return claimed.ok ? signInWithPassword(ground, request, body) : claimed;
    }),
});

const checkInvitation = forAnybody({
  method: 'POST',
  path: '/join/check',
  body: tokenBody,
  handle: (ground, { network, body }) =>
    guarded(ground, { network }, async () => {
      const found = await findInvitation(ground, body.token);
      if (!found.ok) return found;
      const { workspace, email, role, hasAccount } = found.value;
      return answer({ workspace: workspace.name, email, role, has_account: hasAccount });
    }),
});

const join = forAnybody({
  method: 'POST',
  path: '/join',
  body: joinBody,
  handle: (ground, { request, network, body }) =>
    guarded(ground, { network }, async () => {
      const found = await findInvitation(ground, body.token);
      if (!found.ok) return found;
      const { email, hasAccount } = found.value;
      const signedIn = await (await ground.library()).findSession(request.headers);
      if (signedIn !== undefined) {
        const joined = await joinTeam(ground, found.value, { signedIn });
        return joined.ok ? answer() : joined;
      }
      if (hasAccount) return accountExists(email);
      const { name, password } = body;
      if (name === undefined || password === undefined)
        return refuseSignIn('validation_failed', 'A name and a password are required', {
          ...(name === undefined && { name: ['is required'] }),
          ...(password === undefined && { password: ['is required'] }),
        });
      const joined = await joinTeam(ground, found.value, { name, password });
      return joined.ok ? signInWithPassword(ground, request, { email, password }) : joined;
    }),
});

const list = forMember({
  method: 'GET',
  path: '/team',
  role: 'viewer',
  async handle(ground, { member, signedIn }) {
    const workspace = await workspaceOf(ground, member.workspaceId);
    const members = await selectMembers(ground.db, workspace.id);
    const invitations = mayManage(member.role, 'viewer')
      ? await listTeamInvitations(ground, workspace)
      : [];
    return answer({
      members: members.map((one) => ({
        id: one.userId,
        name: one.name,
        email: one.email,
        role: one.role,
        created_at: one.createdAt,
        you: one.userId === signedIn.userId,
      })),
      invitations: invitations.map(toWire),
    });
  },
});

const invite = forMember({
  method: 'POST',
  path: '/team/invitations',
  role: 'admin',
  body: invitationBody,
  async handle(ground, { member, body }) {
    if (!mayManage(member.role, body.role)) return ownersOnly();
    const workspace = await workspaceOf(ground, member.workspaceId);
    const sent = await inviteToTeam(ground, workspace, body);
    return sent.ok ? { ...answer(toSentWire(sent.value)), status: 201 } : sent;
  },
});

const renew = forMember({
  method: 'POST',
  path: '/team/invitations/{id}/renew',
  role: 'admin',
  async handle(ground, { member, params }) {
    const workspace = await workspaceOf(ground, member.workspaceId);
    const refused = await refuseForOthers(ground, member, params['id']!);
    if (refused !== undefined) return refused;
    const sent = await renewTeamInvitation(ground, workspace, params['id']!);
    return sent.ok ? answer(toSentWire(sent.value)) : sent;
  },
});

const withdraw = forMember({
  method: 'DELETE',
  path: '/team/invitations/{id}',
  role: 'admin',
  async handle(ground, { member, params }) {
    const workspace = await workspaceOf(ground, member.workspaceId);
    const refused = await refuseForOthers(ground, member, params['id']!);
    if (refused !== undefined) return refused;
    const withdrawn = await withdrawTeamInvitation(ground, workspace, params['id']!);
    return withdrawn.ok ? answer() : withdrawn;
  },
});

const changeMember = forMember({
  method: 'PATCH',
  path: '/team/members/{id}',
  role: 'admin',
  body: roleBody,
  async handle(ground, { member, signedIn, params, body }) {
    const { workspaceId } = member;
    const actor = { userId: signedIn.userId, role: member.role };
    const change = { workspaceId, userId: params['id']!, role: body.role };
    const changed = await changeRole(ground, actor, change);
    return changed.ok ? answer() : changed;
  },
});

const remove = forMember({
  method: 'DELETE',
  path: '/team/members/{id}',
  // Everybody may leave.
  role: 'viewer',
  async handle(ground, { member, signedIn, params }) {
    const { workspaceId } = member;
    const actor = { userId: signedIn.userId, role: member.role };
    const removed = await removeMember(ground, actor, { workspaceId, userId: params['id']! });
    return removed.ok ? answer() : removed;
  },
});

async function workspaceOf(ground: Ground, id: string) {
  const workspace = await ground.hw.workspaces.get(id);
  if (workspace === undefined) throw new Error(`the workspace ${id} of a member is gone`);
  return workspace;
}

/** An invitation of an owner is for owners to send again and to take back. */
async function refuseForOthers(
  ground: Ground,
  { workspaceId, role }: { readonly workspaceId: string; readonly role: Role },
  invitationId: string,
): Promise<SignInRefusal | undefined> {
  const row = await findTeamInvitation(ground.db, workspaceId, invitationId);
  return row === undefined || mayManage(role, row.role) ? undefined : ownersOnly();
}

function ownersOnly(): SignInRefusal {
  return refuseSignIn('forbidden', 'Only an owner may invite owners');
}

function toWire(invitation: TeamInvitation) {
  const { id, email, role, createdAt, expiresAt } = invitation;
  return { id, email, role, created_at: createdAt, expires_at: expiresAt };
}

function toSentWire(sent: SentInvitation) {
  return { ...toWire(sent), mailed: sent.mailed, url: sent.url ?? null };
}

export const teamRoutes: readonly SignInRoute[] = [
  checkOwner,
  claimOwner,
  checkInvitation,
  join,
  list,
  invite,
  renew,
  withdraw,
  changeMember,
  remove,
];
