import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { TimeCursor } from '../kernel/page.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { BreakdownField, Usage } from './usage.ts';

export type UsageRow = Usage & {
  readonly workspaceId: string;
  readonly entityKey: Uint8Array;
  readonly once: boolean;
};

/** `false` where the action counts once and is there: nothing is written, and the transaction stays good. */
export async function insertUsage(tx: Tx, usage: UsageRow): Promise<boolean> {
  const row = await tx
    .insertInto('invitation_usage')
    .values({
      workspace_id: usage.workspaceId,
      id: usage.id,
      invitation_id: usage.invitationId,
      entity_type: usage.entity.type,
      entity_id: usage.entity.id ?? null,
      entity_key: usage.entityKey,
      action: usage.action,
      once: usage.once,
      metadata: JSON.stringify(usage.metadata),
      occurred_at: usage.occurredAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export interface UsageFilter {
  readonly entityType?: string | undefined;
  readonly entityKey?: Uint8Array | undefined;
  readonly action?: string | undefined;
  readonly since?: Date | undefined;
}

export async function selectUsages(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter & {
    readonly before?: TimeCursor | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<Usage[]> {
  const { before } = filter;
  let query = usagesOf(db, workspaceId, invitationId, filter).selectAll();
  if (before !== undefined)
    query = query.where(
      sql<boolean>`(occurred_at, id) < (${before.at}::timestamptz, ${before.id}::uuid)`,
    );
  const rows = await query
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map(toUsage);
}

/** The first usage of an entity. */
export async function findUsage(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter,
): Promise<Usage | undefined> {
  const row = await usagesOf(db, workspaceId, invitationId, filter)
    .selectAll()
    .orderBy('occurred_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row && toUsage(row);
}

export async function countUsages(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter,
): Promise<number> {
  const row = await usagesOf(db, workspaceId, invitationId, filter)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export interface EntityCursor {
  readonly at: Date;
  readonly type: string;
  readonly keyHex: string;
}

/** One entity of an invitation. */
export interface EntityRow {
  readonly type: string;
  readonly id: string | undefined;
  readonly key: Uint8Array;
  readonly keyHex: string;
  readonly latestAt: Date;
  readonly count: number;
}

/** Each entity once, by type and id; who was there last comes first. */
export async function selectEntities(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter & { readonly before?: EntityCursor | undefined; readonly limit: number },
): Promise<EntityRow[]> {
  const { before } = filter;
  let query = usagesOf(db, workspaceId, invitationId, filter)
    .select((eb) => [
      'entity_type',
      'entity_key',
      eb.fn.max('entity_id').as('entity_id'),
      eb.fn.max('occurred_at').as('latest_at'),
      eb.fn.countAll<string>().as('count'),
      sql<string>`encode(entity_key, 'hex')`.as('key_hex'),
    ])
    .groupBy(['entity_type', 'entity_key']);
  if (before !== undefined)
    query = query.having(
      sql<boolean>`(max(occurred_at), entity_type, encode(entity_key, 'hex')) < (${before.at}::timestamptz, ${before.type}, ${before.keyHex})`,
    );
  const rows = await query
    .orderBy('latest_at', 'desc')
    .orderBy('entity_type', 'desc')
    .orderBy('key_hex', 'desc')
    .limit(filter.limit)
    .execute();
  return rows.map((row) => ({
    type: row.entity_type,
    id: row.entity_id ?? undefined,
    key: row.entity_key,
    keyHex: row.key_hex,
    latestAt: row.latest_at,
    count: Number(row.count),
  }));
}

/** The usages of these entities, newest first: at most so many of each. */
export async function selectUsagesOfEntities(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter,
  keys: readonly Uint8Array[],
  limitOfEach: number,
): Promise<Array<Usage & { readonly keyHex: string }>> {
  if (keys.length === 0) return [];
  const ranked = usagesOf(db, workspaceId, invitationId, filter)
    .selectAll()
    .select([
      sql<string>`encode(entity_key, 'hex')`.as('key_hex'),
      sql<number>`row_number() over (partition by entity_type, entity_key order by occurred_at desc, id desc)`.as(
        'place',
      ),
    ])
    .where('entity_key', 'in', keys);
  const rows = await db
    .selectFrom(ranked.as('usages'))
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('place', '<=', limitOfEach)
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({ ...toUsage(row), keyHex: row.key_hex }));
}

/** How many usages, and how many different entities, each action has. */
export async function countByAction(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter,
): Promise<Map<string, { readonly usages: number; readonly entities: number }>> {
  const rows = await usagesOf(db, workspaceId, invitationId, filter)
    .select((eb) => [
      'action',
      eb.fn.countAll<string>().as('usages'),
      sql<string>`count(distinct (entity_type, entity_key))`.as('entities'),
    ])
    .groupBy('action')
    .execute();
  return new Map(
    rows.map((row) => [row.action, { usages: Number(row.usages), entities: Number(row.entities) }]),
  );
}

/** How often each value occurs, the most frequent first; usages without a value are left out. */
export async function countByField(
  db: Db,
  workspaceId: string,
  invitationId: string,
  filter: UsageFilter & { readonly field: BreakdownField; readonly limit: number },
): Promise<Array<{ readonly value: string; readonly count: number }>> {
  const { field } = filter;
  const value =
    field.by === 'metadata'
      ? sql<string | null>`metadata #>> ${[...field.path]}::text[]`
      : field.by === 'action'
        ? sql<string | null>`action`
        : sql<string | null>`entity_type`;
  const rows = await db
    .selectFrom(
      usagesOf(db, workspaceId, invitationId, filter)
        .select(['workspace_id', value.as('value')])
        .as('usages'),
    )
    .select((eb) => ['value', eb.fn.countAll<string>().as('count')])
    .where('workspace_id', '=', workspaceId)
    .where('value', 'is not', null)
    .groupBy('value')
    .orderBy('count', 'desc')
    .orderBy('value')
    .limit(filter.limit)
    .execute();
  return rows.map((row) => ({ value: row.value!, count: Number(row.count) }));
}

function usagesOf(db: Db, workspaceId: string, invitationId: string, filter: UsageFilter) {
  let query = db
    .selectFrom('invitation_usage')
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', '=', invitationId);
  if (filter.entityType !== undefined) query = query.where('entity_type', '=', filter.entityType);
  if (filter.entityKey !== undefined) query = query.where('entity_key', '=', filter.entityKey);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.since !== undefined) query = query.where('occurred_at', '>', filter.since);
  return query;
}

function toUsage(row: Selectable<Tables['invitation_usage']>): Usage {
  return {
    id: row.id,
    invitationId: row.invitation_id,
    entity: { type: row.entity_type, id: row.entity_id ?? undefined },
    action: row.action,
    metadata: row.metadata,
    occurredAt: row.occurred_at,
  };
}
