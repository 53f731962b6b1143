import type { SignInDb } from './sign-in-tables.ts';

/** Where somebody is signed in. */
export interface OpenSession {
  readonly id: string;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The newest first. */
export async function selectSessions(
  db: SignInDb,
  userId: string,
  now: Date,
): Promise<OpenSession[]> {
  const rows = await db
    .selectFrom('session')
    .select(['id', 'user_agent', 'created_at', 'expires_at'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}

/** Ends one session of somebody, or all of them. */
export async function deleteSessions(db: SignInDb, userId: string, id?: string): Promise<boolean> {
  let statement = db.deleteFrom('session').where('user_id', '=', userId);
  if (id !== undefined) statement = statement.where('id', '=', id);
  const deleted = await statement.returning('id').execute();
  return deleted.length > 0;
}

/** What nobody can use any more. */
export async function deleteExpired(db: SignInDb, now: Date): Promise<void> {
  await db.deleteFrom('session').where('expires_at', '<=', now).execute();
  await db.deleteFrom('verification').where('expires_at', '<=', now).execute();
  await db.deleteFrom('owner_link').where('expires_at', '<=', now).execute();
}
