// A year of a site, made in the database by a few large statements: the same rows for the same seed. Every number is
// drawn by hashing the row's own number, so that no statement depends on the order in which another one ran.
import type { Headwater } from '../packages/engine/src/engine.ts';
import { createPartitions } from '../packages/engine/src/ingest/partition-store.ts';
import { orThrow } from '../packages/engine/src/kernel/result.ts';
import type { Database } from '../packages/engine/src/store/database.ts';

/** When the year ends that the reports' benchmark reads. */
export const yearEnds = Date.UTC(2026, 10, 1);
export const yearMilliseconds = 365 * 86_400_000;
/** What the generator makes of one visit on average; a measure of how many visits it takes. */
const eventsPerVisit = 3.59;

/** Makes a workspace of its own, and fills it (`fillYear`). */
export async function makeYear(
  hw: Headwater,
  database: Database,
  events: number,
  say: (text: string) => void,
): Promise<string> {
  const { id } = orThrow(
    await hw.workspaces.create({
      name: `Year of ${events}`,
      currency: 'USD',
      timezone: 'Europe/Berlin',
    }),
  );
  await fillYear(database, { workspaceId: id, events, ends: yearEnds }, say);
  return id;
}

/**
 * Fills a workspace with about that many events: devices of which half come once and the others over months,
 * visits, touches, pages with a long tail, leads, sales in two currencies, people with several devices. What no report
 * reads is left out: identifiers, keys of events.
 */
export async function fillYear(
  database: Database,
  year: {
    readonly workspaceId: string;
    readonly events: number;
    /** The end of the year, in milliseconds. */
    readonly ends: number;
    /** How many links newsletters and affiliates have; their ids are `linkId` of 0 and up. @default 0 */
    readonly links?: number;
  },
  say: (text: string) => void,
): Promise<void> {
  const { workspaceId, ends, links = 0 } = year;
  const first = new Date(ends - yearMilliseconds);
  const months = Array.from({ length: 14 }, (_, month) =>
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1),
  );
  await createPartitions(database, { create: true }).ensure(months);
  const visits = Math.round(year.events / eventsPerVisit);
  const values = { schema: database.schema, workspaceId, visits, begins: first.getTime(), links };
  const run = (text: string) => database.run<Record<string, string>>({ name: '', text }, []);
  const timed = async (what: string, texts: readonly string[]): Promise<void> => {
    const begun = performance.now();
    for (const text of texts) await run(text);
    say(`${what}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  };
  // Rows come in without indexes, which are then made in one go: sorting is cheaper than looking for each place.
  const indexes = await run(indexesOf(database.schema));
  await timed(
    'taking indexes away',
    indexes.map(({ drop }) => drop!),
  );
  for (const [what, text] of statements(values)) await timed(what, [text]);
  await timed('making indexes', [
    `set maintenance_work_mem = '${database.size === 'embedded' ? 128 : 512}MB'`,
    ...indexes.map(({ create }) => create!),
    'reset maintenance_work_mem',
  ]);
}

/** The id of a link of `fillYear`, as SQL. */
export function linkId(schema: string, begins: number, number: string): string {
  return `${schema}.bench_id(${begins}, ${number}, 7)`;
}

/** Indexes that no statement of the generator needs, and no key is: how to drop each, and to make it again. */
function indexesOf(schema: string): string {
  return `
select format('drop index %I.%I', n.nspname, i.relname) as drop, replace(pg_get_indexdef(i.oid), ' ON ONLY ', ' ON ') as create
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
join pg_namespace n on n.oid = t.relnamespace
where n.nspname = '${schema}' and t.relname in ('event', 'touch', 'session', 'visitor', 'conversion')
  and not x.indisunique and not exists (select from pg_constraint c where c.conindid = i.oid)`;
}

interface Values {
  readonly schema: string;
  readonly workspaceId: string;
  readonly visits: number;
  readonly begins: number;
  readonly links: number;
}

function statements({
  schema,
  workspaceId,
  visits,
  begins,
  links,
}: Values): ReadonlyArray<readonly [string, string]> {
  const workspace = `'${workspaceId}'::uuid`;
  const returning = Math.round(visits * 0.12);
  return [
    ['functions', functions(schema)],
    [
      'visits',
      `
create unlogged table ${schema}.bench_visit as
select v, device, at, pages, ${schema}.bench_id(at, v, 1) as id, ${schema}.bench_id(at, v, 2) as touch_id,
  ${schema}.bench_id(${begins} + device, device, 3) as visitor_id,
  channel, case when ${links} > 0 and channel in (3, 6)
    then ${linkId(schema, begins, `${schema}.bench_pick(${schema}.bench_random(v, 23), greatest(${links}, 1))`)} end as link_id,
  ${schema}.bench_random(v, 20) < 0.4 as engages,
  -- Who comes back may be a customer.
  device < ${returning} and device % 16 = 0 and ${schema}.bench_random(v, 21) < 0.3 as buys,
  device < ${returning} and ${schema}.bench_random(v, 22) < 0.04 as leads
from (
  select v,
    case when ${schema}.bench_random(v, 1) < 0.45
      then floor(${returning} * power(${schema}.bench_random(v, 2), 1.6))::int8 else ${returning} + v end as device,
    -- More in the afternoon than at night, and a little more every month.
    ${begins} + floor(365 * power(${schema}.bench_random(v, 3), 0.9))::int8 * 86400000
      + floor(86400000 * (0.5 + asin(2 * ${schema}.bench_random(v, 4) - 1) / pi() * 0.9))::int8 as at,
    case when ${schema}.bench_random(v, 5) < 0.42 then 1
      else least(2 + floor(-ln(1 - ${schema}.bench_random(v, 6)) * 2.9)::int4, 25) end as pages,
    ${schema}.bench_pick(${schema}.bench_random(v, 7), 12) as channel
  from generate_series(1::int8, ${visits}::int8) v
) d`,
    ],
    [
      'touches',
      `
insert into ${schema}.touch (workspace_id, id, visitor_id, session_id, event_id, kind, occurred_at, recorded_at, source,
  medium, campaign, content, term, confidence, rule, channel, rules_version, referrer_host, link_id)
select ${workspace}, touch_id, visitor_id, id, ${schema}.bench_id(at, v, 101),
  case when link_id is not null then 'click' when channel = 0 then 'direct' when channel in (2, 5, 7) then 'referrer' else 'campaign' end,
  ${schema}.bench_time(at), ${schema}.bench_time(at),
  case when channel > 0 then 'source-' || channel || '-' || ${schema}.bench_pick(${schema}.bench_random(v, 8), 9) end,
  case when channel > 0 then (array['organic', 'cpc', 'referral', 'email', 'social', 'affiliate'])[1 + channel % 6] end,
  case when channel in (1, 3, 4, 6) then 'campaign-' || ${schema}.bench_pick(${schema}.bench_random(v, 9), 60) end,
  case when channel in (1, 3) then 'content-' || ${schema}.bench_pick(${schema}.bench_random(v, 10), 20) end,
  case when channel = 1 then 'term-' || ${schema}.bench_pick(${schema}.bench_random(v, 11), 500) end,
  'certain', 'bench', (array['Direct', 'Paid Search', 'Organic Search', 'Email', 'Paid Social', 'Organic Social',
    'Affiliates', 'Referral', 'Display', 'AI Assistant', 'Organic Video', 'SMS'])[1 + channel], 'bench',
  case when channel in (2, 5, 7) then 'site-' || ${schema}.bench_pick(${schema}.bench_random(v, 12), 300) || '.example' end,
  link_id
from ${schema}.bench_visit order by at`,
    ],
    [
      'sessions',
      `
insert into ${schema}.session (workspace_id, id, visitor_id, started_at, last_event_at, touch_id, events, pageviews,
  entry_url, exit_url, browser, system, device_type,
  country_code, region, city)
select ${workspace}, id, visitor_id, ${schema}.bench_time(at),
  ${schema}.bench_time(at + 41000 * (pages - 1 + engages::int + buys::int + leads::int)), touch_id,
  pages + engages::int + buys::int + leads::int, pages, ${schema}.bench_page(v, 1), ${schema}.bench_page(v, pages),
  (array['Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung Internet', 'Opera'])[1 + ${schema}.bench_pick(${schema}.bench_random(device, 31), 6)],
  (array['Windows', 'iOS', 'Android', 'macOS', 'Linux', 'ChromeOS'])[1 + ${schema}.bench_pick(${schema}.bench_random(device, 32), 6)],
  (array['desktop', 'mobile', 'tablet'])[1 + ${schema}.bench_pick(${schema}.bench_random(device, 33), 3)],
  country, country || '-' || (city / 5), 'City ' || country || city
from ${schema}.bench_visit cross join lateral (
  select chr(65 + place % 26) || chr(65 + place / 26) as country, city from (
    select ${schema}.bench_pick(${schema}.bench_random(device, 34), 90) as place, ${schema}.bench_pick(${schema}.bench_random(device, 35), 40) as city) p) g
order by at`,
    ],
    ['events', eventsStatement(schema, workspace)],
    [
      'visitors',
      `
insert into ${schema}.visitor (workspace_id, id, root_id, version, revision, first_seen_at, last_seen_at,
  session_id, session_events, session_pageviews, status, identified_at, events, pageviews, sessions)
select ${workspace}, visitor_id,
  -- Every sixteenth of those who return is known by name, and owns the device after it too.
  case when device < ${returning} and device % 16 = 1 then ${schema}.bench_id(${begins} + device - 1, device - 1, 3) else visitor_id end,
  0, device, ${schema}.bench_time(min(at)), ${schema}.bench_time(max(at)), (array_agg(id order by at desc))[1], 0, 0,
  case when bool_or(buys) then 'customer' else 'anonymous' end,
  case when device < ${returning} and device % 16 < 2 then ${schema}.bench_time(min(at)) end,
  sum(pages), sum(pages), count(*)
from ${schema}.bench_visit group by device, visitor_id`,
    ],
    [
      'merges',
      `
with gone as (
  select id, root_id, first_seen_at from ${schema}.visitor where workspace_id = ${workspace} and root_id <> id
    and exists (select from ${schema}.visitor r where r.workspace_id = ${workspace} and r.id = visitor.root_id)
), merged as (
  insert into ${schema}.merge (workspace_id, id, winner_id, loser_id, event_id, reason, occurred_at, recorded_at)
  select ${workspace}, id, root_id, id, id, 'external_id', first_seen_at, first_seen_at from gone
)
insert into ${schema}.merge_member (workspace_id, merge_id, visitor_id) select ${workspace}, id, id from gone`,
    ],
    [
      'alone',
      `
update ${schema}.visitor v set root_id = id where workspace_id = ${workspace} and root_id <> id
  and not exists (select from ${schema}.visitor r where r.workspace_id = ${workspace} and r.id = v.root_id)`,
    ],
    [
      'conversions',
      `
insert into ${schema}.conversion (workspace_id, id, visitor_id, type, occurred_at, recorded_at, amount_minor, currency, touch_id,
  link_touch_id, link_id)
select e.workspace_id, e.id, e.visitor_id, e.type, e.occurred_at, e.recorded_at, e.amount_minor, e.currency, e.touch_id,
  case when v.link_id is not null then e.touch_id end, v.link_id
from ${schema}.event e join ${schema}.bench_visit v on v.touch_id = e.touch_id where e.workspace_id = ${workspace} and e.type in ('lead', 'sale')`,
    ],
    ['clearing up', `drop table ${schema}.bench_visit`],
  ];
}

/** In the order of time, as events come. */
function eventsStatement(schema: string, workspace: string): string {
  return `
insert into ${schema}.event (occurred_at, recorded_at, workspace_id, id, visitor_id, session_id, touch_id, link_id, amount_minor,
  type, name, currency, url, origin, properties)
select ${schema}.bench_time(happened), ${schema}.bench_time(happened), ${workspace}, ${schema}.bench_id(happened, v, 100 + n), visitor_id, id, touch_id,
  case when type = 'link_click' then link_id end,
  case when type = 'sale' then 500 + floor(${schema}.bench_random(v, 40) * 20000)::int8 end, type,
  case when type = 'engagement' then null when type = 'lead' then 'signed_up' end,
  case when type = 'sale' then (array['USD', 'EUR'])[1 + (v % 4 = 0)::int] end,
  case when type in ('pageview', 'link_click') then ${schema}.bench_page(v, n) end, 'beacon',
  case when type = 'engagement' then '{"engaged_ms": 12000}'::jsonb end
from (
  select v, visitor_id, id, touch_id, link_id, n, at + 41000 * (n - 1) as happened,
    case when n = 1 and link_id is not null then 'link_click' when n <= pages then 'pageview' when n = pages + engages::int then 'engagement'
      when n = pages + engages::int + leads::int then 'lead' else 'sale' end as type
  from ${schema}.bench_visit cross join lateral generate_series(1, pages + engages::int + leads::int + buys::int) n
) e order by happened`;
}

function functions(schema: string): string {
  return `
do $$ begin
-- From 0 to 1, the same for the same row and purpose.
create or replace function ${schema}.bench_random(row_number int8, purpose int4) returns float8 language sql immutable parallel safe
  return (hashint8extended(row_number, purpose) & 2147483647)::float8 / 2147483648;
-- 0 to choices - 1; the first ones much more often than the last ones.
create or replace function ${schema}.bench_pick(random float8, choices int4) returns int4 language sql immutable parallel safe
  return (power(choices + 1, random) - 1)::int4 % choices;
create or replace function ${schema}.bench_time(milliseconds int8) returns timestamptz language sql immutable parallel safe
  return to_timestamp(milliseconds / 1000.0);
-- A UUIDv7 of that time.
create or replace function ${schema}.bench_id(milliseconds int8, row_number int8, purpose int4) returns uuid language sql immutable parallel safe
  return (lpad(to_hex(milliseconds), 12, '0') || '7' || substr(md5(row_number::text || ':' || purpose::text), 1, 3) || '8' || substr(md5(row_number::text || ':' || purpose::text), 4, 15))::uuid;
create or replace function ${schema}.bench_page(visit int8, page int4) returns text language sql immutable parallel safe
  return 'https://shop.example/' || case when page = 1 and visit % 3 = 0 then '' else 'page-' || ${schema}.bench_pick(${schema}.bench_random(visit, 1000 + page), 4000)::text end;
end $$`;
}
