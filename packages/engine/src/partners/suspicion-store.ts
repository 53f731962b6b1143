import { sql } from 'kysely';

import type { Tx } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { SuspicionFacts } from './suspicion.ts';

/** A commission to look at: who earned it, by which touch, of whom, and when. */
export interface Suspect {
  readonly touchId: string;
  readonly partnerId: string;
  readonly rootId: string;
  readonly earnedAt: number;
}

/** So many partners in a circle are looked for. */
const ringMax = 5;

/** Reads the facts that suspicions follow from, in the order of the suspects; `undefined` where the touch is not kept. */
export function createSuspicionStore(schemaName: string) {
  const schema = sql.raw(quote(schemaName));
  /** Who partners are as people: by their external id and their address. */
  const partnerRoots = (workspaceId: string, which: ReturnType<typeof sql>) => sql`
  select p.id as partner_id, v.root_id, i.kind from ${schema}.partner p
  join ${schema}.identity i on i.workspace_id = ${workspaceId} and i.kind = 'external_id' and i.value_hash = p.person_key
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = i.visitor_id
  where p.workspace_id = ${workspaceId} and ${which}
  union all
  select p.id, v.root_id, i.kind from ${schema}.partner p
  join ${schema}.identity i on i.workspace_id = ${workspaceId} and i.kind = 'email' and i.value_hash = p.email_hash
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = i.visitor_id
  where p.workspace_id = ${workspaceId} and ${which}`;

  async function findRing(
    tx: Tx,
    workspaceId: string,
    { partnerId, rootId }: Suspect,
  ): Promise<readonly string[]> {
    const { rows } = await sql<{ path: string[] }>`
with recursive person as materialized (${partnerRoots(workspaceId, sql`true`)}
), edge as materialized (
  select distinct c.partner_id as from_id, b.partner_id as to_id from ${schema}.commission c
  join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = c.customer_id
  join person b on b.root_id = v.root_id and b.partner_id <> c.partner_id
  where c.workspace_id = ${workspaceId} and c.decision is distinct from 'rejected'
), walk as (
  select distinct b.partner_id as at_id, array[b.partner_id] as path from person b
  where b.root_id = ${rootId}::uuid and b.partner_id <> ${partnerId}::uuid
  union all
  select e.to_id, w.path || e.to_id from walk w join edge e on e.from_id = w.at_id
  where not e.to_id = any(w.path) and cardinality(w.path) < ${ringMax} and w.at_id <> ${partnerId}::uuid
)
select path from walk where at_id = ${partnerId}::uuid order by cardinality(path), path limit 1`.execute(
      tx,
    );
    return rows[0]?.path ?? [];
  }

  return {
    async readFacts(
      tx: Tx,
      workspaceId: string,
      suspects: readonly Suspect[],
    ): Promise<ReadonlyArray<SuspicionFacts | undefined>> {
      if (suspects.length === 0) return [];
      const times = suspects.map(({ earnedAt }) => new Date(earnedAt).toISOString());
      const ids = (of: (suspect: Suspect) => string): string[] => suspects.map(of);
      const { rows } = await sql<FactRow>`
with asked as materialized (
  select * from unnest(${ids((one) => one.touchId)}::uuid[], ${ids((one) => one.partnerId)}::uuid[],
    ${ids((one) => one.rootId)}::uuid[], ${times}::timestamptz[]) with ordinality
    as a(touch_id, partner_id, root_id, earned_at, nth)
), person as materialized (${partnerRoots(workspaceId, sql`p.id = any(${ids((one) => one.partnerId)}::uuid[])`)}
), member as materialized (
  select v.id, v.root_id from ${schema}.visitor v
  where v.workspace_id = ${workspaceId} and (v.id = any(array(select root_id from asked))
    or (v.root_id = any(array(select root_id from asked)) and v.root_id <> v.id))
), partner_member as materialized (
  select v.id from ${schema}.visitor v
  where v.workspace_id = ${workspaceId} and (v.id = any(array(select root_id from person))
    or (v.root_id = any(array(select root_id from person)) and v.root_id <> v.id))
)
select a.nth::int4 as nth, t.id as touch_id, t.occurred_at as touched_at, t.click_id_type, t.medium, t.channel, t.campaign,
  coalesce((select array_agg(distinct p.kind) from person p where p.partner_id = a.partner_id and p.root_id = a.root_id), '{}') as same_by,
  (select m.id from ${schema}.merge_refusal m
    join ${schema}.visitor x on x.workspace_id = ${workspaceId} and x.id = m.visitor_id
    join ${schema}.visitor y on y.workspace_id = ${workspaceId} and y.id = m.other_visitor_id
    join person p on p.partner_id = a.partner_id and p.root_id in (x.root_id, y.root_id)
    where m.workspace_id = ${workspaceId}
      and m.visitor_id = any(array(select id from member union all select id from partner_member)) and m.reason in ('different_external_id', 'shared_device')
      and a.root_id in (x.root_id, y.root_id) and p.root_id <> a.root_id order by m.id limit 1) as shared_device_id,
  n.clicks, n.people, b.id as brought_id, b.occurred_at as brought_at,
  exists (select from member m
    join ${schema}.touch e on e.workspace_id = ${workspaceId} and e.visitor_id = m.id and e.partner_id = a.partner_id
    where m.root_id = a.root_id and e.occurred_at < coalesce(b.occurred_at, t.occurred_at)) as was_theirs,
  exists (select from ${schema}.identity i
    join ${schema}.visitor v on v.workspace_id = ${workspaceId} and v.id = i.visitor_id and v.root_id = a.root_id
    join ${schema}.partner p on p.workspace_id = ${workspaceId}
      and ((i.kind = 'external_id' and p.person_key = i.value_hash) or (i.kind = 'email' and p.email_hash = i.value_hash))
    where i.workspace_id = ${workspaceId} and i.visitor_id = any(array(select m.id from member m where m.root_id = a.root_id))
      and p.id <> a.partner_id) as is_partner
from asked a
join ${schema}.touch t on t.workspace_id = ${workspaceId} and t.id = a.touch_id
left join lateral (
  select count(*)::int4 as clicks, count(distinct f.visitor_id)::int4 as people
  from ${schema}.session s
  join ${schema}.touch f on f.workspace_id = ${workspaceId} and f.partner_id = a.partner_id and f.kind in ('click', 'campaign')
    and f.occurred_at between t.occurred_at - interval '1 hour' and t.occurred_at + interval '1 hour'
  join ${schema}.session o on o.workspace_id = ${workspaceId} and o.id = f.session_id and o.ip_prefix = s.ip_prefix
  where s.workspace_id = ${workspaceId} and s.id = t.session_id
) n on true
left join lateral (
  select e.id, e.occurred_at from member m
  join ${schema}.touch e on e.workspace_id = ${workspaceId} and e.visitor_id = m.id
    and e.occurred_at >= t.occurred_at - interval '24 hours' and e.occurred_at < t.occurred_at
    and e.kind in ('click', 'campaign', 'referrer', 'invitation') and e.partner_id is distinct from a.partner_id
  where m.root_id = a.root_id order by e.occurred_at desc, e.id limit 1
) b on true
order by a.nth`.execute(tx);
      const facts: Array<SuspicionFacts | undefined> = suspects.map(() => undefined);
      for (const row of rows) {
        const suspect = suspects[row.nth - 1]!;
        facts[row.nth - 1] = {
          touchId: row.touch_id,
          touchedAt: row.touched_at.getTime(),
          earnedAt: suspect.earnedAt,
          sameBy: row.same_by.toSorted(),
          sharedDeviceId: row.shared_device_id,
          clickIdType: row.click_id_type,
          medium: row.medium,
          channel: row.channel,
          campaign: row.campaign,
          networkClicks: row.clicks ?? 0,
          networkPeople: row.people ?? 0,
          broughtBy:
            row.brought_id === null || row.brought_at === null
              ? null
              : { touchId: row.brought_id, at: row.brought_at.getTime() },
          wasTheirsBefore: row.was_theirs,
          ring: row.is_partner ? await findRing(tx, workspaceId, suspect) : [],
        };
      }
      return facts;
    },

    /** The people who partners are. */
    async selectRootsOfPartners(
      tx: Tx,
      workspaceId: string,
      partnerIds: readonly string[],
    ): Promise<readonly string[]> {
      if (partnerIds.length === 0) return [];
      const { rows } = await sql<{ root_id: string }>`
select distinct root_id from (${partnerRoots(workspaceId, sql`p.id = any(${[...partnerIds]}::uuid[])`)}) p`.execute(
        tx,
      );
      return rows.map((row) => row.root_id);
    },
  };
}

interface FactRow {
  readonly nth: number;
  readonly touch_id: string;
  readonly touched_at: Date;
  readonly click_id_type: string | null;
  readonly medium: string | null;
  readonly channel: string | null;
  readonly campaign: string | null;
  readonly same_by: readonly string[];
  readonly shared_device_id: string | null;
  readonly clicks: number | null;
  readonly people: number | null;
  readonly brought_id: string | null;
  readonly brought_at: Date | null;
  readonly was_theirs: boolean;
  readonly is_partner: boolean;
}
