import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Commission, CommissionStatus, Suspicion } from './commission.ts';

export async function insertCommission(
  tx: Tx,
  workspaceId: string,
  commission: Commission,
): Promise<void> {
  await tx
    .insertInto('commission')
    .values({
      workspace_id: workspaceId,
      id: commission.id,
      program_id: commission.programId,
      program_version: commission.programVersion,
      rule: commission.rule,
      partner_id: commission.partnerId,
      trigger: commission.trigger,
      trigger_id: commission.triggerId,
      trigger_at: commission.triggerAt,
      touch_id: commission.touchId,
      customer_id: commission.visitorId,
      unit: commission.unit,
      granted_minor: commission.grantedMinor,
      capped_minor: commission.cappedMinor,
      net_minor: commission.netMinor,
      held_until: commission.heldUntil,
      flags: JSON.stringify(commission.flags),
      decision: commission.decision,
      decided_at: commission.decidedAt,
      decided_by: commission.decidedBy,
      note: commission.note,
      created_at: commission.createdAt,
    })
    .execute();
}

/** What may change of a commission: its entries, what is suspicious, and what somebody decided. */
export async function updateCommission(
  tx: Tx,
  workspaceId: string,
  commission: Commission,
): Promise<void> {
  await tx
    .updateTable('commission')
    .set({
      net_minor: commission.netMinor,
      flags: JSON.stringify(commission.flags),
      decision: commission.decision,
      decided_at: commission.decidedAt,
      decided_by: commission.decidedBy,
      note: commission.note,
    })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', commission.id)
    .execute();
}

/** The commissions that people have earned somebody, in the order of what earned them. */
export async function selectCommissionsOf(
  db: Db,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<Commission[]> {
  if (visitorIds.length === 0) return [];
  const rows = await db
    .selectFrom('commission')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('customer_id', '=', sql<string>`any(${[...visitorIds]}::uuid[])`)
    .orderBy('trigger_at')
    .orderBy('id')
    .execute();
  return rows.map(toCommission);
}

export async function findCommission(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<Commission | undefined> {
  const row = await db
    .selectFrom('commission')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toCommission(row);
}

/** What a rule has given to a partner, or to all, of one currency and of all together; what was taken back is not given. */
export async function sumCommissions(
  db: Db,
  workspaceId: string,
  of: {
    readonly programId: string;
    readonly rule: string;
    readonly unit: string;
    readonly partnerId?: string | undefined;
  },
): Promise<{ readonly rewards: number; readonly amountMinor: bigint }> {
  let query = db
    .selectFrom('commission')
    .select([
      sql<string>`count(*) filter (where ${gives})`.as('count'),
      sql<string>`coalesce(sum(case when net_minor > 0 then net_minor else granted_minor end)
        filter (where unit = ${of.unit} and ${gives}), 0)`.as('amount'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('program_id', '=', of.programId)
    .where('rule', '=', of.rule);
  if (of.partnerId !== undefined) query = query.where('partner_id', '=', of.partnerId);
  const row = await query.executeTakeFirstOrThrow();
  return { rewards: Number(row.count), amountMinor: BigInt(row.amount) };
}

/** What waits for review keeps its place: it may be approved. */
const gives = sql<boolean>`(net_minor > 0 or (decision is null and flags <> '[]'::jsonb))`;

export interface CommissionFilter {
  readonly partnerId: string | undefined;
  readonly programId: string | undefined;
  readonly status: CommissionStatus | undefined;
  readonly flagged: boolean | undefined;
  readonly now: Date;
}

/** Newest first: ids sort by when they were made. */
export async function selectCommissions(
  db: Db,
  workspaceId: string,
  filter: CommissionFilter,
  page: { readonly before: string | undefined; readonly limit: number; readonly offset: number },
): Promise<Commission[]> {
  let query = matching(db, workspaceId, filter).selectAll();
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  const rows = await query.orderBy('id', 'desc').limit(page.limit).offset(page.offset).execute();
  return rows.map(toCommission);
}

/** How many there are and what is left of them, by currency. */
export async function totalCommissions(db: Db, workspaceId: string, filter: CommissionFilter) {
  const rows = await matching(db, workspaceId, filter)
    .select((eb) => [
      'unit',
      eb.fn.countAll<string>().as('count'),
      eb.fn.sum<string>('granted_minor').as('granted'),
      eb.fn.sum<string>('net_minor').as('net'),
    ])
    .groupBy('unit')
    .execute();
  const totals = rows.map((row) => ({
    unit: row.unit,
    commissions: Number(row.count),
    grantedMinor: BigInt(row.granted),
    netMinor: BigInt(row.net),
  }));
  // Not by the database, whose collation is whichever.
  return totals.sort((one, other) => (one.unit < other.unit ? -1 : 1));
}

function matching(db: Db, workspaceId: string, filter: CommissionFilter) {
  const { partnerId, programId, status, flagged, now } = filter;
  let query = db.selectFrom('commission').where('workspace_id', '=', workspaceId);
  if (partnerId !== undefined) query = query.where('partner_id', '=', partnerId);
  if (programId !== undefined) query = query.where('program_id', '=', programId);
  if (flagged !== undefined)
    query = query.where(sql<boolean>`(flags <> '[]'::jsonb) = ${flagged}::boolean`);
  if (status === undefined) return query;
  const conditions: Readonly<Record<CommissionStatus, ReturnType<typeof sql<boolean>>>> = {
    rejected: sql<boolean>`decision = 'rejected'`,
    capped: sql<boolean>`granted_minor = 0`,
    review: sql<boolean>`net_minor = 0 and granted_minor > 0 and decision is null and flags <> '[]'::jsonb`,
    reversed: sql<boolean>`net_minor = 0 and granted_minor > 0 and (decision = 'approved' or (decision is null and flags = '[]'::jsonb))`,
    held: sql<boolean>`net_minor > 0 and held_until > ${now}::timestamptz`,
    available: sql<boolean>`net_minor > 0 and (held_until is null or held_until <= ${now}::timestamptz)`,
  };
  return query.where(conditions[status]);
}

function toCommission(row: Selectable<Tables['commission']>): Commission {
  return {
    id: row.id,
    programId: row.program_id,
    programVersion: row.program_version,
    rule: row.rule,
    partnerId: row.partner_id,
    trigger: row.trigger,
    triggerId: row.trigger_id,
    triggerAt: row.trigger_at,
    touchId: row.touch_id,
    visitorId: row.customer_id,
    unit: row.unit,
    grantedMinor: row.granted_minor,
    cappedMinor: row.capped_minor,
    netMinor: row.net_minor,
    heldUntil: row.held_until,
    flags: row.flags as readonly Suspicion[],
    decision: row.decision,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    note: row.note,
    createdAt: row.created_at,
  };
}
