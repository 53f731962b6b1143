import { unnestSource } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { ReplayedState, ReplayedVisit } from './replay-visits.ts';

export interface MemberRow {
  readonly id: string;
  readonly root_id: string;
  readonly events: number;
  readonly pageviews: number;
  readonly sessions: number;
  readonly session_id: string | null;
  readonly session_started_at: Date | null;
  readonly session_last_at: Date | null;
  readonly session_touch_id: string | null;
  readonly session_source: string | null;
  readonly session_joined: boolean;
}

export interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly visitor_id: string;
  readonly session_id: string | null;
  readonly touch_id: string | null;
  readonly link_id: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly origin: string;
  readonly properties: Record<string, unknown> | null;
}

export interface TouchRowOfEvent {
  readonly id: string;
  readonly event_id: string;
  readonly kind: string;
  readonly rule: string | null;
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly click_id_type: string | null;
  readonly session_id: string | null;
  readonly late_click_id: string | null;
}

export interface ClickRow {
  readonly id: string;
  readonly visitor_id: string;
  readonly session_id: string | null;
  readonly occurred_at: Date;
  readonly landed_at: Date | null;
}

export interface VisitRow {
  readonly id: string;
  readonly visitor_id: string;
  readonly started_at: Date;
  readonly last_event_at: Date;
  readonly touch_id: string | null;
  readonly events: number;
  readonly pageviews: number;
  readonly engaged_ms: bigint;
  readonly interactions: number;
  readonly conversions: number;
  readonly clicks: number;
  readonly joined: boolean;
  readonly entry_url: string | null;
  readonly exit_url: string | null;
  readonly user_agent: string | null;
}

interface EventChange {
  readonly id: string;
  readonly at: number;
  readonly sessionId: string | null;
  readonly touchId: string | null;
}

export type ReplayStore = ReturnType<typeof createReplayStore>;

/** What a rebuild of visits reads of a group of people and writes back; `totals` adds a visit's row and devices up. */
export function createReplayStore(schemaName: string, totals: (schema: string) => string) {
  const schema = quote(schemaName);
  const statement = (name: string, text: string): Statement => ({
    name: `${schemaName}.replay_${name}`,
    text,
  });
  const roots = statement(
    'roots',
    `
select id from ${schema}.visitor
where workspace_id = $1 and id > $2 and root_id = id and erased_at is null order by id limit $3`,
  );
  const countPeople = statement(
    'people',
    `select count(*)::int4 as count from ${schema}.visitor where workspace_id = $1 and root_id = id and erased_at is null`,
  );
  // Devices that changed hands, and landings whose merge was undone: visits that are shared by several people.
  const ties = statement(
    'ties',
    `
select distinct visitor_id, other_visitor_id from ${schema}.merge_refusal
where workspace_id = $1 and reason in ('different_external_id', 'shared_device')
union
select winner_id, loser_id from ${schema}.merge where workspace_id = $1 and undone_at is not null`,
  );
  const rootsOf = statement(
    'roots_of',
    `select distinct root_id from ${schema}.visitor where workspace_id = $1 and id = any($2::uuid[]) and erased_at is null`,
  );
  const members = statement(
    'members',
    `
select id from ${schema}.visitor
where workspace_id = $1 and erased_at is null and (id = any($2::uuid[]) or (root_id = any($2::uuid[]) and root_id <> id))
order by id`,
  );
  const lock = statement(
    'lock',
    `
select id, root_id, events, pageviews, sessions, session_id, session_started_at, session_last_at, session_touch_id,
  session_source, session_joined
from ${schema}.visitor where workspace_id = $1 and id = any($2::uuid[]) and erased_at is null
order by id for no key update`,
  );
  const kinds = statement(
    'kinds',
    `select visitor_id, kind from ${schema}.identity where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  );
  const counts = statement(
    'counts',
    `
select visitor_id, session_id, count(*)::int4 as events, (count(*) filter (where type = 'pageview'))::int4 as pageviews
from ${schema}.event where workspace_id = $1 and visitor_id = any($2::uuid[]) group by visitor_id, session_id`,
  );
  const visits = statement(
    'visits',
    `
select t.*, s.user_agent, s.joined from ${totals(schema)} t
join ${schema}.session s on s.workspace_id = $1 and s.id = t.id
where t.workspace_id = $1 and (t.visitor_id = any($2::uuid[]) or t.id = any($3::uuid[]))`,
  );
  const events = statement(
    'events',
    `
select id, type, occurred_at, recorded_at, visitor_id, session_id, touch_id, link_id, url, referrer, origin, properties
from ${schema}.event
where workspace_id = $1 and visitor_id = any($2::uuid[]) and (occurred_at, id) > ($3::timestamptz, $4::uuid)
order by occurred_at, id limit $5`,
  );
  const touches = statement(
    'touches',
    `
select id, event_id, kind, rule, source, medium, campaign, click_id_type, session_id, signals->>'hw_click' as late_click_id
from ${schema}.touch
where workspace_id = $1 and visitor_id = any($2::uuid[]) and occurred_at between $3::timestamptz and $4::timestamptz
  -- What was told of a partner stands by itself, beside the arrival that the event may be.
  and rule is distinct from 'partner.coupon' and rule is distinct from 'partner.named'`,
  );
  const clicks = statement(
    'clicks',
    `
select id, visitor_id, session_id, occurred_at, landed_at from ${schema}.touch
where workspace_id = $1 and id = any($2::uuid[]) and kind = 'click'`,
  );
  const evidence = statement(
    'evidence',
    `select event_id, visitor_ids, reason from ${schema}.identity_evidence where workspace_id = $1 and event_id = any($2::uuid[])`,
  );
  const refusals = statement(
    'refusals',
    `
select event_id, visitor_id, other_visitor_id, reason from ${schema}.merge_refusal
where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  );

  const changed = unnestSource<EventChange>({
    id: ['uuid', (row) => row.id],
    occurred_at: ['timestamptz', (row) => row.at],
    session_id: ['uuid', (row) => row.sessionId],
    touch_id: ['uuid', (row) => row.touchId],
  });
  const changeEvents = statement(
    'change_events',
    `
update ${schema}.event e set session_id = t.session_id, touch_id = t.touch_id from ${changed.from}
where e.workspace_id = $1 and e.occurred_at = t.occurred_at and e.id = t.id`,
  );
  const changeTouches = statement(
    'change_touches',
    `
update ${schema}.touch c set session_id = t.session_id from unnest($2::uuid[], $3::uuid[]) as t(id, session_id)
where c.workspace_id = $1 and c.id = t.id and c.session_id is distinct from t.session_id`,
  );
  const described = [
    'user_agent',
    'ip_prefix',
    'browser',
    'system',
    'device_type',
    'in_app',
    'language',
    'country_code',
    'region',
    'city',
  ];
  const measured = {
    started_at: ['timestamptz', (row) => row.startedAt],
    last_event_at: ['timestamptz', (row) => row.lastEventAt],
    touch_id: ['uuid', (row) => row.touchId],
    events: ['int4', (row) => row.measures.events],
    pageviews: ['int4', (row) => row.measures.pageviews],
    engaged_ms: ['int8', (row) => row.measures.engagedMilliseconds],
    interactions: ['int4', (row) => row.measures.interactions],
    conversions: ['int4', (row) => row.measures.conversions],
    clicks: ['int4', (row) => row.measures.clicks],
    entry_url: ['text', (row) => row.entryUrl],
    entry_at: ['timestamptz', (row) => row.entryAt],
    exit_url: ['text', (row) => row.exitUrl],
    exit_at: ['timestamptz', (row) => row.exitAt],
    joined: ['bool', (row) => row.joined],
  } satisfies Parameters<typeof unnestSource<ReplayedVisit>>[0];
  const visit = unnestSource<ReplayedVisit>({
    id: ['uuid', (row) => row.id],
    visitor_id: ['uuid', (row) => row.deviceId],
    former_id: ['uuid', (row) => row.formerId],
    ...measured,
  });
  const measures = Object.keys(measured);
  // Device and place come with the visit that its first event was recorded in: they are in no event.
  const writeVisits = statement(
    'write_visits',
    `
insert into ${schema}.session (workspace_id, id, visitor_id, ${measures.join(', ')}, ${described.join(', ')})
select $1::uuid, t.id, t.visitor_id, ${measures.map((name) => `t.${name}`).join(', ')},
  ${described.map((name) => `f.${name}`).join(', ')}
from ${visit.from} left join ${schema}.session f on f.workspace_id = $1 and f.id = t.former_id
order by t.id
on conflict (workspace_id, id) do update set ${measures.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  const deleteVisits = statement(
    'delete_visits',
    `delete from ${schema}.session where workspace_id = $1 and id = any($2::uuid[])`,
  );
  const noneHeld = `session_events = 0, session_pageviews = 0, session_engaged_ms = 0, session_interactions = 0,
  session_conversions = 0, session_clicks = 0, session_exit_url = null, session_exit_at = null, revision = v.revision + 1`;
  const releaseVisits = statement(
    'release_visits',
    `
update ${schema}.visitor v set ${noneHeld}
where v.workspace_id = $1 and v.id = any($2::uuid[]) and v.session_id = any($3::uuid[])`,
  );
  // A device that goes on leaves what it did in a visit that is not counted again to that visit's row.
  const flushVisits = statement(
    'flush_visits',
    `
update ${schema}.session s set last_event_at = greatest(s.last_event_at, h.last_at), events = s.events + h.events,
  pageviews = s.pageviews + h.pageviews, engaged_ms = s.engaged_ms + h.engaged_ms,
  interactions = s.interactions + h.interactions, conversions = s.conversions + h.conversions,
  clicks = s.clicks + h.clicks,
  exit_url = case when h.exit_at >= s.exit_at or s.exit_at is null then h.exit_url else s.exit_url end,
  exit_at = greatest(s.exit_at, h.exit_at)
from (
  select session_id, max(session_last_at) as last_at, sum(session_events)::int4 as events,
    sum(session_pageviews)::int4 as pageviews, sum(session_engaged_ms)::int8 as engaged_ms,
    sum(session_interactions)::int4 as interactions, sum(session_conversions)::int4 as conversions,
    sum(session_clicks)::int4 as clicks, max(session_exit_at) as exit_at,
    (array_agg(session_exit_url order by session_exit_at desc nulls last, id))[1] as exit_url
  from ${schema}.visitor
  where workspace_id = $1 and id = any($2::uuid[]) and session_id = any($3::uuid[]) group by session_id
) h where s.workspace_id = $1 and s.id = h.session_id`,
  );
  const state = unnestSource<{ readonly deviceId: string; readonly state: ReplayedState }>({
    id: ['uuid', (row) => row.deviceId],
    session_id: ['uuid', (row) => row.state.visit.id],
    started_at: ['timestamptz', (row) => row.state.startedAt],
    last_at: ['timestamptz', (row) => row.state.lastAt],
    touch_id: ['uuid', (row) => row.state.touchId],
    source: ['text', (row) => row.state.source],
    joined: ['bool', (row) => row.state.visit.deviceId !== row.deviceId],
  });
  const writeStates = statement(
    'write_states',
    `
update ${schema}.visitor v set session_id = t.session_id, session_started_at = t.started_at, session_last_at = t.last_at,
  session_touch_id = t.touch_id, session_source = t.source, session_joined = t.joined, ${noneHeld}
from ${state.from} where v.workspace_id = $1 and v.id = t.id`,
  );
  const leaveVisits = statement(
    'leave_visits',
    `
update ${schema}.visitor v set session_id = null, session_started_at = null, session_last_at = null,
  session_touch_id = null, session_source = null, session_joined = false, ${noneHeld}
where v.workspace_id = $1 and v.id = any($2::uuid[])`,
  );
  const count = unnestSource<Pick<MemberRow, 'id' | 'events' | 'pageviews' | 'sessions'>>({
    id: ['uuid', (row) => row.id],
    events: ['int4', (row) => row.events],
    pageviews: ['int4', (row) => row.pageviews],
    sessions: ['int4', (row) => row.sessions],
  });
  const writeCounts = statement(
    'write_counts',
    `
update ${schema}.visitor v set events = t.events, pageviews = t.pageviews, sessions = t.sessions, revision = v.revision + 1
from ${count.from} where v.workspace_id = $1 and v.id = t.id`,
  );

  return {
    schemaName,
    countPeople: async (database: Database, workspaceId: string): Promise<number> =>
      (await database.run<{ count: number }>(countPeople, [workspaceId]))[0]?.count ?? 0,
    findRoots: async (database: Database, workspaceId: string, after: string, limit: number) =>
      (await database.run<{ id: string }>(roots, [workspaceId, after, limit])).map(({ id }) => id),
    findTies: (database: Database, workspaceId: string) =>
      database.run<{ visitor_id: string; other_visitor_id: string }>(ties, [workspaceId]),
    findRootsOf: async (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      (await tx.run<{ root_id: string }>(rootsOf, [workspaceId, ids])).map((row) => row.root_id),
    findMembers: async (tx: Transaction, workspaceId: string, rootIds: readonly string[]) =>
      (await tx.run<{ id: string }>(members, [workspaceId, rootIds])).map(({ id }) => id),
    /** In the order of ids, which every process keeps. */
    lockMembers: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<MemberRow>(lock, [workspaceId, ids]),
    findKinds: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<{ visitor_id: string; kind: string }>(kinds, [workspaceId, ids]),
    countEvents: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<{ visitor_id: string; session_id: string | null; events: number; pageviews: number }>(
        counts,
        [workspaceId, ids],
      ),
    /** Visits of these devices, and visits by id. */
    findVisits: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      visitIds: readonly string[],
    ) => tx.run<VisitRow>(visits, [workspaceId, ids, visitIds]),
    /** In the order of (time, id). */
    findEvents: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      after: { readonly at: Date; readonly id: string } | undefined,
      limit: number,
    ) =>
      tx.run<EventRow>(events, [
        workspaceId,
        ids,
        after?.at.toISOString() ?? '-infinity',
        after?.id ?? '00000000-0000-0000-0000-000000000000',
        limit,
      ]),
    findTouches: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      from: Date,
      to: Date,
    ) => tx.run<TouchRowOfEvent>(touches, [workspaceId, ids, from.toISOString(), to.toISOString()]),
    findClicks: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<ClickRow>(clicks, [workspaceId, ids]),
    findEvidence: (tx: Transaction, workspaceId: string, eventIds: readonly string[]) =>
      tx.run<{ event_id: string; visitor_ids: string[]; reason: string }>(evidence, [
        workspaceId,
        eventIds,
      ]),
    findRefusals: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<{
        event_id: string;
        visitor_id: string;
        other_visitor_id: string;
        reason: string;
      }>(refusals, [workspaceId, ids]),
    changeEvents: (tx: Transaction, workspaceId: string, rows: readonly EventChange[]) =>
      tx.run(changeEvents, changed.values(workspaceId, rows)),
    moveTouches: (
      tx: Transaction,
      workspaceId: string,
      rows: ReadonlyArray<readonly [id: string, sessionId: string | null]>,
    ) => tx.run(changeTouches, [workspaceId, rows.map(([id]) => id), rows.map(([, to]) => to)]),
    writeVisits: (tx: Transaction, workspaceId: string, rows: readonly ReplayedVisit[]) =>
      tx.run(writeVisits, visit.values(workspaceId, rows)),
    deleteVisits: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(deleteVisits, [workspaceId, ids]),
    /** What devices hold of these visits is in the rows of the visits now. */
    releaseVisits: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      visitIds: readonly string[],
    ) => tx.run(releaseVisits, [workspaceId, ids, visitIds]),
    flushVisits: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      visitIds: readonly string[],
    ) => tx.run(flushVisits, [workspaceId, ids, visitIds]),
    writeStates: (
      tx: Transaction,
      workspaceId: string,
      rows: ReadonlyArray<{ readonly deviceId: string; readonly state: ReplayedState }>,
    ) => tx.run(writeStates, state.values(workspaceId, rows)),
    leaveVisits: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(leaveVisits, [workspaceId, ids]),
    writeCounts: (
      tx: Transaction,
      workspaceId: string,
      rows: ReadonlyArray<Pick<MemberRow, 'id' | 'events' | 'pageviews' | 'sessions'>>,
    ) => tx.run(writeCounts, count.values(workspaceId, rows)),
  };
}
