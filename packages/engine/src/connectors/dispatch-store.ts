import type { ExpressionBuilder } from 'kysely';
import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import { timestamp } from '../store/batch-insert.ts';
import type { Database, Db, Tx } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { Tables } from '../store/tables.ts';
import { toDispatch } from './dispatch-row.ts';
import type { ClaimedDispatch, Dispatch, DispatchStatus } from './dispatch.ts';

/** Which dispatches are meant; what is left out is any. */
export interface DispatchFilter {
  readonly ids?: readonly string[] | undefined;
  readonly connector?: string | undefined;
  readonly statuses?: readonly DispatchStatus[] | undefined;
  readonly reason?: string | undefined;
  readonly eventId?: string | undefined;
  readonly visitorIds?: readonly string[] | undefined;
  /** When the conversion happened: from then on, and before that. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Newest first: ids sort by when they were planned. */
export async function selectDispatches(
  db: Db,
  workspaceId: string,
  filter: DispatchFilter,
  page: Page<string>,
): Promise<Dispatch[]> {
  const rows = await db
    .selectFrom('dispatch')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where(matches(filter))
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before!))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toDispatch);
}

/** One dispatch with what came with its conversion. */
export async function findDispatch(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<Omit<ClaimedDispatch, 'claim' | 'wasAbandoned'> | undefined> {
  const row = await db
    .selectFrom('dispatch')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      ...toDispatch(row),
      signals: row.signals ?? {},
      consent: row.consent ?? undefined,
      userAgent: row.user_agent ?? undefined,
    }
  );
}

/** How many dispatches there are, by connector and what became of them. */
export async function countDispatches(
  db: Db,
  workspaceId: string,
  filter: DispatchFilter,
): Promise<
  Array<{
    readonly connector: string;
    readonly status: DispatchStatus;
    readonly reason: string | undefined;
    readonly count: number;
  }>
> {
  const rows = await db
    .selectFrom('dispatch')
    .select(['connector', 'status', 'reason', sql<string>`count(*)`.as('count')])
    .where('workspace_id', '=', workspaceId)
    .where(matches(filter))
    .groupBy(['connector', 'status', 'reason'])
    .orderBy('connector')
    .orderBy('status')
    .orderBy('reason')
    .execute();
  return rows.map((row) => ({
    connector: row.connector,
    status: row.status as DispatchStatus,
    reason: row.reason ?? undefined,
    count: Number(row.count),
  }));
}

/** Makes dispatches due again, under the ids that the platforms know; returns how many. Those on their way are left. */
export async function replayRows(
  tx: Tx,
  workspaceId: string,
  filter: DispatchFilter,
  replay: { readonly at: Date; readonly limit: number },
): Promise<number> {
  const due = await tx
    .selectFrom('dispatch')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where(matches(filter))
    .where('status', '<>', 'sending')
    .orderBy('id')
    .limit(replay.limit)
    .forUpdate()
    .execute();
  if (due.length === 0) return 0;
  await tx
    .updateTable('dispatch')
    .set((eb) => ({
      status: 'pending',
      reason: null,
      message: null,
      attempts: 0,
      tried_since: replay.at,
      due_at: replay.at,
      claim: null,
      replays: eb('replays', '+', 1),
      updated_at: replay.at,
    }))
    .where('workspace_id', '=', workspaceId)
    .where(
      'id',
      'in',
      due.map((row) => row.id),
    )
    .execute();
  return due.length;
}

/** A conversion that was never planned. */
export interface UnplannedConversion {
  readonly eventId: string;
  readonly eventKey: string;
  readonly eventType: string;
  readonly visitorId: string;
  readonly occurredAt: Date;
}

/** Conversions recorded since then of which a connector was not told, oldest first. */
export async function findUnplanned(
  database: Database,
  workspaceId: string,
  connector: string,
  {
    eventTypes,
    since,
    limit,
  }: { readonly eventTypes: readonly string[]; readonly since: Date; readonly limit: number },
): Promise<UnplannedConversion[]> {
  const schema = quote(database.schema);
  const types = eventTypes.includes('refund') ? [...eventTypes, 'removal'] : eventTypes;
  const rows = await database.run<{
    id: string;
    key: string;
    type: string;
    visitor_id: string;
    occurred_at: Date;
  }>(
    {
      name: `${database.schema}.find_unplanned`,
      // The key of an event is looked for by its time and id, for which there is no index: only where there are any.
      text: `
with missing as materialized (
  select c.id, c.type, c.visitor_id, c.occurred_at from ${schema}.conversion c
  where c.workspace_id = $1 and c.type = any($3::text[]) and c.occurred_at >= $4::timestamptz
    and not exists (
      select from ${schema}.dispatch d where d.workspace_id = $1 and d.event_id = c.id and d.connector = $2)
  order by c.occurred_at, c.id limit $5::int4
)
select m.id, k.key, m.type, m.visitor_id, m.occurred_at from missing m
join ${schema}.event_key k on k.workspace_id = $1 and k.event_id = m.id
order by m.occurred_at, m.id`,
    },
    [workspaceId, connector, types, timestamp(since.getTime()), limit],
  );
  return rows.map((row) => ({
    eventId: row.id,
    eventKey: row.key,
    eventType: row.type === 'removal' ? 'refund' : row.type,
    visitorId: row.visitor_id,
    occurredAt: row.occurred_at,
  }));
}

/** Plans conversions after the fact; those that somebody has planned meanwhile stay as they are. */
export async function insertUnplanned(
  db: Db,
  workspaceId: string,
  connector: string,
  conversions: ReadonlyArray<UnplannedConversion & { readonly id: string }>,
  at: Date,
): Promise<number> {
  if (conversions.length === 0) return 0;
  const rows = await db
    .insertInto('dispatch')
    .values(
      conversions.map((conversion) => ({
        workspace_id: workspaceId,
        id: conversion.id,
        connector,
        event_id: conversion.eventId,
        event_key: conversion.eventKey,
        event_type: conversion.eventType,
        visitor_id: conversion.visitorId,
        occurred_at: conversion.occurredAt,
        created_at: at,
        updated_at: at,
        tried_since: at,
        due_at: at,
        status: 'pending',
        attempts: 0,
        replays: 0,
        history: '[]',
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return rows.length;
}

function matches(filter: DispatchFilter) {
  const { ids, connector, statuses, reason, eventId, visitorIds, from, to } = filter;
  return (eb: ExpressionBuilder<Tables, 'dispatch'>) =>
    eb.and([
      ...(ids === undefined ? [] : [eb('id', 'in', [...ids])]),
      ...(connector === undefined ? [] : [eb('connector', '=', connector)]),
      ...(statuses === undefined ? [] : [eb('status', 'in', [...statuses])]),
      ...(reason === undefined ? [] : [eb('reason', '=', reason)]),
      ...(eventId === undefined ? [] : [eb('event_id', '=', eventId)]),
      ...(visitorIds === undefined ? [] : [eb('visitor_id', 'in', [...visitorIds])]),
      ...(from === undefined ? [] : [eb('occurred_at', '>=', from)]),
      ...(to === undefined ? [] : [eb('occurred_at', '<', to)]),
    ]);
}

/** What is still to be looked at, in every workspace. */
export async function countWaiting(db: Db): Promise<number> {
  const row = await db
    .selectFrom('workspace')
    .innerJoin('dispatch', 'dispatch.workspace_id', 'workspace.id')
    .select((eb) => eb.fn.countAll<string>().as('waiting'))
    .where('dispatch.due_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(row.waiting);
}
