import type { SignInDb } from './sign-in-tables.ts';

export async function insertOwnerLink(
  db: SignInDb,
  link: { readonly tokenHash: Buffer; readonly at: Date; readonly expiresAt: Date },
): Promise<void> {
  await db
    .insertInto('owner_link')
    .values({ token_hash: link.tokenHash, created_at: link.at, expires_at: link.expiresAt })
    .execute();
}

/** @param hashes of one token, under every secret */
export async function isOwnerLinkGood(
  db: SignInDb,
  hashes: readonly Buffer[],
  now: Date,
): Promise<boolean> {
  const row = await db
    .selectFrom('owner_link')
    .select('expires_at')
    .where('token_hash', 'in', hashes)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Uses a link up, and all others with it; `false` where it is none that can be used. */
export async function useOwnerLink(
  db: SignInDb,
  hashes: readonly Buffer[],
  now: Date,
): Promise<boolean> {
  const used = await db
    .deleteFrom('owner_link')
    .where('token_hash', 'in', hashes)
    .where('expires_at', '>', now)
    .returning('token_hash')
    .executeTakeFirst();
  if (used === undefined) return false;
  await db.deleteFrom('owner_link').execute();
  return true;
}
