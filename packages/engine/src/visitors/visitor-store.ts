import { batchInsert, unnestSource } from '../store/batch-insert.ts';
import type { Columns } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { VisitorSession } from '../sessions/visit.ts';
import { visitorStatuses } from './visitor.ts';
import type { VisitorStatus } from './visitor.ts';

/** A visitor as a batch sees it: under its lock, or as the process remembers it. Times in milliseconds. */
export interface VisitorState {
  readonly id: string;
  readonly root_id: string;
  readonly version: number;
  readonly revision: number;
  readonly current_visitor_id: string | null;
  readonly first_seen_at: number;
  readonly session_id: string | null;
  readonly session_started_at: number | null;
  readonly session_last_at: number | null;
  readonly session_touch_id: string | null;
  readonly session_source: string | null;
  readonly session_events: number;
  readonly session_pageviews: number;
  readonly session_exit_url: string | null;
  readonly session_exit_at: number | null;
  readonly session_engaged_ms: number;
  readonly session_interactions: number;
  readonly session_conversions: number;
  readonly session_clicks: number;
  readonly session_joined: boolean;
  readonly status: VisitorStatus;
  readonly identified_at: number | null;
  readonly last_conversion_at: number | null;
  readonly erased_at: number | null;
}

/** What a batch adds to one visitor. */
export interface VisitorDelta {
  readonly id: string;
  /** What the batch took the row to be; absent: it is new. */
  readonly before: VisitorState | undefined;
  /** The row's next revision. */
  readonly revision: number;
  /** Only used where the visitor is new. */
  readonly rootId: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly events: number;
  readonly pageviews: number;
  readonly sessions: number;
  readonly status: VisitorStatus;
  readonly identifiedAt: number | null;
  readonly convertedAt: number | null;
  /** Only on roots. */
  readonly lastConversionAt: number | null;
  readonly profile: Buffer | null;
  readonly session: VisitorSession | null;
}

export type VisitorStore = ReturnType<typeof createVisitorStore>;

/** Times as milliseconds: a number is cheaper to read than a date. */
const milliseconds = (column: string): string =>
  `round(date_part('epoch', ${column}) * 1000) as ${column}`;
/** The columns of {@link VisitorState}. */
export const lockColumns = [
  'id',
  'root_id',
  'version',
  'revision::float8',
  'current_visitor_id',
  milliseconds('first_seen_at'),
  'session_id',
  milliseconds('session_started_at'),
  milliseconds('session_last_at'),
  'session_touch_id',
  'session_source',
  'session_events',
  'session_pageviews',
  'session_exit_url',
  milliseconds('session_exit_at'),
  'session_engaged_ms::float8',
  'session_interactions',
  'session_conversions',
  'session_clicks',
  'session_joined',
  'status',
  milliseconds('identified_at'),
  milliseconds('last_conversion_at'),
  milliseconds('erased_at'),
].join(', ');

export function createVisitorStore(schemaName: string) {
  const schema = quote(schemaName);
  const find: Statement = {
    name: `${schemaName}.find_visitors`,
    text: `
select v.id, v.root_id, v.current_visitor_id, v.erased_at, r.version as root_version
from ${schema}.visitor v
join ${schema}.visitor r on r.workspace_id = v.workspace_id and r.id = v.root_id
where v.workspace_id = $1 and v.id = any($2::uuid[])`,
  };
  const lock: Statement = {
    name: `${schemaName}.lock_visitors`,
    text: `
select ${lockColumns} from ${schema}.visitor
where workspace_id = $1 and id = any($2::uuid[]) order by id for no key update`,
  };
  const lockPeople: Statement = {
    name: `${schemaName}.lock_people`,
    text: `
select ${lockColumns} from ${schema}.visitor
where workspace_id = $1 and (id = any($2::uuid[]) or (root_id = any($3::uuid[]) and root_id <> id))
order by id for no key update`,
  };
  const rankOf = (column: string): string =>
    `array_position('{${visitorStatuses.join(',')}}'::text[], ${column})`;
  const ofVisit = (column: string): string =>
    `${column} = case when excluded.session_id is null then visitor.${column} else excluded.${column} end`;
  const seenAgain = [
    'first_seen_at = least(visitor.first_seen_at, excluded.first_seen_at)',
    'last_seen_at = greatest(visitor.last_seen_at, excluded.last_seen_at)',
    'session_id = coalesce(excluded.session_id, visitor.session_id)',
    ofVisit('session_started_at'),
    ofVisit('session_last_at'),
    ofVisit('session_touch_id'),
    ofVisit('session_source'),
    ofVisit('session_events'),
    ofVisit('session_pageviews'),
    ofVisit('session_exit_url'),
    ofVisit('session_exit_at'),
    ofVisit('session_engaged_ms'),
    ofVisit('session_interactions'),
    ofVisit('session_conversions'),
    ofVisit('session_clicks'),
    ofVisit('session_joined'),
    'events = visitor.events + excluded.events',
    'pageviews = visitor.pageviews + excluded.pageviews',
    'sessions = visitor.sessions + excluded.sessions',
  ].join(',\n  ');
  // The visit that runs on the visitor's row.
  const visitColumns: Columns<VisitorDelta> = {
    session_id: ['uuid', (row) => row.session?.id ?? null],
    session_started_at: ['timestamptz', (row) => row.session?.startedAt],
    session_last_at: ['timestamptz', (row) => row.session?.lastAt],
    session_touch_id: ['uuid', (row) => row.session?.touchId ?? null],
    session_source: ['text', (row) => row.session?.source ?? null],
    session_events: ['int4', (row) => row.session?.events ?? 0],
    session_pageviews: ['int4', (row) => row.session?.pageviews ?? 0],
    session_exit_url: ['text', (row) => row.session?.exitUrl ?? null],
    session_exit_at: ['timestamptz', (row) => row.session?.exitAt],
    session_engaged_ms: ['int8', (row) => row.session?.engagedMilliseconds ?? 0],
    session_interactions: ['int4', (row) => row.session?.interactions ?? 0],
    session_conversions: ['int4', (row) => row.session?.conversions ?? 0],
    session_clicks: ['int4', (row) => row.session?.clicks ?? 0],
    session_joined: ['bool', (row) => row.session?.joined ?? false],
  };
  const columns: Columns<VisitorDelta> = {
    id: ['uuid', (row) => row.id],
    root_id: ['uuid', (row) => row.rootId],
    version: ['int4', () => 0],
    revision: ['int8', (row) => row.revision],
    first_seen_at: ['timestamptz', (row) => row.firstSeenAt],
    last_seen_at: ['timestamptz', (row) => row.lastSeenAt],
    ...visitColumns,
    status: ['text', (row) => row.status],
    identified_at: ['timestamptz', (row) => row.identifiedAt],
    converted_at: ['timestamptz', (row) => row.convertedAt],
    last_conversion_at: ['timestamptz', (row) => row.lastConversionAt],
    events: ['int4', (row) => row.events],
    pageviews: ['int4', (row) => row.pageviews],
    sessions: ['int4', (row) => row.sessions],
    profile: ['bytea', (row) => row.profile],
  };
  const insert = batchInsert(schemaName, 'visitor', columns);
  const upsert = batchInsert(
    schemaName,
    'visitor',
    columns,
    `order by t.id
on conflict (workspace_id, id) do update set
  revision = excluded.revision,
  ${seenAgain},
  status = case when ${rankOf('excluded.status')} > ${rankOf('visitor.status')} then excluded.status else visitor.status end,
  identified_at = least(visitor.identified_at, excluded.identified_at),
  converted_at = least(visitor.converted_at, excluded.converted_at),
  last_conversion_at = greatest(visitor.last_conversion_at, excluded.last_conversion_at),
  profile = coalesce(excluded.profile, visitor.profile)`,
    'upsert_visitors',
  );
  // What most events do to a visitor that is known: half the columns, written only if the row still is what the batch
  // took it to be. An upsert that never inserts: whatever the planner believes of the table, it looks the rows up by
  // their key, in the order of ids. A row that is gone would come back with a version that no row has.
  const known = unnestSource<VisitorDelta>({
    id: ['uuid', (row) => row.id],
    revision: ['int8', (row) => row.before?.revision],
    first_seen_at: ['timestamptz', (row) => row.firstSeenAt],
    last_seen_at: ['timestamptz', (row) => row.lastSeenAt],
    ...visitColumns,
    events: ['int4', (row) => row.events],
    pageviews: ['int4', (row) => row.pageviews],
    sessions: ['int4', (row) => row.sessions],
    next_revision: ['int8', (row) => String(row.revision), 'shared'],
  });
  const [nextRevision] = known.expressions.slice(-1);
  const see = (from: string): string => `
insert into ${schema}.visitor (workspace_id, root_id, version, status, id, revision, first_seen_at, last_seen_at,
  session_id, session_started_at, session_last_at, session_touch_id, session_source, session_events, session_pageviews,
  session_exit_url, session_exit_at, session_engaged_ms, session_interactions, session_conversions, session_clicks,
  session_joined, events, pageviews, sessions)
select $1::uuid, t.id, -1, 'anonymous', ${known.expressions.slice(0, -1).join(', ')}
from ${from}
on conflict (workspace_id, id) do update set
  revision = ${nextRevision},
  ${seenAgain}
where visitor.revision = excluded.revision and visitor.erased_at is null
returning version >= 0 as ok`;
  const seen: Statement = {
    name: `${schemaName}.see_visitors`,
    text: see(known.fromFew),
    textOfMany: see(known.from),
  };
  const point: Statement = {
    name: `${schemaName}.point_visitors`,
    text: `
update ${schema}.visitor v set root_id = t.root_id, revision = revision + 1
from unnest($2::uuid[], $3::uuid[]) as t(id, root_id)
where v.workspace_id = $1 and v.id = t.id`,
  };
  const bump: Statement = {
    name: `${schemaName}.bump_visitors`,
    text: `update ${schema}.visitor set version = version + 1, revision = revision + 1 where workspace_id = $1 and id = any($2::uuid[])`,
  };
  const handOver: Statement = {
    name: `${schemaName}.hand_over_devices`,
    text: `
update ${schema}.visitor v set current_visitor_id = nullif(t.current_id, v.id), revision = revision + 1
from unnest($2::uuid[], $3::uuid[]) as t(id, current_id)
where v.workspace_id = $1 and v.id = t.id`,
  };
  const revenue = batchInsert<{ visitorId: string; currency: string; amountMinor: bigint }>(
    schemaName,
    'visitor_revenue',
    {
      visitor_id: ['uuid', (row) => row.visitorId],
      currency: ['text', (row) => row.currency],
      amount_minor: ['int8', (row) => row.amountMinor.toString()],
    },
    `order by t.visitor_id, t.currency
on conflict (workspace_id, visitor_id, currency) do update set amount_minor = visitor_revenue.amount_minor + excluded.amount_minor`,
  );

  return {
    find,
    /** Locks in the order of ids, which every process keeps. */
    lockVisitors(
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
    ): Promise<VisitorState[]> {
      return tx.run<VisitorState>(lock, [workspaceId, ids]);
    },
    /** The same, with every member of the given roots. */
    lockPeople(
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      roots: readonly string[],
    ): Promise<VisitorState[]> {
      return tx.run<VisitorState>(lockPeople, [workspaceId, ids, roots]);
    },
    /** Each visitor once. What is more than seen again needs the rows locked, so it is no mere write. */
    writeVisitors(tx: Transaction, workspaceId: string, rows: readonly VisitorDelta[]): void {
      const plain: VisitorDelta[] = [];
      const fresh: VisitorDelta[] = [];
      const changed: VisitorDelta[] = [];
      // In the order of ids, in which they are locked.
      for (const row of rows.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
        (row.before === undefined ? fresh : isPlain(row) ? plain : changed).push(row);
      if (plain.length > 0) tx.write(seen, known.values(workspaceId, plain), plain.length);
      const { statement } = tx.isAttempt === true ? insert : upsert;
      if (fresh.length > 0) tx.write(statement, upsert.values(workspaceId, fresh));
      if (changed.length > 0) void tx.run(upsert.statement, upsert.values(workspaceId, changed));
    },
    pointVisitors(
      tx: Transaction,
      workspaceId: string,
      moves: ReadonlyArray<readonly [id: string, root: string]>,
    ) {
      return tx.run(point, [workspaceId, moves.map(([id]) => id), moves.map(([, root]) => root)]);
    },
    bumpVersions(tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<unknown> {
      return tx.run(bump, [workspaceId, ids]);
    },
    /** A device changes hands: later anonymous events belong to its new user. */
    handOverDevices(
      tx: Transaction,
      workspaceId: string,
      moves: ReadonlyArray<readonly [id: string, user: string]>,
    ) {
      return tx.run(handOver, [
        workspaceId,
        moves.map(([id]) => id),
        moves.map(([, user]) => user),
      ]);
    },
    addRevenue(
      tx: Transaction,
      workspaceId: string,
      rows: ReadonlyArray<{ visitorId: string; currency: string; amountMinor: bigint }>,
    ): Promise<unknown> {
      return tx.run(revenue.statement, revenue.values(workspaceId, rows));
    },
  };
}

/** Whether the batch only saw the visitor, and learned nothing about who it is that was not known. */
function isPlain(row: VisitorDelta): boolean {
  const { before, status, identifiedAt, convertedAt, lastConversionAt, profile } = row;
  return (
    before !== undefined &&
    visitorStatuses.indexOf(status) <= visitorStatuses.indexOf(before.status) &&
    (identifiedAt === null ||
      (before.identified_at !== null && before.identified_at <= identifiedAt)) &&
    convertedAt === null &&
    lastConversionAt === null &&
    profile === null
  );
}
