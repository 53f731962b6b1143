import { sql } from 'kysely';
import type { ExpressionBuilder } from 'kysely';

import { isUuid } from '../kernel/id.ts';
import type { Page, TimeCursor } from '../kernel/page.ts';
import { open } from '../security/keyring.ts';
import type { Db } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type {
  DeviceView,
  PlaceView,
  PathTouch,
  SourceView,
  TimelineEvent,
  Visitor,
} from './visitor.ts';
import { meetsFilter, selectRootsOfAll } from './people-filter-store.ts';
import type { PeopleFilter } from './people-filter-store.ts';
import { visitorStatuses } from './visitor.ts';
import type { VisitorStatus } from './visitor.ts';

/** The root of a visitor, `undefined` where there is none or it was erased. */
export async function findRoot(
  db: Db,
  workspaceId: string,
  visitorId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('visitor')
    .select('root_id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', visitorId)
    .where('erased_at', 'is', null)
    .executeTakeFirst();
  return row?.root_id;
}

/** The person that a visitor belongs to now, `undefined` where there is none. */
export async function findPerson(
  db: Db,
  workspaceId: string,
  visitorId: string,
): Promise<{ readonly root: string; readonly members: readonly string[] } | undefined> {
  const root = isUuid(visitorId) ? await findRoot(db, workspaceId, visitorId) : undefined;
  if (root === undefined) return undefined;
  return { root, members: (await findMembers(db, workspaceId, [root])).get(root) ?? [] };
}

/** The visitors that make up each of these people. */
async function findMembers(
  db: Db,
  workspaceId: string,
  roots: readonly string[],
): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>(roots.map((root) => [root, []]));
  if (roots.length === 0) return members;
  const rows = await db
    .selectFrom('visitor')
    .select(['id', 'root_id'])
    .where('workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([
        eb('id', 'in', roots),
        eb.and([eb('root_id', 'in', roots), eb('root_id', '<>', eb.ref('id'))]),
      ]),
    )
    .orderBy('id')
    .execute();
  for (const row of rows) members.get(row.root_id)?.push(row.id);
  return members;
}

export interface IdentifierHash {
  readonly kind: string;
  readonly valueHash: Buffer;
}

/** Who is looked for: by any of these. */
export interface RootName {
  readonly visitorId?: string;
  readonly hashes: readonly IdentifierHash[];
}

/** Newest first. Visitors that were merged are part of their root. */
export async function findRoots(
  db: Db,
  workspaceId: string,
  page: Page<string> & { readonly named?: RootName; readonly filter?: PeopleFilter },
): Promise<string[]> {
  const named = page.named === undefined ? undefined : await findNamed(db, workspaceId, page.named);
  if (named?.length === 0) return [];
  const { filter = {}, before, limit, offset } = page;
  const find = async (from?: string): Promise<string[]> => {
    const rows = await db
      .selectFrom('visitor')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('root_id', '=', sql.ref<string>('id'))
      .where('erased_at', 'is', null)
      .$if(named !== undefined, (query) => query.where('id', 'in', named!))
      .where((eb) => meetsFilter(eb, filter))
      .$if(before !== undefined, (query) => query.where('id', '<', before!))
      .$if(from !== undefined, (query) => query.where('id', '>=', from!))
      .orderBy('id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    return rows.map((row) => row.id);
  };
  const isNarrowed = Object.values(filter).some((wanted) => wanted !== undefined);
  if (!isNarrowed || named !== undefined) return find();
  // Most filters meet many, and the newest fill a page; for what is rare everybody is looked through at once.
  const last = await findNth(db, workspaceId, before, newestLookedAt);
  const newest = await find(last);
  return last === undefined || newest.length === limit
    ? newest
    : selectRootsOfAll(db, workspaceId, { filter, before, limit, offset });
}

/** So many visitors are looked at one by one. */
const newestLookedAt = 2_000;

/** The visitor with so many newer ones, from a cursor on; `undefined` where there are fewer. */
async function findNth(
  db: Db,
  workspaceId: string,
  before: string | undefined,
  count: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('visitor')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(1)
    .offset(count)
    .executeTakeFirst();
  return row?.id;
}

/** The roots of a visitor's id, and of those that have one of the identifiers. */
async function findNamed(
  db: Db,
  workspaceId: string,
  { visitorId, hashes }: RootName,
): Promise<string[]> {
  if (visitorId === undefined && hashes.length === 0) return [];
  const rows = await db
    .selectFrom('visitor')
    .select('root_id')
    .distinct()
    .where('workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([
        ...(visitorId === undefined ? [] : [eb('id', '=', visitorId)]),
        ...(hashes.length === 0
          ? []
          : [
              eb('id', 'in', (inner) =>
                inner
                  .selectFrom('identity')
                  .select('visitor_id')
                  .where('workspace_id', '=', workspaceId)
                  .where((identity) =>
                    identity.or(
                      hashes.map(({ kind, valueHash }) =>
                        identity.and([
                          identity('kind', '=', kind),
                          identity('value_hash', '=', valueHash),
                        ]),
                      ),
                    ),
                  ),
              ),
            ]),
      ]),
    )
    .execute();
  return rows.map((row) => row.root_id);
}

/** People in the order of the given roots; what is not there is left out. */
export async function findPeople(
  db: Db,
  workspace: Workspace,
  roots: readonly string[],
): Promise<Visitor[]> {
  const members = await findMembers(db, workspace.id, roots);
  const ids = [...members.values()].flat();
  if (ids.length === 0) return [];
  const [rows, identities, revenue, sources, visits] = await Promise.all([
    db
      .selectFrom('visitor')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .where('id', 'in', ids)
      .orderBy('first_seen_at')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('identity')
      .select(['visitor_id', 'kind', 'value', 'first_seen_at'])
      .where('workspace_id', '=', workspace.id)
      .where('visitor_id', 'in', ids)
      .where('value', 'is not', null)
      .orderBy('first_seen_at', 'desc')
      .execute(),
    db
      .selectFrom('visitor_revenue')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .where('visitor_id', 'in', ids)
      .execute(),
    findFirstAndLastTouch(db, workspace.id, ids),
    findLatestVisits(db, workspace.id, ids),
  ]);
  const rootOf = new Map(
    [...members].flatMap(([root, list]) => list.map((id) => [id, root] as const)),
  );

  return roots.flatMap((root): Visitor[] => {
    const own = rows.filter((row) => row.root_id === root);
    if (own.length === 0) return [];
    const value = (kind: string): string | undefined => {
      const row = identities.find(
        (identity) => identity.kind === kind && rootOf.get(identity.visitor_id) === root,
      );
      return row?.value == null ? undefined : open(workspace.dataKey, row.value).toString('utf8');
    };
    const profiles = own.flatMap((row) =>
      row.profile === null ? [] : [readProfile(workspace, row.profile)],
    );
    const sums = new Map<string, bigint>();
    for (const row of revenue) {
      if (rootOf.get(row.visitor_id) === root)
        sums.set(row.currency, (sums.get(row.currency) ?? 0n) + row.amount_minor);
    }
    const touches = sources.filter((touch) => rootOf.get(touch.visitor_id) === root);
    const first = touches.reduce<StoredTouch | undefined>(
      (best, touch) => (best === undefined || touch.occurred_at < best.occurred_at ? touch : best),
      undefined,
    );
    const last = touches.reduce<StoredTouch | undefined>(
      (best, touch) => (best === undefined || touch.occurred_at >= best.occurred_at ? touch : best),
      undefined,
    );
    const clicks = touches.filter((touch) => touch.kind === 'click');
    const visit = visits.find((row) => rootOf.get(row.visitor_id) === root);
    return [
      {
        id: root,
        workspaceId: workspace.id,
        status: own
          .map((row) => row.status as VisitorStatus)
          .reduce((best, status) =>
            visitorStatuses.indexOf(status) > visitorStatuses.indexOf(best) ? status : best,
          ),
        externalId: value('external_id'),
        email: value('email'),
        phone: value('phone'),
        name: profiles.findLast((profile) => profile.name !== undefined)?.name,
        metadata: Object.fromEntries(
          profiles.flatMap((profile) => Object.entries(profile.metadata ?? {})),
        ),
        mergedIds: own.map((row) => row.id).filter((id) => id !== root),
        device: visit && toDevice(visit),
        place: visit && toPlaceView(visit),
        firstSource: first && toSource(first),
        lastSource: last && toSource(last),
        firstClickId: clicks.reduce<StoredTouch | undefined>(
          (best, touch) =>
            best === undefined || touch.occurred_at < best.occurred_at ? touch : best,
          undefined,
        )?.id,
        lastClickId: clicks.reduce<StoredTouch | undefined>(
          (best, touch) =>
            best === undefined || touch.occurred_at >= best.occurred_at ? touch : best,
          undefined,
        )?.id,
        firstSeenAt: earliest(own.map((row) => row.first_seen_at))!,
        lastSeenAt: new Date(Math.max(...own.map((row) => row.last_seen_at.getTime()))),
        identifiedAt: earliest(own.map((row) => row.identified_at)),
        convertedAt: earliest(own.map((row) => row.converted_at)),
        events: sum(own.map((row) => row.events)),
        pageviews: sum(own.map((row) => row.pageviews)),
        sessions: sum(own.map((row) => row.sessions)),
        lifetimeValue: [...sums]
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([currency, amountMinor]) => ({ currency, amountMinor })),
      },
    ];
  });
}

type LatestVisit = Awaited<ReturnType<typeof findLatestVisits>>[number];

/** The latest visit of each visitor that says what it came with, the newest first. */
async function findLatestVisits(db: Db, workspaceId: string, visitorIds: readonly string[]) {
  const rows = await db
    .selectFrom('session')
    .distinctOn('visitor_id')
    .select([
      'visitor_id',
      'started_at',
      'device_type',
      'browser',
      'system',
      'in_app',
      'language',
      'country_code',
      'region',
      'city',
    ])
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .where('device_type', 'is not', null)
    .orderBy('visitor_id')
    .orderBy('started_at', 'desc')
    .execute();
  return rows.toSorted((left, right) => right.started_at.getTime() - left.started_at.getTime());
}

function toDevice(visit: LatestVisit): DeviceView | undefined {
  if (visit.device_type === null) return undefined;
  return {
    deviceType: visit.device_type,
    browser: visit.browser ?? undefined,
    system: visit.system ?? undefined,
    inApp: visit.in_app ?? undefined,
    language: visit.language ?? undefined,
  };
}

function toPlaceView(visit: LatestVisit): PlaceView | undefined {
  if (visit.country_code === null) return undefined;
  return {
    countryCode: visit.country_code,
    region: visit.region ?? undefined,
    city: visit.city ?? undefined,
  };
}

const touchColumns = [
  'id',
  'visitor_id',
  'kind',
  'occurred_at',
  'session_id',
  'link_id',
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'platform',
  'click_id_type',
  'referrer_host',
  'confidence',
  'rule',
  'channel',
  'url',
  'referrer',
  'signals',
  'consent',
] as const;

type StoredTouch = Awaited<ReturnType<typeof selectTouches>>[number];

function selectTouches(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
  page: Page<TimeCursor>,
) {
  return db
    .selectFrom('touch')
    .select(touchColumns)
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .$if(page.before !== undefined, (query) => query.where(isBefore(page.before!)))
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

/** The path of touches of one person, newest first. */
export async function findPath(
  db: Db,
  workspaceId: string,
  members: readonly string[],
  page: Page<TimeCursor>,
): Promise<PathTouch[]> {
  const rows = await selectTouches(db, workspaceId, members, page);
  return rows.map((row) => ({
    ...toSource(row),
    id: row.id,
    kind: row.kind,
    occurredAt: row.occurred_at,
    visitorId: row.visitor_id,
    sessionId: row.session_id ?? undefined,
    linkId: row.link_id ?? undefined,
    url: row.url ?? undefined,
    referrer: row.referrer ?? undefined,
    signals: row.signals ?? {},
    consent: row.consent ?? undefined,
  }));
}

/** Of each visitor the first and the last touch, and the first and the last click. */
async function findFirstAndLastTouch(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<StoredTouch[]> {
  const ends = (direction: 'asc' | 'desc') =>
    db
      .selectFrom('touch')
      .select(touchColumns)
      .distinctOn(['visitor_id', sql`kind = 'click'`])
      .where('workspace_id', '=', workspaceId)
      .where('visitor_id', 'in', visitorIds)
      .where('kind', '<>', 'view')
      .orderBy('visitor_id')
      .orderBy(sql`kind = 'click'`)
      .orderBy('occurred_at', direction)
      .orderBy('id', direction)
      .execute();
  return (await Promise.all([ends('asc'), ends('desc')]))
    .flat()
    .sort((left, right) => left.occurred_at.getTime() - right.occurred_at.getTime());
}

/** Rows that come after the cursor in a list that is newest first. */
function isBefore({ at, id }: TimeCursor) {
  return (eb: ExpressionBuilder<Tables, 'event' | 'touch'>) =>
    eb(eb.refTuple('occurred_at', 'id'), '<', eb.tuple(at, id));
}

/** Newest first. */
export async function findTimeline(
  db: Db,
  workspaceId: string,
  members: readonly string[],
  page: Page<TimeCursor>,
): Promise<TimelineEvent[]> {
  const rows = await db
    .selectFrom('event')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', members)
    .$if(page.before !== undefined, (query) => query.where(isBefore(page.before!)))
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
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

function toSource(row: StoredTouch): SourceView {
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

function readProfile(
  workspace: Workspace,
  sealed: Uint8Array,
): { name?: string; metadata?: Record<string, unknown> } {
  return JSON.parse(open(workspace.dataKey, sealed).toString('utf8')) as {
    name?: string;
    metadata?: Record<string, unknown>;
  };
}

function earliest(dates: ReadonlyArray<Date | null>): Date | undefined {
  const times = dates.flatMap((date) => (date === null ? [] : [date.getTime()]));
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
