import { sql } from 'kysely';

import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

export interface VariantCounts {
  readonly variant: string;
  readonly clicks: number;
  readonly people: number;
}

export interface VariantConversion {
  readonly variant: string;
  readonly personId: string;
  readonly type: string;
  /** What a sale was, or what a refund or removal took back, with its sign. */
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  /** Of what it takes back. */
  readonly reversesType: string | null;
  readonly isRemoved: boolean;
}

interface Scope {
  readonly workspaceId: string;
  readonly linkId: string;
  readonly since: Date;
}

/**
 * A person belongs to the variant that they were sent to first, wherever merges have led since; so a person who came
 * with two devices counts once.
 */
function assigned(database: Database, { workspaceId, linkId, since }: Scope) {
  const schema = sql.raw(quote(database.schema));
  return sql`
clicks as (
  select coalesce(v.root_id, e.visitor_id) as person_id, e.properties->>'variant' as variant, e.occurred_at, e.id
  from ${schema}.event e
  left join ${schema}.visitor v on v.workspace_id = e.workspace_id and v.id = e.visitor_id
  where e.workspace_id = ${workspaceId}::uuid and e.link_id = ${linkId}::uuid and e.type = 'link_click'
    and e.machine is null and e.occurred_at >= ${since} and e.properties->>'variant' is not null
), assigned as (
  select distinct on (person_id) person_id, variant, occurred_at from clicks
  where person_id is not null order by person_id, occurred_at, id
)`;
}

export async function selectVariantCounts(
  database: Database,
  scope: Scope,
): Promise<VariantCounts[]> {
  const { rows } = await sql<{ variant: string; clicks: string; people: string }>`
with ${assigned(database, scope)}
select c.variant, c.clicks, coalesce(p.people, 0) as people
from (select variant, count(*) as clicks from clicks group by variant) c
left join (select variant, count(*) as people from assigned group by variant) p on p.variant = c.variant
`.execute(database.db);
  return rows.map((row) => ({
    variant: row.variant,
    clicks: Number(row.clicks),
    people: Number(row.people),
  }));
}

/** In the order in which they were recorded: what comes late changes nothing of what has been looked at. */
export async function selectVariantConversions(
  database: Database,
  scope: Scope,
): Promise<VariantConversion[]> {
  const schema = sql.raw(quote(database.schema));
  const { rows } = await sql<{
    variant: string;
    person_id: string;
    type: string;
    amount_minor: bigint | string | null;
    currency: string | null;
    reverses_type: string | null;
    is_removed: boolean;
  }>`
with ${assigned(database, scope)}
select a.variant, a.person_id, c.type, c.amount_minor, c.currency, c.reverses_type,
  exists (
    select 1 from ${schema}.conversion r
    where r.workspace_id = c.workspace_id and r.reverses_id = c.id and r.type = 'removal'
  ) as is_removed
from ${schema}.conversion c
join ${schema}.visitor v on v.workspace_id = c.workspace_id and v.id = c.visitor_id
join assigned a on a.person_id = v.root_id
where c.workspace_id = ${scope.workspaceId}::uuid and c.link_id = ${scope.linkId}::uuid
  and c.occurred_at >= a.occurred_at
order by c.recorded_at, c.id
`.execute(database.db);
  return rows.map((row) => ({
    variant: row.variant,
    personId: row.person_id,
    type: row.type,
    amountMinor: row.amount_minor === null ? null : BigInt(row.amount_minor),
    currency: row.currency,
    reversesType: row.reverses_type,
    isRemoved: row.is_removed,
  }));
}
