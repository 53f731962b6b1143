import { sql } from 'kysely';

import type { Db } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** A referral link as its partner sees it. */
export interface PartnerLink {
  readonly id: string;
  readonly domain: string;
  readonly key: string;
  readonly url: string;
  readonly clicks: number;
  readonly leads: number;
  readonly sales: number;
}

/** The live links of a partner, newest first, 200 at most. */
export async function selectPartnerLinks(
  db: Db,
  workspaceId: string,
  partnerId: string,
): Promise<PartnerLink[]> {
  const rows = await db
    .selectFrom('link')
    .leftJoin('link_counter', (join) =>
      join
        .onRef('link_counter.workspace_id', '=', 'link.workspace_id')
        .onRef('link_counter.link_id', '=', 'link.id'),
    )
    .select([
      'link.id',
      'link.domain',
      'link.key',
      'link.url',
      'link_counter.clicks',
      'link_counter.leads',
      'link_counter.sales',
    ])
    .where('link.workspace_id', '=', workspaceId)
    .where('link.partner_id', '=', partnerId)
    .where('link.archived_at', 'is', null)
    .orderBy('link.id', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    domain: row.domain,
    key: row.key,
    url: row.url,
    clicks: Number(row.clicks ?? 0),
    leads: Number(row.leads ?? 0),
    sales: Number(row.sales ?? 0),
  }));
}

/** How many arrivals a partner has brought, and how many people became leads and customers by them. */
export async function countReferrals(
  db: Db,
  schemaName: string,
  workspaceId: string,
  partnerId: string,
): Promise<{ readonly clicks: number; readonly leads: number; readonly customers: number }> {
  const schema = sql.raw(quote(schemaName));
  const { rows } = await sql<{ clicks: string; leads: string; customers: string }>`
select
  (select count(*) from ${schema}.touch t where t.workspace_id = ${workspaceId} and t.partner_id = ${partnerId}::uuid
    and t.kind in ('click', 'campaign')) as clicks,
  (select count(distinct v.root_id) from ${schema}.conversion c
    join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = c.visitor_id
    where c.workspace_id = ${workspaceId} and c.partner_id = ${partnerId}::uuid and c.type in ('lead', 'registration')) as leads,
  (select count(distinct v.root_id) from ${schema}.conversion c
    join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = c.visitor_id
    where c.workspace_id = ${workspaceId} and c.partner_id = ${partnerId}::uuid and c.type = 'sale') as customers`.execute(
    db,
  );
  const row = rows[0]!;
  return {
    clicks: Number(row.clicks),
    leads: Number(row.leads),
    customers: Number(row.customers),
  };
}

/** The first and the last partner who has brought a person, by what all of their visitors came by. */
export async function findPartnersOfPerson(
  db: Db,
  schemaName: string,
  workspaceId: string,
  visitorId: string,
): Promise<
  | undefined
  | Readonly<
      Record<
        'first' | 'last',
        {
          readonly partnerId: string;
          readonly linkId: string | null;
          readonly touchId: string;
          readonly at: Date;
        }
      >
    >
> {
  const schema = sql.raw(quote(schemaName));
  const { rows } = await sql<{
    partner_id: string;
    link_id: string | null;
    id: string;
    occurred_at: Date;
  }>`
with member as materialized (
  select m.id from ${schema}.visitor v
  join ${schema}.visitor m on m.workspace_id = ${workspaceId} and (m.id = v.root_id or m.root_id = v.root_id)
  where v.workspace_id = ${workspaceId} and v.id = ${visitorId}::uuid
), own as materialized (
  select t.partner_id, t.link_id, t.id, t.occurred_at from member m
  join ${schema}.touch t on t.workspace_id = ${workspaceId} and t.visitor_id = m.id and t.partner_id is not null
)
(select * from own order by occurred_at, id limit 1)
union all
(select * from own order by occurred_at desc, id desc limit 1)`.execute(db);
  const [first, last] = rows.map((row) => ({
    partnerId: row.partner_id,
    linkId: row.link_id,
    touchId: row.id,
    at: row.occurred_at,
  }));
  return first === undefined || last === undefined ? undefined : { first, last };
}
