import type { EventType } from '../ingest/event.ts';
import { timestamp } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** An event that is a conversion, or takes one back. */
interface MissingConversion {
  readonly id: string;
  readonly visitor_id: string;
  readonly type: EventType;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

/** What people are worth, again from their events: conversions and revenue of visitors. */
export function createValueStore(schemaName: string) {
  const schema = quote(schemaName);
  const statement = (name: string, text: string): Statement => ({
    name: `${schemaName}.rebuild_${name}`,
    text,
  });
  // What takes back was recorded with what it takes back; both are conversions.
  const missing = statement(
    'missing_conversions',
    `
select e.id, e.visitor_id, e.type, e.occurred_at, e.recorded_at, e.amount_minor, e.currency, e.properties
from ${schema}.event e
where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type in ('lead', 'sale', 'registration', 'refund')
  and e.occurred_at >= $3::timestamptz
  and not exists (select 1 from ${schema}.conversion c where c.workspace_id = e.workspace_id and c.id = e.id)
order by e.id limit $4`,
  );
  const waited = statement(
    'waited_for',
    `
select r.reverses_key as key from ${schema}.conversion r
left join ${schema}.event_key k on k.workspace_id = r.workspace_id and k.key = r.reverses_key
where r.workspace_id = $1 and r.reverses_key is not null and coalesce(k.event_id, r.reverses_key) = any($2::uuid[])`,
  );
  const newest = statement(
    'newest_conversions',
    `
update ${schema}.visitor r set revision = r.revision + 1, last_conversion_at = n.newest
from (
  select v.root_id, max(c.occurred_at) as newest from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
    and c.type not in ('refund', 'removal')
  where v.workspace_id = $1 and v.id = any($2::uuid[]) group by v.root_id
) n where r.workspace_id = $1 and r.id = n.root_id and r.last_conversion_at is distinct from n.newest`,
  );
  // Whoever removes what these people bought, or takes that back, changes their sums: until the end nobody does.
  const lock = statement(
    'lock_visitor_revenue',
    `
select visitor_id from ${schema}.visitor_revenue where workspace_id = $1 and visitor_id = any($2::uuid[])
order by visitor_id, currency for no key update`,
  );
  // What a removal takes stands in its row alone. Where that is not kept any more, the sum of its visitor stays.
  const revenue = statement(
    'visitor_revenue',
    `
with part as (
  select e.visitor_id, e.currency, case e.type when 'sale' then e.amount_minor else -e.amount_minor end as amount
  from ${schema}.event e
  where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type in ('sale', 'refund')
    and e.amount_minor is not null and e.currency is not null
  union all
  select c.visitor_id, c.currency, c.amount_minor from ${schema}.conversion c
  where c.workspace_id = $1 and c.visitor_id = any($2::uuid[]) and c.type = 'removal' and c.reverses_type = 'sale'
    and c.amount_minor is not null and c.currency is not null
  union all
  select r.visitor_id, r.currency, 0 from ${schema}.visitor_revenue r
  where r.workspace_id = $1 and r.visitor_id = any($2::uuid[])
), unknown as (
  select e.visitor_id from ${schema}.event e
  where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type = 'refund' and e.amount_minor is null
    and not exists (select 1 from ${schema}.conversion c where c.workspace_id = e.workspace_id and c.id = e.id)
), sums as (
  select visitor_id, currency, sum(amount) as amount from part
  where visitor_id not in (select visitor_id from unknown) group by visitor_id, currency
), written as (
  insert into ${schema}.visitor_revenue (workspace_id, visitor_id, currency, amount_minor)
  select $1::uuid, visitor_id, currency, amount::int8 from sums order by visitor_id, currency
  on conflict (workspace_id, visitor_id, currency) do update set amount_minor = excluded.amount_minor
    where visitor_revenue.amount_minor <> excluded.amount_minor
  returning 1
)
select count(*)::int4 as count from written`,
  );
  const clicked = statement(
    'link_visitors',
    `
insert into ${schema}.link_visitor (workspace_id, link_id, visitor_id)
select distinct $1::uuid, e.link_id, e.visitor_id from ${schema}.event e
where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type = 'link_click' and e.link_id is not null
order by 2, 3
on conflict do nothing`,
  );
  return {
    /** Events since a time that have no row among the conversions, and need one; so many at most. */
    findMissing: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      { since, limit }: { readonly since: number; readonly limit: number },
    ) =>
      tx.run<MissingConversion>(missing, [
        workspaceId,
        ids,
        Number.isFinite(since) ? timestamp(since) : '-infinity',
        limit,
      ]),
    /** By which keys and ids refunds name these conversions. */
    findWaitedFor: async (tx: Transaction, workspaceId: string, conversionIds: readonly string[]) =>
      (await tx.run<{ key: string }>(waited, [workspaceId, conversionIds])).map(({ key }) => key),
    noteNewestConversions: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(newest, [workspaceId, ids]),
    /** How many sums were wrong. Conversions are tied before. */
    async countRevenue(
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
    ): Promise<number> {
      await tx.run(lock, [workspaceId, ids]);
      return (await tx.run<{ count: number }>(revenue, [workspaceId, ids]))[0]?.count ?? 0;
    },
    insertClickers: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(clicked, [workspaceId, ids]),
  };
}
