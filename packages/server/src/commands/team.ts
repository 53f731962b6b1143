import type { Workspace } from 'headwater';

import { changeRole, removeMember } from '../auth/change-team.ts';
import type { Ground } from '../auth/ground.ts';
import { selectMembers } from '../auth/member-store.ts';
import type { Member } from '../auth/member-store.ts';
import { openSignIn } from '../auth/open-sign-in.ts';
import { createOwnerLink } from '../auth/owner-link.ts';
import type { Role } from '../auth/role.ts';
import { inviteToTeam, listTeamInvitations } from '../auth/team-invitation.ts';
import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';

export interface TeamFlags {
  readonly workspace?: string;
}

/** Who runs the command runs the server: it may what an owner may. */
const operator = { userId: undefined, role: 'owner' } as const;

export async function listTeam(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: TeamFlags,
): Promise<void> {
  const { members, invitations } = await withTeam(
    config,
    log,
    flags,
    async (ground, workspace) => ({
      members: await selectMembers(ground.db, workspace.id),
      invitations: await listTeamInvitations(ground, workspace),
    }),
  );
  if (terminal.json) {
    terminal.print(
      JSON.stringify({
        members: members.map(({ userId, name, email, role, createdAt }) => ({
          id: userId,
          name,
          email,
          role,
          created_at: createdAt,
        })),
        invitations: invitations.map(({ id, email, role, expiresAt }) => ({
          id,
          email,
          role,
          expires_at: expiresAt,
        })),
      }),
    );
    return;
  }
  if (members.length + invitations.length === 0) {
    terminal.print('The team is empty. `headwater owner-link` makes its first owner.');
    return;
  }
  terminal.print(
    formatTable(
      ['email', 'role', 'name', 'since'],
      [
        ...members.map((one) => [one.email, one.role, one.name, one.createdAt.toISOString()]),
        ...invitations.map((one) => [one.email, one.role, '(invited)', '']),
      ],
    ),
  );
}

export async function inviteMember(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: TeamFlags & { readonly email: string; readonly role: Role },
): Promise<void> {
  const email = flags.email.trim().toLowerCase();
  const sent = await withTeam(config, log, flags, (ground, workspace) =>
    inviteToTeam(ground, workspace, { email, role: flags.role }),
  );
  if (!sent.ok) throw new CommandFailure(sent.message);
  const { id, role, expiresAt, mailed, url } = sent.value;
  if (terminal.json)
    terminal.print(JSON.stringify({ id, email, role, expires_at: expiresAt, mailed, url }));
  else if (url === undefined) terminal.print(`Sent to ${email}.`);
  else terminal.print(`${url}\nGive this link to ${email}. It is good once, for seven days.`);
}

export async function changeMemberRole(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: TeamFlags & { readonly email: string; readonly role: Role },
): Promise<void> {
  const done = await withMember(config, log, flags, (ground, workspaceId, { userId }) =>
    changeRole(ground, operator, { workspaceId, userId, role: flags.role }),
  );
  if (!done.ok) throw new CommandFailure(done.message);
  terminal.print(
    terminal.json
      ? JSON.stringify({ email: flags.email, role: flags.role })
      : `${flags.email} is now ${flags.role}.`,
  );
}

export async function removeFromTeam(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: TeamFlags & { readonly email: string },
): Promise<void> {
  const done = await withMember(config, log, flags, (ground, workspaceId, { userId }) =>
    removeMember(ground, operator, { workspaceId, userId }),
  );
  if (!done.ok) throw new CommandFailure(done.message);
  terminal.print(
    terminal.json
      ? JSON.stringify({ email: flags.email, removed: true })
      : `${flags.email} is not in the team any more.`,
  );
}

export async function printOwnerLink(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const url = await withTeam(config, log, {}, (ground) => createOwnerLink(ground));
  terminal.print(terminal.json ? JSON.stringify({ owner_link: url }) : url);
  if (!terminal.json) terminal.print('Whoever opens it first becomes an owner. Good for a day.');
}

async function withTeam<T>(
  config: ServerConfig,
  log: Log,
  flags: TeamFlags,
  work: (ground: Ground, workspace: Workspace) => Promise<T>,
): Promise<T> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    const signIn = openSignIn(hw, config, log);
    await signIn.migrate();
    const id = await findWorkspace(hw, flags.workspace);
    const workspace = await hw.workspaces.get(id);
    if (workspace === undefined) throw new CommandFailure(`there is no workspace ${id}`);
    return work(signIn.ground, workspace);
  });
}

async function withMember<T>(
  config: ServerConfig,
  log: Log,
  flags: TeamFlags & { readonly email: string },
  work: (ground: Ground, workspaceId: string, member: Member) => Promise<T>,
): Promise<T> {
  return withTeam(config, log, flags, async (ground, { id }) => {
    const members = await selectMembers(ground.db, id);
    const member = members.find(({ email }) => email === flags.email.trim().toLowerCase());
    if (member === undefined) throw new CommandFailure(`${flags.email} is not in the team`);
    return work(ground, id, member);
  });
}
