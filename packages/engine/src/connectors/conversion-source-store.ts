import type { Db } from '../store/database.ts';

/** The conversion itself, as its event and its row of credit have it. */
export interface SourceEvent {
  readonly id: string;
  readonly name: string | null;
  readonly sessionId: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly country: string | null;
  readonly region: string | null;
  readonly city: string | null;
  readonly userAgent: string | null;
}

/** The events of some conversions with their visits, by id. */
export async function findSourceEvents(
  db: Db,
  workspaceId: string,
  conversions: ReadonlyArray<{ readonly eventId: string; readonly occurredAt: Date }>,
): Promise<ReadonlyMap<string, SourceEvent>> {
  if (conversions.length === 0) return new Map();
  const rows = await db
    .selectFrom('event')
    .leftJoin('session', (join) =>
      join
        .onRef('session.workspace_id', '=', 'event.workspace_id')
        .onRef('session.id', '=', 'event.session_id'),
    )
    .select([
      'event.id',
      'event.name',
      'event.session_id',
      'event.url',
      'event.referrer',
      'event.amount_minor',
      'event.currency',
      'event.properties',
      'session.country_code',
      'session.region',
      'session.city',
      'session.user_agent',
    ])
    .where('event.workspace_id', '=', workspaceId)
    // The times lead to the partitions.
    .where('event.occurred_at', 'in', [...new Set(conversions.map((row) => row.occurredAt))])
    .where(
      'event.id',
      'in',
      conversions.map((row) => row.eventId),
    )
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        sessionId: row.session_id,
        url: row.url,
        referrer: row.referrer,
        amountMinor: row.amount_minor,
        currency: row.currency,
        properties: row.properties ?? {},
        country: row.country_code,
        region: row.region,
        city: row.city,
        userAgent: row.user_agent,
      },
    ]),
  );
}

/** The visitors that are one person with each of these, by visitor; erased ones are nobody's. */
export async function findPeopleOf(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (visitorIds.length === 0) return new Map();
  const own = await db
    .selectFrom('visitor')
    .select(['id', 'root_id'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', visitorIds)
    .where('erased_at', 'is', null)
    .execute();
  const roots = [...new Set(own.map((row) => row.root_id))];
  if (roots.length === 0) return new Map();
  const merged = await db
    .selectFrom('visitor')
    .select(['id', 'root_id'])
    .where('workspace_id', '=', workspaceId)
    .where('root_id', 'in', roots)
    .where((eb) => eb('root_id', '<>', eb.ref('id')))
    .execute();
  const members = new Map<string, string[]>(roots.map((root) => [root, [root]]));
  for (const row of merged) members.get(row.root_id)?.push(row.id);
  return new Map(own.map((row) => [row.id, members.get(row.root_id) ?? [row.id]]));
}

export interface SourceTouch {
  readonly visitorId: string;
  readonly occurredAt: Date;
  readonly signals: Readonly<Record<string, string>> | undefined;
  readonly consent: Readonly<Record<string, unknown>> | undefined;
}

/** The touches of some visitors since then that say anything to ad platforms, oldest first. */
export async function findSourceTouches(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
  since: Date,
): Promise<SourceTouch[]> {
  if (visitorIds.length === 0) return [];
  const rows = await db
    .selectFrom('touch')
    .select(['visitor_id', 'occurred_at', 'signals', 'consent'])
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .where('occurred_at', '>=', since)
    .where((eb) => eb.or([eb('signals', 'is not', null), eb('consent', 'is not', null)]))
    .orderBy('occurred_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    visitorId: row.visitor_id,
    occurredAt: row.occurred_at,
    signals: row.signals ?? undefined,
    consent: row.consent ?? undefined,
  }));
}

/** What is known of who some visitors are, the newest first; values are sealed. */
export async function findSourceIdentities(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<
  Array<{ readonly visitorId: string; readonly kind: string; readonly value: Uint8Array }>
> {
  if (visitorIds.length === 0) return [];
  const rows = await db
    .selectFrom('identity')
    .select(['visitor_id', 'kind', 'value'])
    .where('workspace_id', '=', workspaceId)
    .where('visitor_id', 'in', visitorIds)
    .where('kind', 'in', ['external_id', 'email', 'phone'])
    .where('value', 'is not', null)
    .orderBy('first_seen_at', 'desc')
    .execute();
  return rows.flatMap((row) =>
    row.value === null ? [] : [{ visitorId: row.visitor_id, kind: row.kind, value: row.value }],
  );
}

/** Sealed names and metadata of some visitors, by visitor. */
export async function findSourceProfiles(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (visitorIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('visitor')
    .select(['id', 'profile'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', visitorIds)
    .where('profile', 'is not', null)
    .execute();
  return new Map(rows.flatMap((row) => (row.profile === null ? [] : [[row.id, row.profile]])));
}

/** What a refund takes back. */
export interface SourceOriginal {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: Date;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  /** Of its dispatch to the same platform. */
  readonly eventKey: string | null;
  readonly status: string | null;
  /** What was taken back until this refund, and by it. */
  readonly takenBackMinor: bigint;
  readonly isRemoved: boolean;
}

/** What some refunds take back, by the refund's id; those that nothing is known for are missing. */
export async function findOriginals(
  db: Db,
  workspaceId: string,
  connector: string,
  refundIds: readonly string[],
): Promise<ReadonlyMap<string, SourceOriginal>> {
  if (refundIds.length === 0) return new Map();
  const refunds = await db
    .selectFrom('conversion')
    .select(['id', 'reverses_id'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', refundIds)
    .execute();
  const ids = refunds.flatMap((row) => row.reverses_id ?? []);
  if (ids.length === 0) return new Map();
  const originals = await db
    .selectFrom('conversion')
    .leftJoin('dispatch', (join) =>
      join
        .onRef('dispatch.workspace_id', '=', 'conversion.workspace_id')
        .onRef('dispatch.event_id', '=', 'conversion.id')
        .on('dispatch.connector', '=', connector),
    )
    .select([
      'conversion.id',
      'conversion.type',
      'conversion.occurred_at',
      'conversion.amount_minor',
      'conversion.currency',
      'dispatch.event_key',
      'dispatch.status',
    ])
    .where('conversion.workspace_id', '=', workspaceId)
    .where('conversion.id', 'in', ids)
    .execute();
  const reversals = await db
    .selectFrom('conversion')
    .select(['id', 'reverses_id', 'type', 'occurred_at', 'amount_minor'])
    .where('workspace_id', '=', workspaceId)
    .where('reverses_id', 'in', ids)
    .orderBy('occurred_at')
    .orderBy('id')
    .execute();
  const found = new Map<string, SourceOriginal>();
  for (const refund of refunds) {
    const original = originals.find((row) => row.id === refund.reverses_id);
    if (original === undefined) continue;
    const all = reversals.filter((row) => row.reverses_id === original.id);
    const until = all.slice(0, all.findIndex((row) => row.id === refund.id) + 1);
    found.set(refund.id, {
      id: original.id,
      type: original.type,
      occurredAt: original.occurred_at,
      amountMinor: original.amount_minor,
      currency: original.currency,
      eventKey: original.event_key,
      status: original.status,
      // What takes back has a negative amount.
      takenBackMinor: until.reduce((sum, row) => sum - (row.amount_minor ?? 0n), 0n),
      isRemoved: until.some((row) => row.type === 'removal'),
    });
  }
  return found;
}

/** The latest visit of each of some visitors, oldest first; a visit that goes on has its last page with its device. */
export async function findLatestVisits(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<
  Array<{
    readonly visitorId: string;
    readonly userAgent: string | null;
    readonly url: string | null;
    readonly country: string | null;
    readonly startedAt: Date;
  }>
> {
  if (visitorIds.length === 0) return [];
  const rows = await db
    .selectFrom('session')
    .leftJoin('visitor', (join) =>
      join
        .onRef('visitor.workspace_id', '=', 'session.workspace_id')
        .onRef('visitor.session_id', '=', 'session.id')
        .on('visitor.id', 'in', visitorIds),
    )
    .select([
      'session.visitor_id',
      'session.user_agent',
      'session.entry_url',
      'session.exit_url',
      'session.country_code',
      'session.started_at',
      'visitor.session_exit_url',
    ])
    .distinctOn('session.visitor_id')
    .where('session.workspace_id', '=', workspaceId)
    .where('session.visitor_id', 'in', visitorIds)
    .orderBy('session.visitor_id')
    .orderBy('session.started_at', 'desc')
    .orderBy('visitor.session_exit_at', (order) => order.desc().nullsLast())
    .execute();
  return rows
    .map((row) => ({
      visitorId: row.visitor_id,
      userAgent: row.user_agent,
      url: row.session_exit_url ?? row.exit_url ?? row.entry_url,
      country: row.country_code,
      startedAt: row.started_at,
    }))
    .toSorted((left, right) => left.startedAt.getTime() - right.startedAt.getTime());
}
