import type { Ground } from './ground.ts';
import {
  deleteMember,
  findRole,
  lockOwners,
  putMember,
  selectMemberships,
} from './member-store.ts';
import { mayManage } from './role.ts';
import type { Role } from './role.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import { deleteUser } from './user-store.ts';

type Done = { readonly ok: true } | SignInRefusal;

/** Who changes the team: a member, or whoever runs the server. */
export interface TeamActor {
  readonly userId: string | undefined;
  readonly role: Role;
}

/** Gives a member another role. The last owner stays one. */
export function changeRole(
  { db, neighbour }: Ground,
  actor: TeamActor,
  change: { readonly workspaceId: string; readonly userId: string; readonly role: Role },
): Promise<Done> {
  const { workspaceId, userId, role } = change;
  return db.transaction().execute(async (tx): Promise<Done> => {
    const owners = await lockOwners(tx, workspaceId);
    const before = await findRole(tx, workspaceId, userId);
    if (before === undefined) return memberNotFound();
    if (!mayManage(actor.role, before) || !mayManage(actor.role, role)) return ownersOnly();
    if (role !== 'owner' && isLast(owners, userId)) return lastOwner();
    await putMember(tx, { workspaceId, userId, role, at: new Date(neighbour.clock.now()) });
    await neighbour.audit(tx, nameOf(actor), {
      workspaceId,
      action: 'member.role_changed',
      subject: { type: 'member', id: userId },
      changes: { role: { from: before, to: role } },
    });
    return { ok: true };
  });
}

/**
 * Takes a member out of the team, or lets one go who wants to. Who is in no team any more has no account either. The
 * last owner stays.
 */
export function removeMember(
  { db, neighbour }: Ground,
  actor: TeamActor,
  { workspaceId, userId }: { readonly workspaceId: string; readonly userId: string },
): Promise<Done> {
  return db.transaction().execute(async (tx): Promise<Done> => {
    const owners = await lockOwners(tx, workspaceId);
    const role = await findRole(tx, workspaceId, userId);
    if (role === undefined) return memberNotFound();
    if (actor.userId !== userId && !mayManage(actor.role, role)) return ownersOnly();
    if (isLast(owners, userId)) return lastOwner();
    await deleteMember(tx, workspaceId, userId);
    await neighbour.audit(tx, nameOf(actor), {
      workspaceId,
      action: 'member.removed',
      subject: { type: 'member', id: userId },
      changes: { role: { from: role } },
    });
    if ((await selectMemberships(tx, userId)).length === 0) await deleteUser(tx, userId);
    return { ok: true };
  });
}

/** As the API calls whoever is signed in; nothing for the command line. */
function nameOf({ userId }: TeamActor): string | undefined {
  return userId === undefined ? undefined : `user ${userId}`;
}

function isLast(owners: readonly string[], userId: string): boolean {
  return owners.length === 1 && owners[0] === userId;
}

function memberNotFound(): SignInRefusal {
  return refuseSignIn('member_not_found', 'There is no such member of this team');
}

function ownersOnly(): SignInRefusal {
  return refuseSignIn('forbidden', 'Only an owner may change owners, and only admins the others');
}

function lastOwner(): SignInRefusal {
  return refuseSignIn('last_owner', 'A workspace keeps at least one owner: name another one first');
}
