import type { Role } from './role.ts';
import type { SignInDb, SignInTx } from './sign-in-tables.ts';

/** Somebody of a workspace's team. */
export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
}

export interface Membership {
  readonly workspaceId: string;
  readonly role: Role;
  /** Of the simulated workspace, which has no team of its own. */
  readonly isDemo?: true;
}

/** Where somebody belongs, the oldest membership first. */
export async function selectMemberships(db: SignInDb, userId: string): Promise<Membership[]> {
  const rows = await db
    .selectFrom('member')
    .select(['workspace_id', 'role'])
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('workspace_id')
    .execute();
  return rows.map((row) => ({ workspaceId: row.workspace_id, role: row.role }));
}

/** The oldest member first. */
export async function selectMembers(db: SignInDb, workspaceId: string): Promise<Member[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('user', 'user.id', 'member.user_id')
    .select(['member.user_id', 'user.name', 'user.email', 'member.role', 'member.created_at'])
    .where('member.workspace_id', '=', workspaceId)
    .orderBy('member.created_at')
    .orderBy('member.user_id')
    .execute();
  return rows.map((row) => ({
    userId: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    createdAt: row.created_at,
  }));
}

/** Whether there is an owner of any workspace. */
export async function hasOwner(db: SignInDb): Promise<boolean> {
  const row = await db
    .selectFrom('member')
    .select('user_id')
    .where('role', '=', 'owner')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The owners of a workspace, locked: two of them cannot leave at once. */
export async function lockOwners(tx: SignInTx, workspaceId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('member')
    .select('user_id')
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .orderBy('user_id')
    .forUpdate()
    .execute();
  return rows.map((row) => row.user_id);
}

export async function findRole(
  db: SignInDb,
  workspaceId: string,
  userId: string,
): Promise<Role | undefined> {
  const row = await db
    .selectFrom('member')
    .select('role')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.role;
}

/** Adds a member, or gives one who is there this role. */
export async function putMember(
  db: SignInDb,
  member: Membership & { readonly userId: string; readonly at: Date },
): Promise<void> {
  await db
    .insertInto('member')
    .values({
      workspace_id: member.workspaceId,
      user_id: member.userId,
      role: member.role,
      created_at: member.at,
    })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'user_id']).doUpdateSet({ role: member.role }),
    )
    .execute();
}

export async function deleteMember(
  db: SignInDb,
  workspaceId: string,
  userId: string,
): Promise<void> {
  await db
    .deleteFrom('member')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .execute();
}
