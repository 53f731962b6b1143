import type { Database } from '../store/database.ts';

/** What a touch was, for people to read. */
export interface TouchDetail {
  readonly id: string;
  readonly kind: string;
  readonly occurredAt: Date;
  readonly visitorId: string;
  readonly sessionId: string | undefined;
  readonly channel: string | undefined;
  readonly source: string | undefined;
  readonly medium: string | undefined;
  readonly campaign: string | undefined;
  readonly content: string | undefined;
  readonly term: string | undefined;
  readonly linkId: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  /** The rule that decided where it came from, and by which rules. */
  readonly rule: string | undefined;
  readonly rulesVersion: string | undefined;
}

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
