import type { Statement, Transaction } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** The counters of links, again from the clicks and the conversions that are credited to them. */
export function createLinkRecountStore(schemaName: string) {
  const schema = quote(schemaName);
  const statement = (name: string, text: string): Statement => ({
    name: `${schemaName}.recount_${name}`,
    text,
  });
  const links = statement(
    'links',
    `
select id from (
  select id from ${schema}.link where workspace_id = $1 union select link_id from ${schema}.link_counter where workspace_id = $1
) l where id > $2 order by id limit $3`,
  );
  const ensure = statement(
    'ensure',
    `
insert into ${schema}.link_counter (workspace_id, link_id, clicks, unique_clicks, machine_clicks, leads, sales)
select $1::uuid, l.id, 0, 0, 0, 0, 0 from unnest($2::uuid[]) as l(id)
where exists (select 1 from ${schema}.event e where e.workspace_id = $1 and e.link_id = l.id)
  or exists (select 1 from ${schema}.conversion c where c.workspace_id = $1 and c.link_id = l.id)
order by l.id on conflict do nothing`,
  );
  // Whoever counts a click or a sale of a link has its counter's row: until the end nobody does.
  const lock = statement(
    'lock',
    `select link_id from ${schema}.link_counter where workspace_id = $1 and link_id = any($2::uuid[]) order by link_id for update`,
  );
  const count = statement(
    'count',
    `
with clicks as (
  select e.link_id, count(*) filter (where e.machine is null) as people, count(*) filter (where e.machine is not null) as machines
  from ${schema}.event e where e.workspace_id = $1 and e.link_id = any($2::uuid[]) and e.type = 'link_click' group by e.link_id
), clickers as (
  select v.link_id, count(*) as visitors from ${schema}.link_visitor v
  where v.workspace_id = $1 and v.link_id = any($2::uuid[]) group by v.link_id
), earned as (
  select c.link_id,
    count(*) filter (where c.type = 'lead') - count(distinct c.reverses_id) filter (where c.type = 'removal' and c.reverses_type = 'lead') as leads,
    count(*) filter (where c.type = 'sale') - count(distinct c.reverses_id) filter (where c.type = 'removal' and c.reverses_type = 'sale') as sales
  from ${schema}.conversion c where c.workspace_id = $1 and c.link_id = any($2::uuid[]) group by c.link_id
), written as (
  update ${schema}.link_counter k set clicks = n.clicks, unique_clicks = n.visitors, machine_clicks = n.machines,
    leads = n.leads, sales = n.sales
  from (
    select l.id, coalesce(c.people, 0) as clicks, coalesce(v.visitors, 0) as visitors, coalesce(c.machines, 0) as machines,
      coalesce(e.leads, 0) as leads, coalesce(e.sales, 0) as sales
    from unnest($2::uuid[]) as l(id) left join clicks c on c.link_id = l.id left join clickers v on v.link_id = l.id
    left join earned e on e.link_id = l.id
  ) n
  where k.workspace_id = $1 and k.link_id = n.id and (k.clicks, k.unique_clicks, k.machine_clicks, k.leads, k.sales)
    is distinct from (n.clicks, n.visitors, n.machines, n.leads, n.sales)
  returning 1
)
select count(*)::int4 as count from written`,
  );
  const revenue = statement(
    'revenue',
    `
with sums as (
  select c.link_id, c.currency, sum(c.amount_minor)::int8 as amount from ${schema}.conversion c
  where c.workspace_id = $1 and c.link_id = any($2::uuid[]) and coalesce(c.reverses_type, c.type) = 'sale'
    and c.amount_minor is not null and c.currency is not null
  group by c.link_id, c.currency
), all_sums as (
  select link_id, currency, amount from sums
  union all
  select r.link_id, r.currency, 0 from ${schema}.link_revenue r
  where r.workspace_id = $1 and r.link_id = any($2::uuid[]) and r.amount_minor <> 0
    and not exists (select 1 from sums s where s.link_id = r.link_id and s.currency = r.currency)
), written as (
  insert into ${schema}.link_revenue (workspace_id, link_id, currency, amount_minor)
  select $1::uuid, link_id, currency, amount from all_sums order by link_id, currency
  on conflict (workspace_id, link_id, currency) do update set amount_minor = excluded.amount_minor
    where link_revenue.amount_minor <> excluded.amount_minor
  returning 1
)
select count(*)::int4 as count from written`,
  );

  return {
    findLinks: async (database: Database, workspaceId: string, after: string, limit: number) =>
      (await database.run<{ id: string }>(links, [workspaceId, after, limit])).map(({ id }) => id),
    /** How many counters and sums were wrong. */
    async recount(tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<number> {
      await tx.run(ensure, [workspaceId, ids]);
      await tx.run(lock, [workspaceId, ids]);
      const [counters] = await tx.run<{ count: number }>(count, [workspaceId, ids]);
      const [sums] = await tx.run<{ count: number }>(revenue, [workspaceId, ids]);
      return (counters?.count ?? 0) + (sums?.count ?? 0);
    },
  };
}
