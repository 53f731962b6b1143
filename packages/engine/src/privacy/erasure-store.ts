import { emptyHours } from '../analytics/empty-hours.ts';
import { erasedDigest } from '../ingest/admit-events.ts';
import { timestamp } from '../store/batch-insert.ts';
import type { Transaction } from '../store/connection.ts';
import type { Db } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { ErasureReceipt } from './erasure.ts';
import type { HashedIdentifier } from './person-reference.ts';
import type { PersonTrace } from './person-trace-store.ts';
import type { PersonTable } from './table-rule.ts';

interface Step {
  readonly table: PersonTable;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Locks visitors in the order of ids, which every process keeps; what they are now, by id. A batch that is on its way
 * with one of them comes first, or finds the erased row.
 */
export async function lockForErasure(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  visitorIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly root: string; readonly revision: string }>> {
  const rows = await tx.run<{ id: string; root_id: string; revision: string }>(
    {
      name: `${schemaName}.lock_for_erasure`,
      text: `
select id, root_id, revision::text as revision from ${quote(schemaName)}.visitor
where workspace_id = $1 and id = any($2::uuid[]) order by id for no key update`,
    },
    [workspaceId, visitorIds],
  );
  return new Map(rows.map((row) => [row.id, { root: row.root_id, revision: row.revision }]));
}

/**
 * Erases a person from every table, under the locks of their visitors, and writes the receipt, and the news for what
 * processes remember.
 */
export async function erasePerson(
  tx: Transaction,
  schemaName: string,
  trace: PersonTrace,
  { id, workspaceId, erasedAt, actor }: Omit<ErasureReceipt, 'rows'>,
): Promise<ErasureReceipt> {
  const schema = quote(schemaName);
  const at = timestamp(erasedAt.getTime());
  const rows: Partial<Record<PersonTable, number>> = {};
  await emptyHours(tx, schemaName, workspaceId, {
    visitors: trace.visitors,
    visits: [...trace.visits, ...trace.sharedVisits],
    times: trace.guests.map((guest) => timestamp(guest.occurred_at.getTime())),
  });
  await keepCounts(tx, schemaName, workspaceId, trace.visitors);
  for (const [index, { table, text, values }] of erasureSteps(schema, trace, id, at).entries()) {
    const [answer] = await tx.run<{ count: number }>(
      {
        name: `${schemaName}.erase_${index}_${table}`,
        text: `with gone as (${text} returning 1) select count(*)::int4 as count from gone`,
      },
      [workspaceId, ...values],
    );
    const count = (rows[table] ?? 0) + (answer?.count ?? 0);
    if (count > 0) rows[table] = count;
  }
  await tx.run(
    {
      name: `${schemaName}.insert_erasure`,
      text: `insert into ${schema}.erasure (workspace_id, id, erased_at, rows, actor) values ($1, $2, $3::timestamptz, $4::jsonb, $5)`,
    },
    [workspaceId, id, at, JSON.stringify(rows), actor ?? null],
  );
  await tx.run(
    {
      name: `${schemaName}.insert_erasure_change`,
      text: `insert into ${schema}.change (workspace_id, id, topic, subject, created_at) values ($1, $2, 'erasure', $3::jsonb, $4::timestamptz)`,
    },
    [workspaceId, id, JSON.stringify({ visitorIds: trace.visitors }), at],
  );
  return { id, workspaceId, erasedAt, rows, actor };
}

/**
 * Projects go on counting what is erased: rows like it, of nobody, under ids and scopes that nothing else has. Who was in
 * one scope stays in one, so that removals go on meaning what they took back.
 */
function keepCounts(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  visitors: readonly string[],
): Promise<unknown> {
  const tracked = `${quote(schemaName)}.tracked_event`;
  return tx.run(
    {
      name: `${schemaName}.keep_counts`,
      text: `
with theirs as materialized (
  select * from ${tracked} where workspace_id = $1 and visitor_id = any($2::uuid[])
), scopes as materialized (
  select project_id, event_type, scope, gen_random_uuid() as anonymous from theirs group by project_id, event_type, scope
)
insert into ${tracked} (workspace_id, event_id, project_id, event_type, scope, visitor_id, step, occurred_at)
select t.workspace_id, gen_random_uuid(), t.project_id, t.event_type, s.anonymous, null, t.step, t.occurred_at
from theirs t join scopes s using (project_id, event_type, scope)`,
    },
    [workspaceId, visitors],
  );
}

/** In the order of locks: what hangs on visitors comes after them, and nothing of the counters of links is touched. */
function erasureSteps(
  schema: string,
  trace: PersonTrace,
  erasureId: string,
  at: string | null,
): Step[] {
  const { visitors } = trace;
  const theirEvents = `select e.id from ${schema}.event e where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])`;
  const theirs = (table: PersonTable): Step => ({
    table,
    text: `delete from ${schema}.${table} where workspace_id = $1 and visitor_id = any($2::uuid[])`,
    values: [visitors],
  });
  const eitherSide = (table: PersonTable): Step => ({
    table,
    text: `
delete from ${schema}.${table}
where workspace_id = $1 and (visitor_id = any($2::uuid[]) or other_visitor_id = any($2::uuid[]))`,
    values: [visitors],
  });
  const waiting = (table: PersonTable, ids: readonly string[]): Step => ({
    table,
    text: `delete from ${schema}.${table} where workspace_id = $1 and id = any($2::uuid[])`,
    values: [ids],
  });
  return [
    {
      table: 'visitor',
      text: `
update ${schema}.visitor set root_id = id, version = version + 1, revision = revision + 1, current_visitor_id = null,
  first_seen_at = $3::timestamptz, last_seen_at = $3::timestamptz, session_id = null, session_started_at = null,
  session_last_at = null, session_touch_id = null, session_source = null, session_events = 0, session_pageviews = 0,
  session_exit_url = null, session_exit_at = null, session_engaged_ms = 0, session_interactions = 0,
  session_conversions = 0, session_clicks = 0, session_joined = false, status = 'anonymous', identified_at = null, converted_at = null, last_conversion_at = null,
  events = 0, pageviews = 0, sessions = 0, profile = null, erased_at = $3::timestamptz, erasure_id = $4
where workspace_id = $1 and id = any($2::uuid[])`,
      values: [visitors, at, erasureId],
    },
    {
      // Their owners have these devices again.
      table: 'visitor',
      text: `
update ${schema}.visitor set current_visitor_id = null, revision = revision + 1
where workspace_id = $1 and id = any($2::uuid[]) and current_visitor_id = any($3::uuid[])`,
      values: [trace.devices, visitors],
    },
    {
      // What happens next on these devices is another visit.
      table: 'visitor',
      text: `
update ${schema}.visitor set session_id = null, session_started_at = null, session_last_at = null,
  session_touch_id = null, session_source = null, session_events = 0, session_pageviews = 0, session_exit_url = null,
  session_exit_at = null, session_engaged_ms = 0, session_interactions = 0, session_conversions = 0,
  session_clicks = 0, session_joined = false, revision = revision + 1
where workspace_id = $1 and id = any($2::uuid[]) and session_id = any($3::uuid[])`,
      values: [trace.devices, [...trace.visits, ...trace.sharedVisits]],
    },
    {
      // The keyed hash stays, bound to the blank visitor: by it a replay is recognised, and nothing else is known.
      table: 'identity',
      text: `
update ${schema}.identity set value = null, event_id = $3, first_seen_at = $4::timestamptz
where workspace_id = $1 and visitor_id = any($2::uuid[])`,
      values: [visitors, erasureId, at],
    },
    {
      // So does the key of each event, without what its body was, which event it was and when.
      table: 'event_key',
      text: `
update ${schema}.event_key set event_id = key, occurred_at = $3::timestamptz, digest = ${erasedDigest}
where workspace_id = $1 and key = any($2::uuid[])`,
      values: [trace.keys, at],
    },
    {
      table: 'session',
      text: `
delete from ${schema}.session where workspace_id = $1 and (visitor_id = any($2::uuid[]) or id = any($3::uuid[]))`,
      values: [visitors, trace.visits],
    },
    {
      table: 'session',
      text: `
update ${schema}.session set touch_id = null, entry_url = null, exit_url = null, entry_at = null, exit_at = null
where workspace_id = $1 and id = any($2::uuid[])`,
      values: [trace.sharedVisits],
    },
    {
      // Of their own events, and what names nobody else any more, or only one.
      table: 'identity_evidence',
      text: `
delete from ${schema}.identity_evidence
where workspace_id = $1 and event_id = any($3::uuid[])
  and ((select count(*) from unnest(visitor_ids) as v(id) where not v.id = any($2::uuid[])) < 2
    or event_id in (${theirEvents}))`,
      values: [visitors, trace.evidence],
    },
    {
      // The others keep their places, by which a rebuild knows what named them.
      table: 'identity_evidence',
      text: `
update ${schema}.identity_evidence set visitor_ids = (
  select array_agg(case when v.id = any($2::uuid[]) then '${nobody}'::uuid else v.id end order by v.place)
  from unnest(visitor_ids) with ordinality as v(id, place))
where workspace_id = $1 and event_id = any($3::uuid[])`,
      values: [visitors, trace.evidence],
    },
    {
      table: 'merge_refusal',
      text: `
delete from ${schema}.merge_refusal where workspace_id = $1 and (
  visitor_id = any($2::uuid[]) or other_visitor_id = any($2::uuid[]) or event_id in (${theirEvents}))`,
      values: [visitors],
    },
    {
      // An event of theirs may have joined what is somebody else's now.
      table: 'merge',
      text: `
update ${schema}.merge set event_id = '${nobody}'::uuid
where workspace_id = $1 and not (winner_id = any($2::uuid[]) or loser_id = any($2::uuid[]))
  and event_id in (${theirEvents})`,
      values: [visitors],
    },
    theirs('tracked_event'),
    theirs('touch'),
    theirs('conversion'),
    theirs('dispatch'),
    theirs('visitor_revenue'),
    theirs('event'),
    {
      table: 'event',
      text: `
update ${schema}.event e set touch_id = null
from unnest($2::uuid[], $3::timestamptz[]) as g(id, occurred_at)
where e.workspace_id = $1 and e.occurred_at = g.occurred_at and e.id = g.id`,
      values: [
        trace.guests.map((guest) => guest.id),
        trace.guests.map((guest) => timestamp(guest.occurred_at.getTime())),
      ],
    },
    {
      // Waits for who plans deliveries, and has the next one wait: a row that is not updated is locked all the same.
      table: 'webhook_delivery',
      text: `
insert into ${schema}.webhook_progress as p (workspace_id, position)
select workspace_id, position from ${schema}.webhook_progress where workspace_id = $1
on conflict (workspace_id) do update set position = excluded.position where false`,
      values: [],
    },
    {
      table: 'webhook_delivery',
      text: `
delete from ${schema}.webhook_delivery where workspace_id = $1 and visitor_id = any($2::uuid[])`,
      values: [visitors],
    },
    {
      table: 'payment_message',
      text: `
delete from ${schema}.payment_message where workspace_id = $1 and visitor_id = any($2::uuid[])`,
      values: [visitors],
    },
    {
      table: 'payment_reference',
      text: `
delete from ${schema}.payment_reference
where workspace_id = $1 and (visitor_id = any($2::uuid[]) or payment_key = any($3::uuid[]))`,
      values: [visitors, trace.keys],
    },
    {
      table: 'link_visitor',
      text: `
delete from ${schema}.link_visitor
where workspace_id = $1 and link_id = any($3::uuid[]) and visitor_id = any($2::uuid[])`,
      values: [visitors, trace.links],
    },
    {
      table: 'merge_member',
      text: `
delete from ${schema}.merge_member where workspace_id = $1 and (visitor_id = any($2::uuid[]) or merge_id in (
  select m.id from ${schema}.merge m
  where m.workspace_id = $1 and (m.winner_id = any($2::uuid[]) or m.loser_id = any($2::uuid[]))))`,
      values: [visitors],
    },
    {
      table: 'merge',
      text: `
delete from ${schema}.merge
where workspace_id = $1 and (winner_id = any($2::uuid[]) or loser_id = any($2::uuid[]))`,
      values: [visitors],
    },
    eitherSide('kept_apart'),
    {
      // What was earned stays earned, by nobody that is known; its own id in the place of what it was earned by.
      table: 'commission',
      text: `
update ${schema}.commission set trigger_id = id, touch_id = null, customer_id = null, note = null,
  flags = coalesce((select jsonb_agg(jsonb_build_object('kind', f->'kind', 'evidence', '{}'::jsonb))
    from jsonb_array_elements(flags) f), '[]'::jsonb)
where workspace_id = $1 and customer_id = any($2::uuid[])`,
      values: [visitors],
    },
    ...invitationSteps(schema, trace),
    waiting('inbox', trace.inbox),
    waiting('pending_click', trace.pendingClicks),
    {
      table: 'idempotent_request',
      text: `delete from ${schema}.idempotent_request where workspace_id = $1 and key_hash = any($2::bytea[])`,
      values: [trace.answers],
    },
  ];
}

/**
 * What was redeemed stays counted, and nobody can redeem it anew under the forgotten id: the keyed hash stays, which
 * names nobody, and whatever could is blank.
 */
function invitationSteps(schema: string, { entities, emails, contacts }: PersonTrace): Step[] {
  const blank = (table: PersonTable, key: string, changes: string): Step => ({
    table,
    text: `update ${schema}.${table} set ${changes} where workspace_id = $1 and ${key} = any($2::bytea[])`,
    values: [entities],
  });
  return [
    blank('invitation', 'owner_key', 'owner_id = null'),
    {
      table: 'invitation_email',
      text: `
update ${schema}.invitation_email set value = null where workspace_id = $1 and value_hash = any($2::bytea[])`,
      values: [emails],
    },
    blank('invitation_usage', 'entity_key', "entity_id = null, metadata = '{}'"),
    blank('referral_code', 'creator_key', 'creator_id = null'),
    blank('referral_code', 'beneficiary_key', 'beneficiary_id = null'),
    blank('redemption', 'entity_key', "entity_id = null, metadata = '{}', attempt_key = null"),
    blank('referral', 'referrer_key', 'referrer_id = null'),
    blank('referral', 'referee_key', 'referee_id = null'),
    blank('ledger_entry', 'account_key', 'account_id = null, description = null'),
    blank('reward', 'account_key', 'account_id = null'),
    {
      // A partner who is forgotten earns no more; what was earned stays, as the account of nobody.
      table: 'partner',
      text: `
update ${schema}.partner set key = id::text, name = '', status = 'disabled', external_id = null, email = null,
  metadata = '{}', token_version = token_version + 1
where workspace_id = $1 and (person_key = any($2::bytea[]) or email_hash = any($2::bytea[]))`,
      values: [contacts],
    },
    {
      table: 'admission',
      text: `delete from ${schema}.admission where workspace_id = $1 and entity_key = any($2::bytea[])`,
      values: [entities],
    },
    {
      // The hash stays: an address counts once for who referred it.
      table: 'waitlist_entry',
      text: `
update ${schema}.waitlist_entry set email = null, name = null, metadata = '{}', status = 'left', invitation_id = null
where workspace_id = $1 and email_hash = any($2::bytea[])`,
      values: [emails],
    },
  ];
}

const nobody = '00000000-0000-0000-0000-000000000000';

export async function findReceipt(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<ErasureReceipt | undefined> {
  const row = await db
    .selectFrom('erasure')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      workspaceId: row.workspace_id,
      erasedAt: row.erased_at,
      rows: row.rows,
      actor: row.actor ?? undefined,
    }
  );
}

/** Lets identifiers of erased people be used again; the kinds of those that were kept out. */
export async function deleteSuppressions(
  db: Db,
  workspaceId: string,
  identifiers: readonly HashedIdentifier[],
): Promise<string[]> {
  if (identifiers.length === 0) return [];
  const rows = await db
    .deleteFrom('identity')
    .where('workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or(
        identifiers.map(({ kind, valueHash }) =>
          eb.and([eb('kind', '=', kind), eb('value_hash', '=', valueHash)]),
        ),
      ),
    )
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('visitor')
          .select('visitor.id')
          .where('visitor.workspace_id', '=', workspaceId)
          .whereRef('visitor.id', '=', 'identity.visitor_id')
          .where('visitor.erased_at', 'is not', null),
      ),
    )
    .returning('kind')
    .execute();
  return rows.map((row) => row.kind);
}
