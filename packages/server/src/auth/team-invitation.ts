import { randomBytes } from 'node:crypto';

import type { Invitation, Workspace } from 'headwater';

import { pageUrl } from './ground.ts';
import type { Ground } from './ground.ts';
import { teamInvitationMail } from './mail-texts.ts';
import { findRole } from './member-store.ts';
import type { Role } from './role.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import {
  deleteTeamInvitation,
  findTeamInvitation,
  insertTeamInvitation,
  selectTeamInvitations,
  updateTeamInvitationKey,
} from './team-invitation-store.ts';
import { findUserByEmail } from './user-store.ts';

/** Somebody who is invited into a team and has not come yet. */
export interface TeamInvitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export interface SentInvitation extends TeamInvitation {
  /** Whether the link went out by mail. */
  readonly mailed: boolean;
  /** To be handed over by hand, where there is no mail. */
  readonly url: string | undefined;
}

type Sent = { readonly ok: true; readonly value: SentInvitation } | SignInRefusal;

/** What an invitation into a team is keyed with beside its own token. */
export const invitationKeyPurpose = 'team-invitation';
const goodFor = { days: 7 };

/**
 * Invites somebody: one of Headwater's invitations, bound to the address, with the role in its attributes. The role that
 * counts is the one in sign-in's own table, and the link has a key beside the invitation's token: whoever may write
 * invitations through the API could otherwise make or renew one that leads into the team.
 */
export async function inviteToTeam(
  ground: Ground,
  workspace: Workspace,
  { email, role }: { readonly email: string; readonly role: Role },
): Promise<Sent> {
  const { hw, db, neighbour, mailer } = ground;
  const known = await findUserByEmail(db, email);
  if (known !== undefined && (await findRole(db, workspace.id, known.id)) !== undefined)
    return refuseSignIn('already_member', `${email} is in the team already`);
  const key = createKey();
  const created = await db.transaction().execute(async (tx) => {
    const invitation = await hw.invitations.create(
      {
        name: `Team: ${role}`,
        emails: [email],
        usesMax: 1,
        expiresIn: goodFor,
        attributes: { team: true, role },
      },
      { workspaceId: workspace.id, tx },
    );
    if (!invitation.ok) return invitation;
    await insertTeamInvitation(tx, {
      workspaceId: workspace.id,
      invitationId: invitation.value.id,
      role,
      keyHash: neighbour.keyring.hash(invitationKeyPurpose, key),
      mailed: mailer !== undefined,
      createdAt: invitation.value.createdAt,
    });
    return invitation;
  });
  if (!created.ok) return refuseSignIn('validation_failed', created.message, created.errors);
  return send(ground, workspace, { invitation: created.value, email, role, key });
}

/** Sends an invitation again, with a new link and seven more days; the old link leads nowhere. */
export async function renewTeamInvitation(
  ground: Ground,
  workspace: Workspace,
  invitationId: string,
): Promise<Sent> {
  const { hw, db, neighbour } = ground;
  const row = await findTeamInvitation(db, workspace.id, invitationId);
  const before = row && (await hw.invitations.get(invitationId, { workspaceId: workspace.id }));
  const email = before?.emails[0];
  if (row === undefined || email === undefined) return notFound();
  const key = createKey();
  const renewed = await db.transaction().execute(async (tx) => {
    const invitation = await hw.invitations.renew(
      { id: invitationId },
      { expiresIn: goodFor },
      { workspaceId: workspace.id, tx },
    );
    if (!invitation.ok) return invitation;
    const keyHash = neighbour.keyring.hash(invitationKeyPurpose, key);
    await updateTeamInvitationKey(tx, { workspaceId: workspace.id, invitationId, keyHash });
    return invitation;
  });
  if (!renewed.ok) return notFound();
  return send(ground, workspace, { invitation: renewed.value, email, role: row.role, key });
}

/** Takes an invitation back. */
export async function withdrawTeamInvitation(
  { db, hw }: Ground,
  workspace: Workspace,
  invitationId: string,
): Promise<{ readonly ok: true } | SignInRefusal> {
  return db.transaction().execute(async (tx) => {
    if (!(await deleteTeamInvitation(tx, workspace.id, invitationId))) return notFound();
    await hw.invitations.revoke({ id: invitationId }, { workspaceId: workspace.id, tx });
    await hw.invitations.archive({ id: invitationId }, { workspaceId: workspace.id, tx });
    return { ok: true as const };
  });
}

/** Who is invited, newest first; without those whose invitation was ended through the API. */
export async function listTeamInvitations(
  { db, hw }: Ground,
  workspace: Workspace,
): Promise<TeamInvitation[]> {
  const rows = await selectTeamInvitations(db, workspace.id);
  const found: TeamInvitation[] = [];
  for (const row of rows) {
    const invitation = await hw.invitations.get(row.invitationId, { workspaceId: workspace.id });
    const email = invitation?.emails[0];
    if (invitation === undefined || email === undefined) continue;
    if (invitation.archivedAt !== null || invitation.status !== 'active') continue;
    const { id, createdAt, expiresAt } = invitation;
    found.push({ id, email, role: row.role, createdAt, expiresAt });
  }
  return found;
}

function createKey(): string {
  return randomBytes(18).toString('base64url');
}

async function send(
  ground: Ground,
  workspace: Workspace,
  sent: {
    readonly invitation: Invitation & { readonly token: string };
    readonly email: string;
    readonly role: Role;
    readonly key: string;
  },
): Promise<Sent> {
  const { id, token, createdAt, expiresAt } = sent.invitation;
  const { email, role } = sent;
  const url = pageUrl(ground, 'join', `${token}.${sent.key}`);
  const { mailer } = ground;
  if (mailer !== undefined) {
    try {
      await mailer.send(teamInvitationMail(email, { url, workspace: workspace.name, role }));
    } catch (error) {
      ground.logger.error('an invitation could not be sent', { error });
      return refuseSignIn(
        'mail_failed',
        'The invitation was made, but the mail server did not take it. Send it again.',
      );
    }
  }
  const mailed = mailer !== undefined;
  const value = { id, email, role, createdAt, expiresAt, mailed, url: mailed ? undefined : url };
  return { ok: true, value };
}

function notFound(): SignInRefusal {
  return refuseSignIn('not_found', 'There is no such invitation');
}
