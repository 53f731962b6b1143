import type { Database } from '../store/database.ts';
import type { TouchDetail } from './touch-detail.ts';

/** Touches by their ids. */
export async function findTouchDetails(
  { db }: Pick<Database, 'db'>,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TouchDetail>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('touch')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        kind: row.kind,
        occurredAt: row.occurred_at,
        visitorId: row.visitor_id,
        sessionId: row.session_id ?? undefined,
        channel: row.channel ?? undefined,
        source: row.source ?? undefined,
        medium: row.medium ?? undefined,
        campaign: row.campaign ?? undefined,
        content: row.content ?? undefined,
        term: row.term ?? undefined,
        linkId: row.link_id ?? undefined,
        url: row.url ?? undefined,
        referrer: row.referrer ?? undefined,
        rule: row.rule ?? undefined,
        rulesVersion: row.rules_version ?? undefined,
      },
    ]),
  );
}
