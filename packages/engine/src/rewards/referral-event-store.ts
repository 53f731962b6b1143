import { sql } from 'kysely';

import type { Tx } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** A referral as rewards see it. */
export interface RewardedReferral {
  readonly id: string;
  readonly redemptionId: string;
  readonly createdAt: Date;
  readonly isActive: boolean;
  /** Both sides are one person by now. */
  readonly isSelf: boolean;
  readonly codeId: string | null;
  /** The code or the invitation that was redeemed. */
  readonly sourceId: string;
  readonly referrer: StoredParty;
  readonly referee: StoredParty;
}

interface StoredParty {
  readonly type: string;
  readonly id: string | undefined;
  readonly key: Uint8Array;
}

interface ReferralRow {
  readonly id: string;
  readonly redemption_id: string;
  readonly created_at: Date;
  readonly status: string;
  readonly code_id: string | null;
  readonly source_id: string;
  readonly referrer_type: string;
  readonly referrer_id: string | null;
  readonly referrer_key: Uint8Array;
  readonly referee_type: string;
  readonly referee_id: string | null;
  readonly referee_key: Uint8Array;
  readonly is_self: boolean | null;
}

/** A sale or a registration of who was referred, and what is left of it. */
export interface RefereeConversion {
  readonly referralId: string;
  readonly id: string;
  readonly type: 'sale' | 'registration';
  readonly occurredAt: Date;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  /** What refunds take, zero or negative. */
  readonly refundedMinor: bigint;
  readonly removed: boolean;
}

export interface RefereeEvent {
  readonly referralId: string;
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Date;
}

/**
 * What rewards read of referrals and of the people who came. A user is the person of that external id as it is now, so
 * merges and undos need no rule of their own.
 */
export function createReferralEventStore(schemaName: string) {
  const schema = sql.raw(quote(schemaName));
  /** The root of each side's person. `visitor` has the visitor's id where the type of the entity is that. */
  const rootOf = (side: 'referrer' | 'referee') => {
    const [type, id, key] = [`${side}_type`, `${side}_id`, `${side}_key`].map((name) =>
      sql.raw(`r.${name}`),
    );
    return sql`coalesce(
    (select v.root_id from ${schema}.identity i
     join ${schema}.visitor v on v.workspace_id = i.workspace_id and v.id = i.visitor_id
     where ${type} = 'user' and i.workspace_id = r.workspace_id and i.kind = 'external_id' and i.value_hash = ${key}),
    (select v.root_id from ${schema}.visitor v
     where v.workspace_id = r.workspace_id and v.id = case when ${type} = 'visitor' and ${id} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${id}::uuid end))`;
  };
  /** The visitors of who was referred, by referral. */
  const members = (workspaceId: string, ids: readonly string[]) => sql`
person as materialized (
  select r.id, ${rootOf('referee')} as root_id from ${schema}.referral r
  where r.workspace_id = ${workspaceId} and r.id = any(${ids}::uuid[])
), member as materialized (
  select id, root_id as visitor_id from person where root_id is not null
  union all
  select p.id, v.id from person p
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.root_id = p.root_id and v.root_id <> v.id
)`;

  return {
    async selectReferrals(
      tx: Tx,
      workspaceId: string,
      ids: readonly string[],
    ): Promise<RewardedReferral[]> {
      const { rows } = await sql<ReferralRow>`
select r.id, r.redemption_id, r.created_at, r.status, d.code_id, coalesce(d.code_id, d.invitation_id) as source_id,
  r.referrer_type, r.referrer_id, r.referrer_key, r.referee_type, r.referee_id, r.referee_key,
  ${rootOf('referrer')} = ${rootOf('referee')} as is_self
from ${schema}.referral r
join ${schema}.redemption d on d.workspace_id = r.workspace_id and d.id = r.redemption_id
where r.workspace_id = ${workspaceId} and r.id = any(${ids}::uuid[])
order by r.id`.execute(tx);
      return rows.map((row) => ({
        id: row.id,
        redemptionId: row.redemption_id,
        createdAt: row.created_at,
        isActive: row.status === 'active',
        isSelf: row.is_self === true,
        codeId: row.code_id,
        sourceId: row.source_id,
        referrer: party(row.referrer_type, row.referrer_id, row.referrer_key),
        referee: party(row.referee_type, row.referee_id, row.referee_key),
      }));
    },

    async selectConversions(
      tx: Tx,
      workspaceId: string,
      ids: readonly string[],
    ): Promise<RefereeConversion[]> {
      const { rows } = await sql<{
        referral_id: string;
        id: string;
        type: 'sale' | 'registration';
        occurred_at: Date;
        amount_minor: bigint | null;
        currency: string | null;
        refunded: string;
        removed: boolean;
      }>`
with ${members(workspaceId, ids)}, own as materialized (
  select m.id as referral_id, c.id, c.type, c.occurred_at, c.amount_minor, c.currency from member m
  join ${schema}.conversion c on c.workspace_id = ${workspaceId} and c.visitor_id = m.visitor_id
    and c.type in ('sale', 'registration')
)
select o.*,
  coalesce((select sum(r.amount_minor) from ${schema}.conversion r
    where r.workspace_id = ${workspaceId} and r.reverses_id = o.id and r.type = 'refund'), 0)::text as refunded,
  exists (select from ${schema}.conversion r
    where r.workspace_id = ${workspaceId} and r.reverses_id = o.id and r.type = 'removal') as removed
from own o order by o.occurred_at, o.id`.execute(tx);
      return rows.map((row) => ({
        referralId: row.referral_id,
        id: row.id,
        type: row.type,
        occurredAt: row.occurred_at,
        amountMinor: row.amount_minor,
        currency: row.currency,
        refundedMinor: BigInt(row.refunded),
        removed: row.removed,
      }));
    },

    /** Events of these names since the referral. */
    async selectEvents(
      tx: Tx,
      workspaceId: string,
      ids: readonly string[],
      names: readonly string[],
    ): Promise<RefereeEvent[]> {
      const { rows } = await sql<{
        referral_id: string;
        id: string;
        name: string;
        occurred_at: Date;
      }>`
with ${members(workspaceId, ids)}
select m.id as referral_id, e.id, e.name, e.occurred_at from member m
join ${schema}.referral r on r.workspace_id = ${workspaceId} and r.id = m.id
join ${schema}.event e on e.workspace_id = ${workspaceId} and e.visitor_id = m.visitor_id and e.occurred_at >= r.created_at
  and e.type in ('custom', 'invitation') and e.name = any(${names}::text[])
order by e.occurred_at, e.id`.execute(tx);
      return rows.map((row) => ({
        referralId: row.referral_id,
        id: row.id,
        name: row.name,
        occurredAt: row.occurred_at,
      }));
    },

    /** Which of these are still kept, whoever they belong to; each was looked for in vain among its referee's. */
    async findKept(
      tx: Tx,
      workspaceId: string,
      triggers: ReadonlyArray<{ readonly id: string; readonly at: Date }>,
    ): Promise<ReadonlySet<string>> {
      if (triggers.length === 0) return new Set();
      const ids = triggers.map(({ id }) => id);
      const times = triggers.map(({ at }) => at.toISOString());
      const { rows } = await sql<{ id: string }>`
select c.id from ${schema}.conversion c where c.workspace_id = ${workspaceId} and c.id = any(${ids}::uuid[])
union
select e.id from ${schema}.event e
where e.workspace_id = ${workspaceId} and e.occurred_at = any(${times}::timestamptz[]) and e.id = any(${ids}::uuid[])
  and e.type in ('custom', 'invitation')`.execute(tx);
      return new Set(rows.map((row) => row.id));
    },
  };
}

function party(type: string, id: string | null, key: Uint8Array): StoredParty {
  return { type, id: id ?? undefined, key };
}
