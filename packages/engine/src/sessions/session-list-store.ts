import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import type { Page, TimeCursor } from '../kernel/page.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { TimelineEvent } from '../visitors/visitor.ts';
import { sessionTotals } from './session-totals.ts';
import type { Session } from './session.ts';

type SessionReader = Pick<Database, 'db' | 'schema'>;

interface SessionRow {
  readonly id: string;
  readonly visitor_id: string;
  readonly started_at: Date;
  readonly last_event_at: Date;
  readonly touch_id: string | null;
  readonly events: number;
  readonly pageviews: number;
  readonly engaged_ms: bigint;
  readonly conversions: number;
  readonly entry_url: string | null;
  readonly exit_url: string | null;
  readonly bounced: boolean;
  readonly engaged: boolean;
  readonly browser: string | null;
  readonly system: string | null;
  readonly device_type: string | null;
  readonly in_app: string | null;
  readonly language: string | null;
  readonly country_code: string | null;
  readonly region: string | null;
  readonly city: string | null;
  readonly touch: string | null;
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly content: string | null;
  readonly term: string | null;
  readonly platform: string | null;
  readonly click_id_type: string | null;
  readonly referrer_host: string | null;
  readonly confidence: string | null;
  readonly rule: string | null;
  readonly channel: string | null;
}

/** The visits of these visitors, newest first. */
export async function findSessions(
  reader: SessionReader,
  workspaceId: string,
  visitorIds: readonly string[],
  { limit, offset, before }: Page<TimeCursor>,
): Promise<Session[]> {
  const rows = await select(
    reader,
    sql`s.workspace_id = ${workspaceId} and s.visitor_id = any(${visitorIds}::uuid[])
      and ${before === undefined ? sql`true` : sql`(s.started_at, s.id) < (${before.at}::timestamptz, ${before.id}::uuid)`}
      order by s.started_at desc, s.id desc limit ${limit} offset ${offset}`,
  );
  return rows.map(toSession);
}

export async function findSession(
  reader: SessionReader,
  workspaceId: string,
  id: string,
): Promise<Session | undefined> {
  const [row] = await select(reader, sql`s.workspace_id = ${workspaceId} and s.id = ${id}::uuid`);
  return row && toSession(row);
}

/**
 * The events of one visit, newest first. By time, which bounds what is read to what happened in the workspace while the
 * visit went on: who its events are stamped with may have changed since.
 */
export async function findSessionEvents(
  { db }: SessionReader,
  workspaceId: string,
  session: Pick<Session, 'id' | 'startedAt' | 'lastEventAt'>,
  { limit, offset, before }: Page<TimeCursor>,
): Promise<TimelineEvent[]> {
  const rows = await db
    .selectFrom('event')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('occurred_at', '>=', session.startedAt)
    .where('occurred_at', '<=', session.lastEventAt)
    .where('session_id', '=', session.id)
    .$if(before !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('occurred_at', 'id'), '<', eb.tuple(before!.at, before!.id)),
      ),
    )
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    name: row.name ?? undefined,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    visitorId: row.visitor_id!,
    sessionId: row.session_id ?? undefined,
    touchId: row.touch_id ?? undefined,
    linkId: row.link_id ?? undefined,
    url: row.url ?? undefined,
    referrer: row.referrer ?? undefined,
    amountMinor: row.amount_minor ?? undefined,
    currency: row.currency ?? undefined,
    origin: row.origin,
    properties: row.properties ?? {},
  }));
}

async function select(
  { db, schema }: SessionReader,
  condition: RawBuilder<unknown>,
): Promise<readonly SessionRow[]> {
  const { rows } = await sql<SessionRow>`
select s.*, t.id as touch, t.source, t.medium, t.campaign, t.content, t.term, t.platform, t.click_id_type, t.referrer_host,
  t.confidence, t.rule, t.channel
from ${sql.raw(sessionTotals(quote(schema)))} s
left join ${sql.raw(`${quote(schema)}.touch`)} t on t.workspace_id = s.workspace_id and t.id = s.touch_id
where ${condition}`.execute(db);
  return rows;
}

function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    visitorId: row.visitor_id,
    startedAt: row.started_at,
    lastEventAt: row.last_event_at,
    durationSeconds: Math.floor((row.last_event_at.getTime() - row.started_at.getTime()) / 1_000),
    entryUrl: row.entry_url ?? undefined,
    exitUrl: row.exit_url ?? undefined,
    events: row.events,
    pageviews: row.pageviews,
    engagedMilliseconds: Number(row.engaged_ms),
    conversions: row.conversions,
    isBounce: row.bounced,
    isEngaged: row.engaged,
    touchId: row.touch_id ?? undefined,
    source: row.touch === null ? undefined : toSource(row),
    device:
      row.device_type === null
        ? undefined
        : {
            deviceType: row.device_type,
            browser: row.browser ?? undefined,
            system: row.system ?? undefined,
            inApp: row.in_app ?? undefined,
            language: row.language ?? undefined,
          },
    place:
      row.country_code === null
        ? undefined
        : {
            countryCode: row.country_code,
            region: row.region ?? undefined,
            city: row.city ?? undefined,
          },
  };
}

function toSource(row: SessionRow): Session['source'] {
  return {
    source: row.source ?? undefined,
    medium: row.medium ?? undefined,
    campaign: row.campaign ?? undefined,
    content: row.content ?? undefined,
    term: row.term ?? undefined,
    platform: row.platform ?? undefined,
    clickIdType: row.click_id_type ?? undefined,
    referrerHost: row.referrer_host ?? undefined,
    confidence: row.confidence ?? undefined,
    rule: row.rule ?? undefined,
    channel: row.channel ?? undefined,
  };
}
