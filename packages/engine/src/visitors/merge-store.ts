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
