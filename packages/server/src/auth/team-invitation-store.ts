import type { Role } from './role.ts';
import type { SignInDb } from './sign-in-tables.ts';

/** Which of Headwater's invitations lead into a team, and as what. */
export interface TeamInvitationRow {
  readonly workspaceId: string;
  readonly invitationId: string;
  readonly role: Role;
  readonly keyHash: Buffer;
  readonly mailed: boolean;
  readonly createdAt: Date;
}

export async function insertTeamInvitation(db: SignInDb, row: TeamInvitationRow): Promise<void> {
  await db
    .insertInto('team_invitation')
    .values({
      workspace_id: row.workspaceId,
      invitation_id: row.invitationId,
      role: row.role,
      key_hash: row.keyHash,
      mailed: row.mailed,
      created_at: row.createdAt,
    })
    .execute();
}

/** Newest first. */
export async function selectTeamInvitations(
  db: SignInDb,
  workspaceId: string,
): Promise<TeamInvitationRow[]> {
  const rows = await db
    .selectFrom('team_invitation')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('invitation_id', 'desc')
    .limit(200)
    .execute();
  return rows.map(fromRow);
}

export async function findTeamInvitation(
  db: SignInDb,
  workspaceId: string,
  invitationId: string,
): Promise<TeamInvitationRow | undefined> {
  const row = await db
    .selectFrom('team_invitation')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', '=', invitationId)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** @param keyHashes of one key, under every secret */
export async function findTeamInvitationByKey(
  db: SignInDb,
  keyHashes: readonly Buffer[],
): Promise<TeamInvitationRow | undefined> {
  const row = await db
    .selectFrom('team_invitation')
    .selectAll()
    .where('key_hash', 'in', keyHashes)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function updateTeamInvitationKey(
  db: SignInDb,
  { workspaceId, invitationId, keyHash }: Omit<TeamInvitationRow, 'role' | 'mailed' | 'createdAt'>,
): Promise<void> {
  await db
    .updateTable('team_invitation')
    .set({ key_hash: keyHash })
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', '=', invitationId)
    .execute();
}

/** `false` where it is gone already: of two acceptances at once, one gets it. */
export async function deleteTeamInvitation(
  db: SignInDb,
  workspaceId: string,
  invitationId: string,
): Promise<boolean> {
  const row = await db
    .deleteFrom('team_invitation')
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', '=', invitationId)
    .returning('invitation_id')
    .executeTakeFirst();
  return row !== undefined;
}

function fromRow(row: {
  readonly workspace_id: string;
  readonly invitation_id: string;
  readonly role: Role;
  readonly key_hash: Buffer;
  readonly mailed: boolean;
  readonly created_at: Date;
}): TeamInvitationRow {
  return {
    workspaceId: row.workspace_id,
    invitationId: row.invitation_id,
    role: row.role,
    keyHash: row.key_hash,
    mailed: row.mailed,
    createdAt: row.created_at,
  };
}
