import { sql } from 'kysely';

import { quote } from '../store/migrate.ts';
import type { Reading } from './activity-store.ts';
import type { TalliedConversions } from './conversion-tally.ts';
import type { ReportWindow } from './report-window.ts';

/**
 * Conversions of a window counted together, where no filter asks for more of each: a number has no need of its rows.
 * What takes back is counted as in `tallyConversions`.
 */
export async function selectConversionTotals(
  { db, schema: schemaName, workspaceId }: Reading,
  { from, to }: ReportWindow,
): Promise<TalliedConversions> {
  const schema = sql.raw(quote(schemaName));
  const { rows } = await sql<{
    readonly conversions: number;
    readonly leads: number;
    readonly sales: number;
    readonly buyers: number;
    readonly revenue: ReadonlyArray<readonly [currency: string, amountMinor: string]>;
  }>`
with counted as materialized (
  select c.id, c.type, coalesce(c.reverses_type, c.type) as goal, c.reverses_id, c.visitor_id, c.amount_minor, c.currency,
    case when c.type not in ('refund', 'removal') then 1 when c.type = 'removal' and c.reverses_id is not null then -1 else 0 end as counts
  from ${schema}.conversion c
  where c.workspace_id = ${workspaceId} and c.occurred_at >= ${new Date(from)} and c.occurred_at < ${new Date(to)}
), removed as (select distinct reverses_id from counted where counts = -1)
select coalesce(sum(c.counts), 0)::float8 as conversions,
  coalesce(sum(c.counts) filter (where c.goal = 'lead'), 0)::float8 as leads,
  coalesce(sum(c.counts) filter (where c.goal = 'sale'), 0)::float8 as sales,
  count(distinct case when c.type = 'sale' and r.reverses_id is null then (
    select v.root_id from ${schema}.visitor v where v.workspace_id = ${workspaceId} and v.id = c.visitor_id) end)::float8 as buyers,
  (select coalesce(json_agg(json_build_array(currency, amount::text)), '[]') from (
    select currency, sum(amount_minor) as amount from counted
    where goal = 'sale' and currency is not null and amount_minor is not null group by currency) m) as revenue
from counted c left join removed r on r.reverses_id = c.id`.execute(db);
  const { conversions, leads, sales, buyers, revenue } = rows[0]!;
  return {
    conversions,
    leads,
    sales,
    buyers,
    revenue: revenue
      .map(([currency, amountMinor]) => ({ currency, amountMinor: BigInt(amountMinor) }))
      .sort((one, other) => (one.currency < other.currency ? -1 : 1)),
  };
}
