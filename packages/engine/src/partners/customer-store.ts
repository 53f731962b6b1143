import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import { changedPeople } from '../store/changed-people.ts';
import { quote } from '../store/migrate.ts';

/** An arrival, or a coupon, by which a partner has brought somebody. Times in milliseconds. */
export interface PartnerTouch {
  readonly id: string;
  readonly rootId: string;
  readonly visitorId: string;
  readonly partnerId: string;
  readonly eventId: string;
  readonly kind: string;
  readonly rule: string | null;
  readonly linkId: string | null;
  readonly occurredAt: number;
}

/** A lead, sale or registration of somebody, and what is left of it. */
export interface CustomerConversion {
  readonly id: string;
  readonly rootId: string;
  readonly visitorId: string;
  readonly type: 'lead' | 'sale' | 'registration';
  readonly occurredAt: number;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  /** What refunds take, zero or negative. */
  readonly refundedMinor: bigint;
  readonly removed: boolean;
  /** Who is paid for it, where that was settled before. */
  readonly partnerId: string | null;
  readonly partnerTouchId: string | null;
}

/** What commissions read of people, who are named by the roots of their visitors. */
export function createCustomerStore(schemaName: string) {
  const schema = sql.raw(quote(schemaName));
  const members = (workspaceId: string, roots: readonly string[]) => sql`
member as materialized (
  select v.id, v.root_id from ${schema}.visitor v
  where v.workspace_id = ${workspaceId} and (v.id = any(${roots}::uuid[]) or (v.root_id = any(${roots}::uuid[]) and v.root_id <> v.id))
)`;

  return {
    async selectMembers(
      tx: Tx,
      workspaceId: string,
      roots: readonly string[],
    ): Promise<ReadonlyArray<{ readonly id: string; readonly rootId: string }>> {
      const { rows } = await sql<{ id: string; root_id: string }>`
with ${members(workspaceId, roots)} select id, root_id from member order by id`.execute(tx);
      return rows.map((row) => ({ id: row.id, rootId: row.root_id }));
    },

    /** The people whom visitors are now. */
    async selectRootsOf(
      tx: Tx,
      workspaceId: string,
      visitorIds: readonly string[],
    ): Promise<readonly string[]> {
      const { rows } = await sql<{ root_id: string }>`
select distinct root_id from ${schema}.visitor where workspace_id = ${workspaceId} and id = any(${[...visitorIds]}::uuid[])`.execute(
        tx,
      );
      return rows.map((row) => row.root_id);
    },

    async selectTouches(
      tx: Tx,
      workspaceId: string,
      roots: readonly string[],
    ): Promise<PartnerTouch[]> {
      const { rows } = await sql<{
        id: string;
        root_id: string;
        visitor_id: string;
        partner_id: string;
        event_id: string;
        kind: string;
        rule: string | null;
        link_id: string | null;
        occurred_at: Date;
      }>`
with ${members(workspaceId, roots)}
select t.id, m.root_id, t.visitor_id, t.partner_id, t.event_id, t.kind, t.rule, t.link_id, t.occurred_at
from member m join ${schema}.touch t on t.workspace_id = ${workspaceId} and t.visitor_id = m.id and t.partner_id is not null
order by t.occurred_at, t.id`.execute(tx);
      return rows.map((row) => ({
        id: row.id,
        rootId: row.root_id,
        visitorId: row.visitor_id,
        partnerId: row.partner_id,
        eventId: row.event_id,
        kind: row.kind,
        rule: row.rule,
        linkId: row.link_id,
        occurredAt: row.occurred_at.getTime(),
      }));
    },

    async selectConversions(
      tx: Tx,
      workspaceId: string,
      roots: readonly string[],
    ): Promise<CustomerConversion[]> {
      const { rows } = await sql<{
        id: string;
        root_id: string;
        visitor_id: string;
        type: CustomerConversion['type'];
        occurred_at: Date;
        amount_minor: bigint | null;
        currency: string | null;
        partner_id: string | null;
        partner_touch_id: string | null;
        refunded: string;
        removed: boolean;
      }>`
with ${members(workspaceId, roots)}
select c.id, m.root_id, c.visitor_id, c.type, c.occurred_at, c.amount_minor, c.currency, c.partner_id, c.partner_touch_id,
  coalesce((select sum(r.amount_minor) from ${schema}.conversion r
    where r.workspace_id = ${workspaceId} and r.reverses_id = c.id and r.type = 'refund'), 0)::text as refunded,
  exists (select from ${schema}.conversion r
    where r.workspace_id = ${workspaceId} and r.reverses_id = c.id and r.type = 'removal') as removed
from member m join ${schema}.conversion c on c.workspace_id = ${workspaceId} and c.visitor_id = m.id
  and c.type in ('lead', 'sale', 'registration')
order by c.occurred_at, c.id`.execute(tx);
      return rows.map((row) => ({
        id: row.id,
        rootId: row.root_id,
        visitorId: row.visitor_id,
        type: row.type,
        occurredAt: row.occurred_at.getTime(),
        amountMinor: row.amount_minor,
        currency: row.currency,
        refundedMinor: BigInt(row.refunded),
        removed: row.removed,
        partnerId: row.partner_id,
        partnerTouchId: row.partner_touch_id,
      }));
    },

    /** Which of these touches are kept, whoever's they are. */
    async findKeptTouches(
      tx: Tx,
      workspaceId: string,
      ids: readonly string[],
    ): Promise<ReadonlySet<string>> {
      if (ids.length === 0) return new Set();
      const { rows } = await sql<{ id: string }>`
select id from ${schema}.touch where workspace_id = ${workspaceId} and id = any(${ids}::uuid[])`.execute(
        tx,
      );
      return new Set(rows.map((row) => row.id));
    },

    /** Notes who is paid for conversions; who was noted before stays. */
    async noteSnapshots(
      tx: Tx,
      workspaceId: string,
      snapshots: ReadonlyArray<{
        readonly id: string;
        readonly partnerId: string;
        readonly touchId: string;
      }>,
    ): Promise<void> {
      if (snapshots.length === 0) return;
      const [ids, partners, touches] = [
        snapshots.map(({ id }) => id),
        snapshots.map(({ partnerId }) => partnerId),
        snapshots.map(({ touchId }) => touchId),
      ];
      await sql`
update ${schema}.conversion c set partner_id = s.partner_id, partner_touch_id = s.touch_id
from unnest(${ids}::uuid[], ${partners}::uuid[], ${touches}::uuid[]) as s(id, partner_id, touch_id)
where c.workspace_id = ${workspaceId} and c.id = s.id and c.partner_id is null`.execute(tx);
    },

    /** People of whom something may have changed since a snapshot: what earns is counted, and who comes by a partner. */
    async selectChangedRoots(
      db: Db,
      workspaceId: string,
      snapshot: string,
    ): Promise<readonly string[]> {
      const counts = sql`(e.type in ('lead', 'sale', 'registration', 'refund', 'custom') or exists (
    select from ${schema}.touch t where t.workspace_id = ${workspaceId} and t.visitor_id = e.visitor_id
      and t.event_id = e.id and t.partner_id is not null))`;
      const { rows } = await sql<{ root_id: string }>`
with ${changedPeople(schema, workspaceId, snapshot, counts)}
select distinct root_id from root order by root_id`.execute(db);
      return rows.map((row) => row.root_id);
    },

    /** People whom a partner has brought, and those whom somebody was paid for, in the order of their ids. */
    async selectRootsAfter(
      db: Db,
      workspaceId: string,
      after: string,
      limit: number,
    ): Promise<readonly string[]> {
      const { rows } = await sql<{ root_id: string }>`
select distinct v.root_id from ${schema}.visitor v
where v.workspace_id = ${workspaceId} and v.root_id > ${after}::uuid and (
  exists (select from ${schema}.touch t where t.workspace_id = ${workspaceId} and t.visitor_id = v.id and t.partner_id is not null)
  or exists (select from ${schema}.commission c where c.workspace_id = ${workspaceId} and c.customer_id = v.id))
order by 1 limit ${limit}`.execute(db);
      return rows.map((row) => row.root_id);
    },
  };
}
