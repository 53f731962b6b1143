import { sql } from 'kysely';

import { changedPeople, unseenSince } from '../store/changed-people.ts';
import type { Db, Tx } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** How far the rewards of a workspace have come. */
export interface RewardProgress {
  /** What it sees is settled; `undefined`: everything is to be looked at. */
  readonly snapshot: string | undefined;
  readonly revision: number;
}

/** `undefined` where the workspace has never had a rule. */
export async function findProgress(
  db: Db,
  workspaceId: string,
): Promise<RewardProgress | undefined> {
  const row = await db
    .selectFrom('reward_progress')
    .select(['snapshot', 'revision'])
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  return row && { snapshot: row.snapshot ?? undefined, revision: row.revision };
}

/** Nothing where the rules have changed meanwhile: then all is looked at again. */
export async function saveProgress(
  db: Db,
  workspaceId: string,
  { snapshot, revision }: RewardProgress,
): Promise<void> {
  await db
    .updateTable('reward_progress')
    .set({ snapshot: snapshot ?? null })
    .where('workspace_id', '=', workspaceId)
    .where('revision', '=', revision)
    .execute();
}

/** Workspaces that have, or have had, rules. */
export async function findRuledWorkspaces(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('reward_progress')
    .select('workspace_id')
    .orderBy('workspace_id')
    .execute();
  return rows.map((row) => row.workspace_id);
}

/** Until this transaction ends nobody else settles rewards of the workspace, so that caps are counted one by one. */
export async function lockRewards(tx: Tx, workspaceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${workspaceId}, 13))`.execute(tx);
}

/** Referrals in the order of their ids, after one of them. */
export async function selectReferralIds(
  db: Db,
  workspaceId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('referral')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Referrals of which something may have changed since a snapshot: they were made or reversed, or their referee did
 * something, had something taken back, or became another person. Events are found by their transactions, as reports
 * find theirs (docs/adr/0003); those that earn nothing are left out.
 */
export async function selectChangedReferrals(
  db: Db,
  schemaName: string,
  workspaceId: string,
  snapshot: string,
): Promise<string[]> {
  const schema = sql.raw(quote(schemaName));
  const people = changedPeople(
    schema,
    workspaceId,
    snapshot,
    sql`e.type not in ('pageview', 'link_click', 'session_start', 'engagement')`,
  );
  const { rows } = await sql<{ id: string }>`
with ${people}, member as materialized (
  select root_id as id from root
  union select v.id from root r
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.root_id = r.root_id and v.root_id <> v.id
)
select r.id from ${schema}.referral r where r.workspace_id = ${workspaceId} and ${unseenSince(snapshot, 'r')}
union
select r.id from ${schema}.identity i
join ${schema}.referral r on r.workspace_id = ${workspaceId} and r.status = 'active' and r.referee_type = 'user' and r.referee_key = i.value_hash
where i.workspace_id = ${workspaceId} and i.kind = 'external_id' and i.visitor_id = any(array(select m.id from member m))
union
select r.id from ${schema}.referral r
where r.workspace_id = ${workspaceId} and r.status = 'active' and r.referee_type = 'visitor'
  and r.referee_id = any(array(select m.id::text from member m))
order by 1`.execute(db);
  return rows.map((row) => row.id);
}
