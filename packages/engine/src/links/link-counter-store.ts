import { batchInsert } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { LinkCount, LinkRevenue } from './link-count.ts';

/** A visitor behind a click on a link. */
export type LinkVisitor = readonly [linkId: string, visitorId: string];

export type LinkCounterStore = ReturnType<typeof createLinkCounterStore>;

/** Counters of links. They follow only from events that were claimed in the same transaction. */
export function createLinkCounterStore(schemaName: string) {
  const schema = quote(schemaName);
  const counters = `link_counter (workspace_id, link_id, clicks, unique_clicks, machine_clicks, leads, sales)`;
  const given = `unnest($2::uuid[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
  as t(link_id, clicks, unique_clicks, machine_clicks, leads, sales)`;
  const add = `on conflict (workspace_id, link_id) do update set
  clicks = link_counter.clicks + excluded.clicks,
  unique_clicks = link_counter.unique_clicks + excluded.unique_clicks,
  machine_clicks = link_counter.machine_clicks + excluded.machine_clicks,
  leads = link_counter.leads + excluded.leads,
  sales = link_counter.sales + excluded.sales`;
  // Locks the counters in the order of links: that of its rows.
  const count = batchInsert<LinkCount>(
    schemaName,
    'link_counter',
    {
      link_id: ['uuid', (row) => row.linkId],
      clicks: ['int8', (row) => row.clicks],
      unique_clicks: ['int8', (row) => row.uniqueClicks],
      machine_clicks: ['int8', (row) => row.machineClicks],
      leads: ['int8', (row) => row.leads],
      sales: ['int8', (row) => row.sales],
    },
    add,
  );
  const insertVisitors = batchInsert<LinkVisitor>(schemaName, 'link_visitor', {
    link_id: ['uuid', ([linkId]) => linkId],
    visitor_id: ['uuid', ([, visitorId]) => visitorId],
  });
  // A visitor makes a click unique once for ever, whoever comes first.
  const countVisitors: Statement = {
    name: `${schemaName}.count_link_visitors`,
    text: `
with fresh as (
  insert into ${schema}.link_visitor (workspace_id, link_id, visitor_id)
  select $1::uuid, t.link_id, t.visitor_id from unnest($8::uuid[], $9::uuid[]) as t(link_id, visitor_id)
  order by t.link_id, t.visitor_id
  on conflict do nothing
  returning link_id
), counted as (
  select link_id, count(*) as unique_clicks from fresh group by link_id
)
insert into ${schema}.${counters}
select $1::uuid, t.link_id, t.clicks, t.unique_clicks + coalesce(c.unique_clicks, 0), t.machine_clicks, t.leads, t.sales
from ${given} left join counted c on c.link_id = t.link_id
order by t.link_id
${add}`,
  };
  const revenue: Statement = {
    name: `${schemaName}.count_link_revenue`,
    text: `
insert into ${schema}.link_revenue (workspace_id, link_id, currency, amount_minor)
select $1::uuid, t.link_id, t.currency, t.amount_minor
from unnest($2::uuid[], $3::text[], $4::int8[]) as t(link_id, currency, amount_minor)
order by t.link_id, t.currency
on conflict (workspace_id, link_id, currency) do update set amount_minor = link_revenue.amount_minor + excluded.amount_minor`,
  };

  return {
    /**
     * Adds to the counters, or with negative numbers takes back. `visitors` are the people behind the clicks who may
     * have clicked before, each named once for each link: those who have not count as unique. One statement, so that
     * counters are locked in one order.
     */
    countLinks(
      tx: Transaction,
      workspaceId: string,
      visitors: readonly LinkVisitor[],
      links: readonly LinkCount[],
    ): void {
      const sorted = links.toSorted((one, other) => (one.linkId < other.linkId ? -1 : 1));
      const values = count.values(workspaceId, sorted);
      if (visitors.length === 0) tx.write(count.statement, values);
      else void tx.run(countVisitors, [...values, ...columnsOf(visitors)]);
    },
    /** People who are new themselves, so that nobody can know them yet; `countLinks` gets them as numbers. */
    insertVisitors(tx: Transaction, workspaceId: string, visitors: readonly LinkVisitor[]): void {
      tx.write(insertVisitors.statement, insertVisitors.values(workspaceId, visitors));
    },
    addRevenue(
      tx: Transaction,
      workspaceId: string,
      rows: readonly LinkRevenue[],
    ): Promise<unknown> {
      return tx.run(revenue, [
        workspaceId,
        rows.map((row) => row.linkId),
        rows.map((row) => row.currency),
        rows.map((row) => row.amountMinor.toString()),
      ]);
    },
  };
}

function columnsOf(visitors: readonly LinkVisitor[]): [links: string[], visitors: string[]] {
  return [visitors.map(([linkId]) => linkId), visitors.map(([, visitorId]) => visitorId)];
}
