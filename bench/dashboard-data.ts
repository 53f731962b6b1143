// What the dashboard's benchmark opens: the simulated shop of the demo, for one of everything, in front of a year of
// other traffic; and as many links, dispatches, invitations, redemptions and commissions as go with that traffic.
import { createHeadwater } from '../packages/engine/src/engine.ts';
import { orThrow } from '../packages/engine/src/kernel/result.ts';
import { openDatabase } from '../packages/engine/src/open-database.ts';
import type { DatabaseOption } from '../packages/engine/src/options.ts';
import type { Database } from '../packages/engine/src/store/database.ts';
import { tidyTables } from '../packages/engine/src/store/tidy-tables.ts';
import { simulate, simulationOptions } from '../packages/server/src/demo/simulate.ts';
import { createSimulatedClock } from '../packages/server/src/demo/simulated-clock.ts';
import { fillYear, linkId, yearMilliseconds } from './analytics-data.ts';
import { copyRows, purposeOf } from './copied-rows.ts';

const hour = 3_600_000;
export const secret = 'a secret for the benchmark and nothing else';

/** Fills an empty database. On PGlite a million events take some minutes. */
export async function fillDashboard(
  database: DatabaseOption,
  events: number,
  say: (text: string) => void,
): Promise<void> {
  const clock = createSimulatedClock();
  const options = { database, secret, geo: false, ...simulationOptions(clock) } as const;
  const ends = Math.floor(Date.now() / hour) * hour;
  const year = { events, ends, links: Math.max(20, Math.round(events / 200)) };
  let workspaceId: string;
  {
    await using hw = await createHeadwater(options);
    await hw.migrate();
    workspaceId = (await hw.workspaces.first()).id;
  }
  await withDatabase(database, (opened) => fillYear(opened, { ...year, workspaceId }, say));
  {
    // After the year, so that what is told to others is not told of all of it.
    await using hw = await createHeadwater(options);
    await simulate({ hw, clock, visitors: 400 });
    await openPartners(hw);
    say('simulated the shop');
  }
  await withDatabase(database, async (opened) => {
    await fillRest(opened, { ...year, workspaceId }, say);
    // What the engine would have done meanwhile, had the year taken one.
    while ((await tidyTables(opened)).tidied !== undefined);
    if (opened.size === 'server') await opened.run({ name: '', text: 'vacuum (analyze)' }, []);
    say('tidied the tables');
  });
  await using hw = await createHeadwater(options);
  const begun = performance.now();
  while ((await hw.analytics.rollUp()).goesOn);
  say(`rolling up: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
}

/** A programme with one partner, to make others of. */
async function openPartners(hw: Awaited<ReturnType<typeof createHeadwater>>): Promise<void> {
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Partners', scopes: ['admin'] }),
  );
  const post = async (path: string, body: unknown): Promise<{ id: string }> => {
    const response = await hw.handler(
      new Request(`http://localhost/hw/api/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const program = await post('partner-programs', {
    name: 'Friends of the shop',
    rules: [{ name: 'sales', trigger: 'sale', percent: 20, hold_days: 14, times_max: null }],
  });
  await post('partners', { key: 'maya', name: 'Maya', program_id: program.id });
}

async function withDatabase(
  database: DatabaseOption,
  work: (opened: Database) => Promise<void>,
): Promise<void> {
  const { database: opened } = await openDatabase({ database, secret });
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

interface Filled {
  readonly workspaceId: string;
  readonly events: number;
  readonly ends: number;
  readonly links: number;
}

/** Everything beside the events of the year. */
async function fillRest(
  database: Database,
  { workspaceId, events, ends, links }: Filled,
  say: (text: string) => void,
): Promise<void> {
  const { schema } = database;
  const workspace = `'${workspaceId}'::uuid`;
  const begins = ends - yearMilliseconds;
  const run = async (what: string, text: string): Promise<void> => {
    const begun = performance.now();
    await database.run({ name: '', text }, []);
    say(`${what}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  };
  const share = (one: number): number => Math.max(10, Math.round(events / one));
  /** The newest row first, and all of them within the year. */
  const timeOf = (count: number): string =>
    `${schema}.bench_time(${ends} - n * ${yearMilliseconds} / ${count + 1})`;
  const copies = async (
    table: string,
    count: number,
    changes: Readonly<Record<string, string>>,
    where?: string,
  ): Promise<void> =>
    run(table, copyRows({ schema, workspace, table, count, changes, where, ends }));
  const hash = (text: string): string => `'\\x' || md5('${text}' || n)`;

  await copies('link', links, {
    id: linkId(schema, begins, 'n - 1'),
    key: `'link-' || n`,
    url: `'https://shop.example/page-' || n % 4000`,
    created_at: `${schema}.bench_time(${begins} + n)`,
  });
  for (const [what, text] of linkFigures(schema, workspace)) await run(what, text);
  for (const [what, text] of peopleFigures(schema, workspace)) await run(what, text);

  const invitations = share(50);
  await copies('invitation', invitations, {
    token_hash: hash('token'),
    token_prefix: `substr(md5('token' || n), 1, 8)`,
    name: `'Invitation ' || n`,
    created_at: timeOf(invitations),
    updated_at: timeOf(invitations),
  });
  const codes = share(200);
  await copies('referral_code', codes, {
    code: `'CODE' || n`,
    creator_id: 'null',
    creator_key: 'null',
    beneficiary_id: `'friend_' || n`,
    beneficiary_key: hash('friend'),
    created_at: timeOf(codes),
  });
  const redemptions = share(50);
  const redeemer = { entity_id: `'user_' || n`, entity_key: hash('user'), attempt_key: 'null' };
  await copies('redemption', redemptions, { ...redeemer, redeemed_at: timeOf(redemptions) });
  await copies('referral', redemptions, {
    redemption_id: `${schema}.bench_id(${ends} - n, n, ${purposeOf('redemption')})`,
    referee_id: redeemer.entity_id,
    referee_key: redeemer.entity_key,
    created_at: timeOf(redemptions),
  });
  await copies('reward', redemptions, {
    referral_id: `${schema}.bench_id(${ends} - n, n, ${purposeOf('referral')})`,
    trigger_id: `${schema}.bench_id(${ends} - n, n, 1)`,
    created_at: timeOf(redemptions),
  });
  await copies('ledger_entry', redemptions, {
    key_hash: hash('entry'),
    occurred_at: timeOf(redemptions),
    recorded_at: timeOf(redemptions),
  });
  await copies('waitlist_entry', redemptions, {
    email_hash: hash('waits'),
    code: `'W' || n`,
    ordinal: `1000000 + n`,
    joined_at: timeOf(redemptions),
  });
  await copies(
    'webhook_delivery',
    share(20),
    { event_id: `${schema}.bench_id(${ends} - n, n, 2)`, created_at: timeOf(share(20)) },
    `status <> 'waiting'`,
  );
  await copies('audit_entry', share(50), { at: timeOf(share(50)) });
  await run('dispatch', dispatches(schema, workspace));
  await copies('partner', share(2_000), { key: `'partner-' || n`, name: `'Partner ' || n` });
  await run('commission', commissions(schema, workspace));
}

/** What the counters of links hold. */
function linkFigures(schema: string, workspace: string): ReadonlyArray<readonly [string, string]> {
  return [
    [
      'link_visitor',
      `insert into ${schema}.link_visitor (workspace_id, link_id, visitor_id)
       select distinct workspace_id, link_id, visitor_id from ${schema}.event
       where workspace_id = ${workspace} and type = 'link_click' and link_id is not null on conflict do nothing`,
    ],
    [
      'link_counter',
      `insert into ${schema}.link_counter (workspace_id, link_id, clicks, unique_clicks, machine_clicks, leads, sales)
       select ${workspace}, l.id, coalesce(e.clicks, 0), coalesce(e.people, 0), 0, coalesce(c.leads, 0), coalesce(c.sales, 0)
       from ${schema}.link l
       left join (select link_id, count(*) as clicks, count(distinct visitor_id) as people from ${schema}.event
         where workspace_id = ${workspace} and type = 'link_click' group by 1) e on e.link_id = l.id
       left join (select link_id, count(*) filter (where type = 'lead') as leads, count(*) filter (where type = 'sale') as sales
         from ${schema}.conversion where workspace_id = ${workspace} group by 1) c on c.link_id = l.id
       where l.workspace_id = ${workspace} on conflict do nothing`,
    ],
    [
      'link_revenue',
      `insert into ${schema}.link_revenue (workspace_id, link_id, currency, amount_minor)
       select workspace_id, link_id, currency, sum(amount_minor) from ${schema}.conversion
       where workspace_id = ${workspace} and link_id is not null and currency is not null group by 1, 2, 3 on conflict do nothing`,
    ],
  ];
}

/** What is kept of each person, and the key of each event. */
function peopleFigures(
  schema: string,
  workspace: string,
): ReadonlyArray<readonly [string, string]> {
  return [
    [
      'visitor_revenue',
      `insert into ${schema}.visitor_revenue (workspace_id, visitor_id, currency, amount_minor)
       select workspace_id, visitor_id, currency, sum(amount_minor) from ${schema}.conversion
       where workspace_id = ${workspace} and currency is not null group by 1, 2, 3 on conflict do nothing`,
    ],
    [
      'identity',
      `insert into ${schema}.identity (workspace_id, kind, value_hash, visitor_id, event_id, first_seen_at)
       select workspace_id, kind, decode(md5(kind || id::text), 'hex'), id, id, first_seen_at
       from ${schema}.visitor cross join unnest(array['visitor', 'external_id', 'email']) kind
       where workspace_id = ${workspace} and (kind = 'visitor' or (identified_at is not null and root_id = id))
       on conflict do nothing`,
    ],
    [
      'event_key',
      `insert into ${schema}.event_key (workspace_id, key, event_id, occurred_at, digest)
       select workspace_id, id, id, occurred_at, 0 from ${schema}.event where workspace_id = ${workspace} on conflict do nothing`,
    ],
  ];
}

/** Every conversion has been told to the platform, by the pattern of those of the shop that are over. */
function dispatches(schema: string, workspace: string): string {
  return `
with pattern as (
  select d, row_number() over (order by id) - 1 as k, count(*) over () as total
  from ${schema}.dispatch d where workspace_id = ${workspace} and due_at is null and follow_up_at is null
), told as (
  select c.*, row_number() over (order by c.id) as n from ${schema}.conversion c where workspace_id = ${workspace}
    and not exists (select from ${schema}.dispatch d where d.workspace_id = ${workspace} and d.event_id = c.id)
)
insert into ${schema}.dispatch
select made.* from told join pattern on k = n % total
cross join lateral jsonb_populate_record(d, jsonb_build_object('id', ${schema}.bench_id((extract(epoch from told.occurred_at) * 1000)::int8, n, 60),
  'event_id', told.id, 'event_key', told.id, 'event_type', told.type, 'visitor_id', told.visitor_id, 'occurred_at', told.occurred_at,
  'created_at', told.occurred_at, 'updated_at', told.occurred_at, 'delivered_at', case when (d).delivered_at is not null then told.occurred_at end)) made
on conflict do nothing`;
}

/** Sales that came by a link have earned one of the partners a fifth. */
function commissions(schema: string, workspace: string): string {
  return `
with earner as (
  select id, row_number() over (order by id) - 1 as k, count(*) over () as total from ${schema}.partner where workspace_id = ${workspace}
)
insert into ${schema}.commission (workspace_id, id, program_id, program_version, rule, partner_id, trigger, trigger_id,
  trigger_at, touch_id, customer_id, unit, granted_minor, capped_minor, net_minor, flags, decision, created_at)
select ${workspace}, s.id, p.id, p.version, 'sales', earner.id, 'sale', s.id, s.occurred_at, s.touch_id, s.visitor_id,
  s.currency, s.amount_minor / 5, s.amount_minor / 5, s.amount_minor / 5, '[]', 'approved', s.occurred_at
from (select *, row_number() over (order by id) as n from ${schema}.conversion where workspace_id = ${workspace}
  and type = 'sale' and currency is not null and amount_minor >= 5 and link_id is not null) s
join earner on k = n % total cross join ${schema}.partner_program p where p.workspace_id = ${workspace} on conflict do nothing`;
}
