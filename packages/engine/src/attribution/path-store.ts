import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { timestamp } from '../store/batch-insert.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { Reversal, StoredConversion } from './conversion.ts';
import { goals } from './goal.ts';
import type { Goal } from './goal.ts';
import type { Touch, TouchKind } from './models/path.ts';
import { isPaid } from './paid-touch.ts';
import type { PathScope } from './path-scope.ts';
import { personSql } from './person-at-store.ts';
import type { Period } from '../reports/report-period.ts';
import { touchKeySql } from './touch-key-store.ts';

type Reader = Pick<Database, 'db' | 'schema'>;

/** A touch as models look at it, with its place in the list of people that were asked for, from 0. */
export interface PersonTouch extends Touch {
  readonly person: number;
}

/** Milliseconds as a number: the driver would make a Date of each. */
const milliseconds = (column: string): RawBuilder<number> =>
  // Unlike `extract`, this computes without `numeric`.
  sql<number>`round(date_part('epoch', ${sql.ref(column)}) * 1000)`;

interface ConversionRow {
  readonly id: string;
  readonly type: string;
  readonly person_id: string;
  readonly visitor_id: string;
  readonly at: number;
  readonly recorded: number;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
}

/** Conversions of a period in the order of (time, id), from after a cursor on. Served by `conversion_time`. */
export async function findConversions(
  { db, schema }: Reader,
  scope: PathScope,
  period: Period,
  page: { readonly after: StoredConversion | undefined; readonly limit: number },
): Promise<StoredConversion[]> {
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const after =
    page.after === undefined
      ? sql``
      : sql`and (c.occurred_at, c.id) > (${timestamp(page.after.occurredAt)}::timestamptz, ${page.after.id}::uuid)`;
  const { rows } = await sql<ConversionRow>`
select c.id, c.type, ${person.personOf('c')} as person_id, c.visitor_id, ${milliseconds('c.occurred_at')} as at,
  ${milliseconds('c.recorded_at')} as recorded, c.amount_minor, c.currency
from ${sql.raw(quote(schema))}.conversion c ${person.join('c', 'few')}
where c.workspace_id = ${scope.workspaceId}::uuid and c.type = any(${[...scope.goals]}::text[])
  and c.occurred_at >= ${timestamp(period.from)}::timestamptz and c.occurred_at < ${timestamp(period.to)}::timestamptz
  ${person.known('c')} ${after}
order by c.occurred_at, c.id limit ${page.limit}`.execute(db);
  return rows.map(toConversion);
}

/** One conversion, `undefined` where there is none. */
export async function findConversion(
  { db, schema }: Reader,
  scope: Pick<PathScope, 'workspaceId' | 'asOf'>,
  id: string,
): Promise<StoredConversion | undefined> {
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { rows } = await sql<ConversionRow>`
select c.id, c.type, ${person.personOf('c')} as person_id, c.visitor_id, ${milliseconds('c.occurred_at')} as at,
  ${milliseconds('c.recorded_at')} as recorded, c.amount_minor, c.currency
from ${sql.raw(quote(schema))}.conversion c ${person.join('c', 'few')}
where c.workspace_id = ${scope.workspaceId}::uuid and c.id = ${id}::uuid and c.type = any(${[...goals]}::text[])
  ${person.known('c')}`.execute(db);
  return rows[0] && toConversion(rows[0]);
}

/** Every conversion of these people up to a time, with whether it was removed; for rules that look back. */
export async function findHistories(
  { db, schema }: Reader,
  scope: Pick<PathScope, 'workspaceId' | 'asOf'>,
  people: readonly string[],
  before: number,
): Promise<Array<StoredConversion & { readonly removed: boolean }>> {
  const table = sql.raw(quote(schema));
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { rows } = await sql<ConversionRow & { n: number; removed: boolean }>`
with member as (${person.members(people)})
select member.n::int4 as n, c.id, c.type, '' as person_id, c.visitor_id, ${milliseconds('c.occurred_at')} as at,
  ${milliseconds('c.recorded_at')} as recorded, c.amount_minor, c.currency,
  exists (select 1 from ${table}.conversion r where r.workspace_id = ${scope.workspaceId}::uuid
    and r.reverses_id = c.id and r.type = 'removal' ${person.known('r')}) as removed
from member cross join lateral (
  select * from ${table}.conversion c
  where c.workspace_id = ${scope.workspaceId}::uuid and c.visitor_id = member.id
    and c.occurred_at < ${timestamp(before)}::timestamptz and c.type = any(${[...goals]}::text[]) ${person.known('c')}
  offset 0
) c
order by c.occurred_at, c.id`.execute(db);
  return rows.map((row) => ({
    ...toConversion({ ...row, person_id: people[row.n - 1] ?? '' }),
    removed: row.removed,
  }));
}

/** What takes these conversions back, by their ids. */
export async function findReversals(
  { db, schema }: Reader,
  scope: Pick<PathScope, 'workspaceId' | 'asOf'>,
  conversionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Reversal[]>> {
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { rows } = await sql<ReversalRow>`
select c.id, c.type, c.reverses_id, ${milliseconds('c.occurred_at')} as at, ${milliseconds('c.recorded_at')} as recorded,
  c.amount_minor, c.currency
from ${sql.raw(quote(schema))}.conversion c
where c.workspace_id = ${scope.workspaceId}::uuid and c.reverses_id = any(${conversionIds}::uuid[]) ${person.known('c')}`.execute(
    db,
  );
  const found = new Map<string, Reversal[]>();
  for (const row of rows) {
    const list = found.get(row.reverses_id ?? '') ?? [];
    found.set(row.reverses_id ?? '', list);
    list.push(toReversal(row));
  }
  return found;
}

/** Money of a period that went back for no conversion that is known: by currency. */
export async function sumLooseRefunds(
  { db, schema }: Reader,
  scope: PathScope,
  period: Period,
): Promise<ReadonlyMap<string, bigint>> {
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { rows } = await sql<{ currency: string; amount_minor: bigint }>`
select c.currency, sum(c.amount_minor)::int8 as amount_minor from ${sql.raw(quote(schema))}.conversion c
where c.workspace_id = ${scope.workspaceId}::uuid and c.type = 'refund' and c.reverses_id is null
  and c.reverses_type = any(${[...scope.goals]}::text[]) and c.currency is not null
  and c.occurred_at >= ${timestamp(period.from)}::timestamptz and c.occurred_at < ${timestamp(period.to)}::timestamptz
  ${person.known('c')}
group by c.currency`.execute(db);
  return new Map(rows.map((row) => [row.currency, row.amount_minor]));
}

/**
 * The touches of these people within a span, in no order. Each person's are looked up by (visitor, time), so that only
 * those of who converted are read, however many there are.
 */
export async function findTouches(
  { db, schema }: Reader,
  scope: PathScope,
  people: readonly string[],
  span: Period,
): Promise<PersonTouch[]> {
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { joins, key } = touchKeySql(schema, scope.workspaceId, scope.dimension, scope.filters);
  const { rows } = await sql<{
    n: number;
    id: string;
    at: number;
    kind: string;
    channel: string | null;
    medium: string | null;
    key: string;
  }>`
with member as (${person.members(people)})
select member.n::int4 as n, t.id, ${milliseconds('t.occurred_at')} as at, t.kind, t.channel, t.medium, ${key} as key
from member cross join lateral (
  select * from ${sql.raw(quote(schema))}.touch t
  where t.workspace_id = ${scope.workspaceId}::uuid and t.visitor_id = member.id
    and t.occurred_at > ${timestamp(span.from)}::timestamptz and t.occurred_at <= ${timestamp(span.to)}::timestamptz
    ${person.known('t')} offset 0
) t ${joins}`.execute(db);
  return rows.map((row) => ({
    person: row.n - 1,
    id: row.id,
    occurredAt: row.at,
    kind: row.kind as TouchKind,
    channel: row.key,
    paid: isPaid(row.channel, row.medium),
  }));
}

const separator = '\u001f';

/**
 * The paths of those who came in a period and did not convert in it, grouped: how many went each way. A path is what
 * lies within the window before the last touch of the period. The touches are found by their time (`touch_time`), put
 * together and counted where they are, so that what is read depends on the number of different paths.
 */
export async function groupLostPaths(
  { db, schema }: Reader,
  scope: PathScope,
  period: Period,
  lookbackMilliseconds: number,
): Promise<ReadonlyArray<{ readonly channels: readonly string[]; readonly people: number }>> {
  const table = sql.raw(quote(schema));
  const workspace = sql`${scope.workspaceId}::uuid`;
  const from = sql`${timestamp(period.from)}::timestamptz`;
  const to = sql`${timestamp(period.to)}::timestamptz`;
  const lookback = sql`${`${lookbackMilliseconds / 1_000} seconds`}::interval`;
  const person = personSql(schema, scope.workspaceId, scope.asOf);
  const { joins, key } = touchKeySql(schema, scope.workspaceId, scope.dimension, scope.filters);
  const { rows } = await sql<{ path: string; people: number }>`
with walked as (
  select ${person.personOf('t')} as person_id, t.id, t.occurred_at, ${key} as key,
    max(t.occurred_at) over (partition by ${person.personOf('t')}) as last_at
  from ${table}.touch t ${person.join('t', 'many')} ${joins}
  where t.workspace_id = ${workspace} and t.kind <> 'view'
    and t.occurred_at > ${timestamp(period.from - lookbackMilliseconds)}::timestamptz and t.occurred_at < ${to}
    ${person.known('t')}
), converted as (
  select distinct ${person.personOf('c')} as person_id from ${table}.conversion c ${person.join('c', 'many')}
  where c.workspace_id = ${workspace} and c.type = any(${[...scope.goals]}::text[])
    and c.occurred_at >= ${from} and c.occurred_at < ${to} ${person.known('c')}
    and not exists (select 1 from ${table}.conversion r where r.workspace_id = ${workspace} and r.reverses_id = c.id
      and r.type = 'removal' ${person.known('r')})
), path as (
  select string_agg(w.key, ${separator} order by w.occurred_at, w.id) as path
  from walked w
  where w.last_at >= ${from} and w.occurred_at > w.last_at - ${lookback}
    and not exists (select 1 from converted c where c.person_id = w.person_id)
  group by w.person_id
)
select path, count(*)::int4 as people from path group by path`.execute(db);
  return rows.map((row) => ({ channels: row.path.split(separator), people: row.people }));
}

/** What links are called, by their ids. */
export async function findLinkNames(
  { db }: Reader,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('link')
    .select(['id', 'domain', 'key'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, `${row.domain}/${row.key}`]));
}

interface ReversalRow {
  readonly id: string;
  readonly type: string;
  readonly reverses_id: string | null;
  readonly at: number;
  readonly recorded: number;
  readonly amount_minor: bigint | null;
}

function toReversal(row: ReversalRow): Reversal {
  return {
    id: row.id,
    kind: row.type === 'removal' ? 'removal' : 'refund',
    occurredAt: row.at,
    recordedAt: row.recorded,
    amountMinor: row.amount_minor ?? 0n,
  };
}

function toConversion(row: ConversionRow): StoredConversion {
  return {
    id: row.id,
    goal: row.type as Goal,
    personId: row.person_id,
    visitorId: row.visitor_id,
    occurredAt: row.at,
    recordedAt: row.recorded,
    amountMinor: row.amount_minor ?? undefined,
    currency: row.currency ?? undefined,
  };
}
