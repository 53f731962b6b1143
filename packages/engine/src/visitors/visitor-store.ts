import { batchInsert, batchUpdate } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { VisitorSession } from '../sessions/visit.ts';
import { visitorStatuses } from './visitor.ts';
import type { VisitorStatus } from './visitor.ts';

/** A visitor as a batch sees it under its lock. Times in milliseconds. */
export interface LockedVisitor {
  readonly id: string;
  readonly root_id: string;
  readonly version: number;
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
  readonly last_conversion_at: number | null;
  readonly erased_at: number | null;
}

/** What a batch adds to one visitor. */
export interface VisitorDelta {
  readonly id: string;
  readonly isNew: boolean;
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
/** The columns of {@link LockedVisitor}. */
export const lockColumns = [
  'id',
  'root_id',
  'version',
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
  const upsert = batchInsert<VisitorDelta>(
    schemaName,
    'visitor',
    {
      id: ['uuid', (row) => row.id],
      root_id: ['uuid', (row) => row.rootId],
      version: ['int4', () => 0],
      first_seen_at: ['timestamptz', (row) => row.firstSeenAt],
      last_seen_at: ['timestamptz', (row) => row.lastSeenAt],
      session_id: ['uuid', (row) => row.session?.id ?? null],
      session_started_at: ['timestamptz', (row) => row.session?.startedAt],
      session_last_at: ['timestamptz', (row) => row.session?.lastAt],
      session_touch_id: ['uuid', (row) => row.session?.touchId ?? null],
      session_source: ['text', (row) => row.session?.source ?? null],
      session_events: ['int4', (row) => row.session?.events ?? 0],
      session_pageviews: ['int4', (row) => row.session?.pageviews ?? 0],
      session_exit_url: ['text', (row) => row.session?.exitUrl ?? null],
      status: ['text', (row) => row.status],
      identified_at: ['timestamptz', (row) => row.identifiedAt],
      converted_at: ['timestamptz', (row) => row.convertedAt],
      last_conversion_at: ['timestamptz', (row) => row.lastConversionAt],
      events: ['int4', (row) => row.events],
      pageviews: ['int4', (row) => row.pageviews],
      sessions: ['int4', (row) => row.sessions],
      profile: ['bytea', (row) => row.profile],
    },
    `order by t.id
on conflict (workspace_id, id) do update set
  first_seen_at = least(visitor.first_seen_at, excluded.first_seen_at),
  last_seen_at = greatest(visitor.last_seen_at, excluded.last_seen_at),
  session_id = coalesce(excluded.session_id, visitor.session_id),
  session_started_at = case when excluded.session_id is null then visitor.session_started_at else excluded.session_started_at end,
  session_last_at = case when excluded.session_id is null then visitor.session_last_at else excluded.session_last_at end,
  session_touch_id = case when excluded.session_id is null then visitor.session_touch_id else excluded.session_touch_id end,
  session_source = case when excluded.session_id is null then visitor.session_source else excluded.session_source end,
  session_events = case when excluded.session_id is null then visitor.session_events else excluded.session_events end,
  session_pageviews = case when excluded.session_id is null then visitor.session_pageviews else excluded.session_pageviews end,
  session_exit_url = case when excluded.session_id is null then visitor.session_exit_url else excluded.session_exit_url end,
  status = case when ${rankOf('excluded.status')} > ${rankOf('visitor.status')} then excluded.status else visitor.status end,
  identified_at = least(visitor.identified_at, excluded.identified_at),
  converted_at = least(visitor.converted_at, excluded.converted_at),
  last_conversion_at = greatest(visitor.last_conversion_at, excluded.last_conversion_at),
  events = visitor.events + excluded.events,
  pageviews = visitor.pageviews + excluded.pageviews,
  sessions = visitor.sessions + excluded.sessions,
  profile = coalesce(excluded.profile, visitor.profile)`,
  );
  // What most events do to a visitor that is known and locked: half the columns, and no conflict to look for.
  const seen = batchUpdate<VisitorDelta>(
    schemaName,
    'visitor',
    {
      id: ['uuid', (row) => row.id],
      first_seen_at: ['timestamptz', (row) => row.firstSeenAt],
      last_seen_at: ['timestamptz', (row) => row.lastSeenAt],
      session_id: ['uuid', (row) => row.session?.id ?? null],
      session_started_at: ['timestamptz', (row) => row.session?.startedAt],
      session_last_at: ['timestamptz', (row) => row.session?.lastAt],
      session_touch_id: ['uuid', (row) => row.session?.touchId ?? null],
      session_source: ['text', (row) => row.session?.source ?? null],
      session_events: ['int4', (row) => row.session?.events ?? 0],
      session_pageviews: ['int4', (row) => row.session?.pageviews ?? 0],
      session_exit_url: ['text', (row) => row.session?.exitUrl ?? null],
      events: ['int4', (row) => row.events],
      pageviews: ['int4', (row) => row.pageviews],
      sessions: ['int4', (row) => row.sessions],
    },
    `
  first_seen_at = least(visitor.first_seen_at, t.first_seen_at),
  last_seen_at = greatest(visitor.last_seen_at, t.last_seen_at),
  session_id = coalesce(t.session_id, visitor.session_id),
  session_started_at = case when t.session_id is null then visitor.session_started_at else t.session_started_at end,
  session_last_at = case when t.session_id is null then visitor.session_last_at else t.session_last_at end,
  session_touch_id = case when t.session_id is null then visitor.session_touch_id else t.session_touch_id end,
  session_source = case when t.session_id is null then visitor.session_source else t.session_source end,
  session_events = case when t.session_id is null then visitor.session_events else t.session_events end,
  session_pageviews = case when t.session_id is null then visitor.session_pageviews else t.session_pageviews end,
  session_exit_url = case when t.session_id is null then visitor.session_exit_url else t.session_exit_url end,
  events = visitor.events + t.events,
  pageviews = visitor.pageviews + t.pageviews,
  sessions = visitor.sessions + t.sessions`,
  );
  const point: Statement = {
    name: `${schemaName}.point_visitors`,
    text: `
update ${schema}.visitor v set root_id = t.root_id
from unnest($2::uuid[], $3::uuid[]) as t(id, root_id)
where v.workspace_id = $1 and v.id = t.id`,
  };
  const bump: Statement = {
    name: `${schemaName}.bump_visitors`,
    text: `update ${schema}.visitor set version = version + 1 where workspace_id = $1 and id = any($2::uuid[])`,
  };
  const handOver: Statement = {
    name: `${schemaName}.hand_over_devices`,
    text: `
update ${schema}.visitor v set current_visitor_id = nullif(t.current_id, v.id)
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
    ): Promise<LockedVisitor[]> {
      return tx.run<LockedVisitor>(lock, [workspaceId, ids]);
    },
    /** The same, with every member of the given roots. */
    lockPeople(
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      roots: readonly string[],
    ): Promise<LockedVisitor[]> {
      return tx.run<LockedVisitor>(lockPeople, [workspaceId, ids, roots]);
    },
    /** Each visitor once; the rows that are there are locked. */
    writeVisitors(tx: Transaction, workspaceId: string, rows: readonly VisitorDelta[]): void {
      const plain = rows.filter(isPlain);
      const rest = plain.length === 0 ? rows : rows.filter((row) => !isPlain(row));
      if (plain.length > 0) tx.write(seen.statement, seen.values(workspaceId, plain));
      if (rest.length > 0) tx.write(upsert.statement, upsert.values(workspaceId, rest));
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

/** Whether an event only saw the visitor, and learned nothing about who it is. */
function isPlain(row: VisitorDelta): boolean {
  return (
    !row.isNew &&
    row.status === 'anonymous' &&
    row.lastConversionAt === null &&
    row.profile === null
  );
}
