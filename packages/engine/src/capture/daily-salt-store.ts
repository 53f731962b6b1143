import type { Db } from '../store/database.ts';

/** `day`: whole days since the epoch, UTC. */
export async function findDailySalt(
  db: Db,
  workspaceId: string,
  day: number,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('daily_salt')
    .select('salt')
    .where('workspace_id', '=', workspaceId)
    .where('day', '=', day)
    .executeTakeFirst();
  return row?.salt;
}

/** The first one of a day is the one that counts. */
export async function insertDailySalt(
  db: Db,
  workspaceId: string,
  day: number,
  salt: Uint8Array,
): Promise<void> {
  await db
    .insertInto('daily_salt')
    .values({ workspace_id: workspaceId, day, salt: Buffer.from(salt) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
