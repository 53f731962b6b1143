import type { DeviceDescription } from '../devices/device.ts';
import type { Place } from '../places/place.ts';
import { batchInsert, timestamp } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** What a batch adds to the row of one visit; the counts of a visit that goes on stay with its device. */
export interface SessionDelta {
  readonly id: string;
  readonly visitorId: string;
  startedAt: number;
  lastEventAt: number;
  touchId: string | null;
  events: number;
  pageviews: number;
  entryUrl: string | null;
  exitUrl: string | null;
  /** When the first and the last page were opened. */
  entryAt: number | null;
  exitAt: number | null;
  engagedMilliseconds: number;
  interactions: number;
  conversions: number;
  clicks: number;
  joined: boolean;
  userAgent: string | null;
  ipPrefix: string | null;
  device: DeviceDescription | null;
  place: Place | null;
}

export interface StoredSession {
  readonly id: string;
  readonly visitor_id: string;
  readonly started_at: Date;
  readonly last_event_at: Date;
  readonly touch_id: string | null;
  /** Of the touch that began it. */
  readonly campaign: string | null;
}

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore(schemaName: string) {
  const schema = quote(schemaName);
  const upsert = batchInsert<SessionDelta>(
    schemaName,
    'session',
    {
      id: ['uuid', (row) => row.id],
      visitor_id: ['uuid', (row) => row.visitorId],
      started_at: ['timestamptz', (row) => row.startedAt],
      last_event_at: ['timestamptz', (row) => row.lastEventAt],
      touch_id: ['uuid', (row) => row.touchId],
      events: ['int4', (row) => row.events],
      pageviews: ['int4', (row) => row.pageviews],
      entry_url: ['text', (row) => row.entryUrl],
      exit_url: ['text', (row) => row.exitUrl],
      entry_at: ['timestamptz', (row) => row.entryAt],
      exit_at: ['timestamptz', (row) => row.exitAt],
      engaged_ms: ['int8', (row) => row.engagedMilliseconds],
      interactions: ['int4', (row) => row.interactions],
      conversions: ['int4', (row) => row.conversions],
      clicks: ['int4', (row) => row.clicks],
      joined: ['bool', (row) => row.joined],
      user_agent: ['text', (row) => row.userAgent],
      ip_prefix: ['text', (row) => row.ipPrefix],
      browser: ['text', (row) => row.device?.browser],
      system: ['text', (row) => row.device?.system],
      device_type: ['text', (row) => row.device?.deviceType],
      in_app: ['text', (row) => row.device?.inApp],
      language: ['text', (row) => row.device?.language],
      country_code: ['text', (row) => row.place?.countryCode],
      region: ['text', (row) => row.place?.region],
      city: ['text', (row) => row.place?.city],
    },
    `order by t.id
on conflict (workspace_id, id) do update set
  started_at = least(session.started_at, excluded.started_at),
  last_event_at = greatest(session.last_event_at, excluded.last_event_at),
  touch_id = coalesce(session.touch_id, excluded.touch_id),
  events = session.events + excluded.events,
  pageviews = session.pageviews + excluded.pageviews,
  entry_url = case when excluded.entry_at < session.entry_at or session.entry_at is null then excluded.entry_url
    else session.entry_url end,
  entry_at = least(session.entry_at, excluded.entry_at),
  exit_url = case when excluded.exit_at >= session.exit_at or session.exit_at is null then excluded.exit_url
    else session.exit_url end,
  exit_at = greatest(session.exit_at, excluded.exit_at),
  engaged_ms = session.engaged_ms + excluded.engaged_ms,
  interactions = session.interactions + excluded.interactions,
  conversions = session.conversions + excluded.conversions,
  clicks = session.clicks + excluded.clicks,
  joined = session.joined or excluded.joined,
  user_agent = coalesce(session.user_agent, excluded.user_agent),
  ip_prefix = coalesce(session.ip_prefix, excluded.ip_prefix),
  browser = coalesce(session.browser, excluded.browser),
  system = coalesce(session.system, excluded.system),
  device_type = coalesce(session.device_type, excluded.device_type),
  in_app = coalesce(session.in_app, excluded.in_app),
  language = coalesce(session.language, excluded.language),
  country_code = coalesce(session.country_code, excluded.country_code),
  region = coalesce(session.region, excluded.region),
  city = coalesce(session.city, excluded.city)`,
  );
  const around: Statement = {
    name: `${schemaName}.sessions_around`,
    text: `
select distinct s.id, s.visitor_id, s.started_at, s.last_event_at, s.touch_id,
  case when c.kind in ('campaign', 'click')
    then concat_ws('|', coalesce(c.source, ''), coalesce(c.medium, ''), coalesce(c.campaign, ''), coalesce(c.click_id_type, ''))
  end as campaign
from unnest($2::uuid[], $3::timestamptz[]) as t(visitor_id, at)
join ${schema}.session s on s.workspace_id = $1 and s.visitor_id = t.visitor_id
  and s.started_at <= t.at + interval '30 minutes' and s.started_at >= t.at - interval '1 day'
  and s.last_event_at >= t.at - interval '30 minutes'
left join ${schema}.touch c on c.workspace_id = $1 and c.id = s.touch_id`,
  };

  return {
    writeSessions(tx: Transaction, workspaceId: string, rows: readonly SessionDelta[]): void {
      tx.write(upsert.statement, upsert.values(workspaceId, rows));
    },
    /** The visits of devices that were going on around given times, for events that come late. */
    findSessionsAround(
      tx: Transaction,
      workspaceId: string,
      wanted: ReadonlyArray<{ visitorId: string; at: number }>,
    ) {
      return tx.run<StoredSession>(around, [
        workspaceId,
        wanted.map((row) => row.visitorId),
        wanted.map((row) => timestamp(row.at)),
      ]);
    },
  };
}
