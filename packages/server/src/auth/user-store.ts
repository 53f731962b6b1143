import type { SignInDb, SignInTables } from './sign-in-tables.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** The name under which better-auth keeps passwords. */
const passwordProvider = 'credential';

export async function findUserByEmail(db: SignInDb, email: string): Promise<User | undefined> {
  return db
    .selectFrom('user')
    .select(['id', 'name', 'email'])
    .where('email', '=', email)
    .executeTakeFirst();
}

/** `false` where somebody has the address already. */
export async function insertUser(
  db: SignInDb,
  user: User & { readonly emailVerified: boolean; readonly at: Date },
): Promise<boolean> {
  const inserted = await db
    .insertInto('user')
    .values({
      id: user.id,
      name: user.name,
      email: user.email,
      email_verified: user.emailVerified,
      image: null,
      created_at: user.at,
      updated_at: user.at,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function renameUser(
  db: SignInDb,
  { id, name, at }: { readonly id: string; readonly name: string; readonly at: Date },
): Promise<void> {
  await db.updateTable('user').set({ name, updated_at: at }).where('id', '=', id).execute();
}

/** With their passwords, sessions and memberships. */
export async function deleteUser(db: SignInDb, id: string): Promise<void> {
  await db.deleteFrom('user').where('id', '=', id).execute();
}

/** Sets the password; there is one row of it for each user. */
export async function putPassword(
  db: SignInDb,
  given: {
    readonly id: string;
    readonly userId: string;
    readonly hash: string;
    readonly at: Date;
  },
): Promise<void> {
  const row: SignInTables['account'] = {
    id: given.id,
    user_id: given.userId,
    provider_id: passwordProvider,
    account_id: given.userId,
    password: given.hash,
    access_token: null,
    refresh_token: null,
    id_token: null,
    access_token_expires_at: null,
    refresh_token_expires_at: null,
    scope: null,
    created_at: given.at,
    updated_at: given.at,
  };
  await db
    .insertInto('account')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['provider_id', 'account_id'])
        .doUpdateSet({ password: row.password, updated_at: row.updated_at }),
    )
    .execute();
}
