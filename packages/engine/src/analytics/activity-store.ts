import { sql } from 'kysely';

import { addressPath } from '../funnels/url-pattern.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import type { Db } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import { buildBlock } from './activity-block.ts';
import type { ActivityBlock, ActivityRow, PersonRow, VisitRow } from './activity-block.ts';
import type { Fresh } from './fresh.ts';
import { dimensionValue, pathOf, visitColumns } from './dimension.ts';
import type { VisitDimension } from './dimension.ts';

/** Where a report reads: the schema, and a connection that sees one state of it. */
export interface Reading {
  readonly db: Db;
  readonly schema: string;
  readonly workspaceId: string;
  /** What has been found out already; absent where the next statement may see another state. */
  readonly known?: { fresh?: Promise<Fresh | undefined> };
}

/** What of the events a report needs. */
export interface ActivityNeeds {
  readonly dimensions: ReadonlySet<VisitDimension>;
  readonly hits: boolean;
  /** Whether who it was matters. */
  readonly people: boolean;
}

/** A stretch of time, in milliseconds on whole seconds; its length is a number of slots, but for the last one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly slotLength: number;
}

/** Reads a stretch from the rows of the events, visits, touches and visitors themselves. */
export async function readActivity(
  reading: Reading,
  stretch: Stretch,
  needs: ActivityNeeds,
): Promise<ActivityBlock> {
  return buildBlock({
    startsAt: stretch.from,
    slotLength: stretch.slotLength,
    slots: Math.ceil((stretch.to - stretch.from) / stretch.slotLength),
    withHits: needs.hits,
    ...(await selectRows(reading, stretch, needs)),
  });
}

/** The same as blocks of equal length, read at once: most of what a short stretch costs is that it is asked for. */
export async function readActivityInParts(
  reading: Reading,
  stretch: Stretch,
  needs: ActivityNeeds,
  slotsOfPart: number,
): Promise<ActivityBlock[]> {
  const { activity, visits, people } = await selectRows(reading, stretch, needs);
  const length = slotsOfPart * stretch.slotLength;
  const partOf = Map.groupBy(activity, (row) => Math.floor(row.slot / slotsOfPart));
  return Array.from({ length: (stretch.to - stretch.from) / length }, (_, part) => {
    const own = (partOf.get(part) ?? []).map((row) => ({
      ...row,
      slot: row.slot - part * slotsOfPart,
    }));
    const sessionIds = new Set(own.map((row) => row.sessionId));
    const visitorIds = new Set(own.map((row) => row.visitorId));
    return buildBlock({
      startsAt: stretch.from + part * length,
      slotLength: stretch.slotLength,
      slots: slotsOfPart,
      withHits: needs.hits,
      activity: own,
      visits: visits.filter((visit) => sessionIds.has(visit.id)),
      people: people.filter((person) => visitorIds.has(person.visitorId)),
    });
  });
}

async function selectRows(reading: Reading, stretch: Stretch, needs: ActivityNeeds) {
  const activity = await selectActivity(reading, stretch, needs);
  const sessionIds = distinct(activity.map((row) => row.sessionId));
  const visitorIds = needs.people ? distinct(activity.map((row) => row.visitorId)) : [];
  const visits = await selectVisits(reading, sessionIds, needs.dimensions);
  const people = await selectPeople(reading, visitorIds);
  return { activity, visits, people };
}

function distinct(ids: ReadonlyArray<string | null>): string[] {
  return [...new Set(ids)].filter((id) => id !== null);
}

interface StoredActivity {
  readonly session_id: string | null;
  readonly visitor_id: string | null;
  readonly slot: number;
  readonly type: string | null;
  readonly name: string | null;
  readonly url: string | null;
  readonly events: number;
  readonly pageviews: number;
}

/**
 * Grouped by the database, so that what comes over is a fraction of the events. Machines are left out, and who has only
 * seen something of ours elsewhere did nothing here.
 */
async function selectActivity(
  { db, schema, workspaceId }: Reading,
  { from, to, slotLength }: Stretch,
  { hits }: ActivityNeeds,
): Promise<ActivityRow[]> {
  const each = sql.raw(
    hits ? 'e.type, e.name, e.url' : 'null::text as type, null::text as name, null::text as url',
  );
  const by = sql.raw(hits ? '1, 2, 3, 4, 5, 6' : '1, 2, 3');
  const { rows } = await sql<StoredActivity>`
select e.session_id, e.visitor_id,
  floor((date_part('epoch', e.occurred_at) - ${from / 1_000}::float8) / ${slotLength / 1_000}::float8)::int4 as slot,
  ${each}, count(*)::int4 as events, (count(*) filter (where e.type = 'pageview'))::int4 as pageviews
from ${sql.raw(quote(schema))}.event e
where e.workspace_id = ${workspaceId} and e.occurred_at >= ${new Date(from)} and e.occurred_at < ${new Date(to)}
  and e.machine is null and e.type <> 'impression'
group by ${by} order by 3`.execute(db);
  return rows.map((row) => ({
    sessionId: row.session_id,
    visitorId: row.visitor_id,
    slot: row.slot,
    events: row.events,
    pageviews: row.pageviews,
    ...(row.type !== null && {
      kind: {
        type: row.type,
        name: row.name,
        page: row.type === 'pageview' ? pathOf(row.url) : null,
        path: row.url === null ? null : addressPath(row.url),
      },
    }),
  }));
}

const tableAlias = { touch: 't', session: 's' } as const;

type StoredVisit = Readonly<Record<string, string | null>> & {
  readonly id: string;
  readonly started_at: Date & string;
  readonly seconds: number & string;
  readonly bounced: boolean & string;
  readonly engaged: boolean & string;
};

async function selectVisits(
  { db, schema: schemaName, workspaceId }: Reading,
  ids: readonly string[],
  dimensions: ReadonlySet<VisitDimension>,
): Promise<VisitRow[]> {
  if (ids.length === 0) return [];
  const wanted = [...dimensions];
  const columns = wanted.map((dimension) => {
    const [table, column] = visitColumns[dimension];
    return `, ${tableAlias[table]}.${column}::text as ${dimension}`;
  });
  const schema = quote(schemaName);
  const touch = wanted.some((dimension) => visitColumns[dimension][0] === 'touch')
    ? `left join ${schema}.touch t on t.workspace_id = s.workspace_id and t.id = s.touch_id`
    : '';
  const { rows } = await sql<StoredVisit>`
select s.id, s.started_at, s.bounced, s.engaged,
  floor(date_part('epoch', s.last_event_at - s.started_at))::int4 as seconds
  ${sql.raw(columns.join(''))}
from ${sql.raw(sessionTotals(schema))} s
${sql.raw(touch)}
where s.workspace_id = ${workspaceId} and s.id = any(${ids}::uuid[])
order by s.started_at, s.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    startedAt: (row.started_at as Date).getTime(),
    seconds: Math.max(row.seconds, 0),
    bounced: row.bounced,
    engaged: row.engaged,
    dimensions: Object.fromEntries(
      wanted.map((dimension) => [dimension, dimensionValue(dimension, row[dimension] ?? null)]),
    ),
  }));
}

/** Who visitors are now: a person is first seen when the first of its visitors was. */
export async function selectPeople(
  { db, schema: schemaName, workspaceId }: Reading,
  visitorIds: readonly string[],
): Promise<PersonRow[]> {
  if (visitorIds.length === 0) return [];
  const visitor = sql.raw(`${quote(schemaName)}.visitor`);
  const { rows } = await sql<{
    id: string;
    root_id: string;
    first_seen: number;
    identified: boolean;
  }>`
select v.id, v.root_id, p.identified,
  floor(date_part('epoch', p.first_seen_at))::float8 as first_seen
from ${visitor} v
cross join lateral (
  select least(r.first_seen_at, min(m.first_seen_at)) as first_seen_at,
    r.identified_at is not null or coalesce(bool_or(m.identified_at is not null), false) as identified
  from ${visitor} r
  left join ${visitor} m on m.workspace_id = r.workspace_id and m.root_id = r.id and m.root_id <> m.id
  where r.workspace_id = v.workspace_id and r.id = v.root_id
  group by r.first_seen_at, r.identified_at
) p
where v.workspace_id = ${workspaceId} and v.id = any(${visitorIds}::uuid[])
order by v.id`.execute(db);
  return rows.map((row) => ({
    visitorId: row.id,
    personId: row.root_id,
    firstSeen: row.first_seen,
    identified: row.identified,
  }));
}
