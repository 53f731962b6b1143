import type { IdentityOutcome } from '../ingest/event.ts';
import type { Db } from '../store/database.ts';

/** What identity did with an event that named two visitors as one person. */
export async function findMergeOutcome(
  db: Db,
  workspaceId: string,
  eventId: string,
  visitorIds: readonly string[],
): Promise<IdentityOutcome> {
  const refusal = await db
    .selectFrom('merge_refusal')
    .select('reason')
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .where('event_id', '=', eventId)
    .executeTakeFirst();
  if (refusal !== undefined) return { outcome: 'refused', reason: refusal.reason };
  const merge = await db
    .selectFrom('merge_member')
    .innerJoin('merge', (join) =>
      join
        .onRef('merge.workspace_id', '=', 'merge_member.workspace_id')
        .onRef('merge.id', '=', 'merge_member.merge_id'),
    )
    .select('merge.id')
    .where('merge_member.workspace_id', '=', workspaceId)
    .where('merge_member.visitor_id', 'in', visitorIds)
    .where('merge.event_id', '=', eventId)
    .executeTakeFirst();
  return { outcome: merge === undefined ? 'known' : 'merged' };
}

interface Range {
  readonly limit: number;
  readonly before: string | undefined;
}

/** What these visitors are known by, oldest first. */
export function findIdentities(db: Db, workspaceId: string, visitorIds: readonly string[]) {
  return db
    .selectFrom('identity')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .orderBy('first_seen_at')
    .execute();
}

/** Merges that any of these visitors took part in as a root, newest first. */
export function findMerges(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
  { limit, before }: Range,
) {
  return db
    .selectFrom('merge')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where((eb) => eb.or([eb('winner_id', 'in', visitorIds), eb('loser_id', 'in', visitorIds)]))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Merges of these visitors that the rules did not allow, newest first. */
export function findMergeRefusals(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
  { limit, before }: Range,
) {
  return db
    .selectFrom('merge_refusal')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([eb('visitor_id', 'in', visitorIds), eb('other_visitor_id', 'in', visitorIds)]),
    )
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
