import { timestamp } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** What people are worth, again from their events: conversions and revenue of visitors. */
export function createValueStore(schemaName: string) {
  const schema = quote(schemaName);
  const statement = (name: string, text: string): Statement => ({
    name: `${schemaName}.rebuild_${name}`,
    text,
  });
  const conversions = statement(
    'conversions',
    `
with missing as (
  insert into ${schema}.conversion (workspace_id, id, visitor_id, type, occurred_at, recorded_at, amount_minor, currency)
  select e.workspace_id, e.id, e.visitor_id, e.type, e.occurred_at, e.recorded_at, e.amount_minor, e.currency
  from ${schema}.event e
  where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type in ('lead', 'sale', 'registration')
    and e.occurred_at >= $3::timestamptz
  order by e.id
  on conflict (workspace_id, id) do nothing returning 1
)
select count(*)::int4 as count from missing`,
  );
  const newest = statement(
    'newest_conversions',
    `
update ${schema}.visitor r set revision = r.revision + 1, last_conversion_at = n.newest
from (
  select v.root_id, max(c.occurred_at) as newest from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
  where v.workspace_id = $1 and v.id = any($2::uuid[]) group by v.root_id
) n where r.workspace_id = $1 and r.id = n.root_id and r.last_conversion_at is distinct from n.newest`,
  );
  const revenue = statement(
    'visitor_revenue',
    `
with sums as (
  select e.visitor_id, e.currency, sum(case e.type when 'sale' then e.amount_minor else -e.amount_minor end) as amount
  from ${schema}.event e
  where e.workspace_id = $1 and e.visitor_id = any($2::uuid[]) and e.type in ('sale', 'refund')
    and e.amount_minor is not null and e.currency is not null
  group by e.visitor_id, e.currency
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
  const counted = async (
    tx: Transaction,
    what: Statement,
    values: readonly unknown[],
  ): Promise<number> => (await tx.run<{ count: number }>(what, values))[0]?.count ?? 0;

  return {
    /** Conversions since a time that have no row; how many there were. */
    insertConversions: (
      tx: Transaction,
      workspaceId: string,
      ids: readonly string[],
      since: number,
    ) =>
      counted(tx, conversions, [
        workspaceId,
        ids,
        Number.isFinite(since) ? timestamp(since) : '-infinity',
      ]),
    noteNewestConversions: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(newest, [workspaceId, ids]),
    /** How many sums were wrong. */
    countRevenue: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      counted(tx, revenue, [workspaceId, ids]),
    insertClickers: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run(clicked, [workspaceId, ids]),
  };
}
