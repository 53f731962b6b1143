import type { Migration } from './migration.ts';

/**
 * Workspaces, links, events, visitors, touches and what keeps them exact. Rules for every table: `workspace_id`
 * first in each key (Citus distributes by it), ids made by the application, no foreign key, no `now()`.
 */
export const foundation: Migration = {
  id: 1,
  name: 'foundation',
  breaking: false,
  reference: ['workspace', 'domain', 'api_key'],
  distributed: [
    'link',
    'link_counter',
    'link_revenue',
    'link_visitor',
    'event',
    'event_key',
    'visitor',
    'visitor_revenue',
    'identity',
    'identity_evidence',
    'merge',
    'merge_member',
    'merge_refusal',
    'kept_apart',
    'session',
    'touch',
    'conversion',
    'pending_click',
    'inbox',
    'idempotent_request',
    'change',
  ],
  sql: (s) => `
create table ${s}.workspace (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  currency text not null,
  timezone text not null,
  -- The key of the workspace's own hashes and encrypted values, itself encrypted with the installation's secret.
  data_key bytea not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table ${s}.domain (
  host text not null,
  workspace_id uuid not null,
  verification_token text not null,
  verified_at timestamptz,
  created_at timestamptz not null,
  primary key (host, workspace_id)
);
create unique index domain_verified on ${s}.domain (host) where verified_at is not null;

create table ${s}.api_key (
  id uuid primary key,
  workspace_id uuid not null,
  kind text not null check (kind in ('secret', 'publishable')),
  name text not null,
  key_hash bytea not null unique,
  display_prefix text not null,
  scopes text[] not null,
  allowed_hosts text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  replaces_id uuid
);
create index api_key_workspace on ${s}.api_key (workspace_id, id);

create table ${s}.link (
  workspace_id uuid not null,
  id uuid not null,
  domain text not null,
  key text not null,
  url text not null,
  link_type text not null check (link_type in ('short', 'referral', 'campaign')),
  partner_id uuid,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  utm_content text,
  utm_term text,
  ios_url text,
  android_url text,
  geo_targeting jsonb not null default '{}',
  og_title text,
  og_description text,
  og_image text,
  tags text[] not null default '{}',
  external_id text,
  metadata jsonb not null default '{}',
  expires_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index link_key on ${s}.link (workspace_id, domain, key) where archived_at is null;
create unique index link_external_id on ${s}.link (workspace_id, external_id) where external_id is not null and archived_at is null;

-- Counters stand apart from the links, so that counting neither bloats nor locks what people edit.
create table ${s}.link_counter (
  workspace_id uuid not null,
  link_id uuid not null,
  clicks bigint not null,
  unique_clicks bigint not null,
  machine_clicks bigint not null,
  leads bigint not null,
  sales bigint not null,
  primary key (workspace_id, link_id)
) with (fillfactor = 50);

create table ${s}.link_revenue (
  workspace_id uuid not null,
  link_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  primary key (workspace_id, link_id, currency)
) with (fillfactor = 70);

-- Which visitors have clicked a link: what makes a click unique, for ever.
create table ${s}.link_visitor (
  workspace_id uuid not null,
  link_id uuid not null,
  visitor_id uuid not null,
  primary key (workspace_id, link_id, visitor_id)
);

-- One row for each thing that was ever accepted; it outlives the event, so that a replay never counts twice.
create table ${s}.event_key (
  workspace_id uuid not null,
  key uuid not null,
  event_id uuid not null,
  occurred_at timestamptz not null,
  digest bigint not null,
  primary key (workspace_id, key)
);

create table ${s}.event (
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  workspace_id uuid not null,
  id uuid not null,
  visitor_id uuid,
  session_id uuid,
  link_id uuid,
  touch_id uuid,
  amount_minor bigint,
  type text not null,
  name text,
  currency text,
  url text,
  referrer text,
  origin text not null,
  machine text,
  properties jsonb,
  primary key (workspace_id, occurred_at, id)
) partition by range (occurred_at);
create index event_visitor on ${s}.event (workspace_id, visitor_id, occurred_at);
create index event_link on ${s}.event (workspace_id, link_id, occurred_at) where link_id is not null;

-- A node of the identity graph. A person is the visitors that point at one root; a merge moves pointers only.
create table ${s}.visitor (
  workspace_id uuid not null,
  id uuid not null,
  root_id uuid not null,
  -- Counts merges and undos of this root, so that a merge can tell that it saw every member.
  version integer not null,
  -- Changes with each write of the row, to a number never used before: who remembers the row can tell that it is old.
  revision bigint not null,
  -- Who uses this device now, where two people with different external ids share it.
  current_visitor_id uuid,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- The visit that is going on, or was the last one, on this device; its counts are what the session's row lacks.
  session_id uuid,
  session_started_at timestamptz,
  session_last_at timestamptz,
  session_touch_id uuid,
  session_source text,
  session_events integer not null,
  session_pageviews integer not null,
  session_exit_url text,
  status text not null,
  identified_at timestamptz,
  converted_at timestamptz,
  -- On roots: the newest conversion of the person. A touch before it makes credit move.
  last_conversion_at timestamptz,
  events integer not null,
  pageviews integer not null,
  sessions integer not null,
  -- Name and metadata, encrypted.
  profile bytea,
  erased_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create index visitor_member on ${s}.visitor (workspace_id, root_id) where root_id <> id;

create table ${s}.visitor_revenue (
  workspace_id uuid not null,
  visitor_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  primary key (workspace_id, visitor_id, currency)
);

-- What a visitor is recognised by. The visitor of an identifier never changes.
create table ${s}.identity (
  workspace_id uuid not null,
  kind text not null,
  value_hash bytea not null,
  visitor_id uuid not null,
  -- The value itself, encrypted, for kinds that the API shows.
  value bytea,
  event_id uuid not null,
  first_seen_at timestamptz not null,
  primary key (workspace_id, kind, value_hash)
);
create index identity_visitor on ${s}.identity (workspace_id, visitor_id);

-- The visitors that one event named together: what the graph is rebuilt from and explained with.
create table ${s}.identity_evidence (
  workspace_id uuid not null,
  event_id uuid not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  visitor_ids uuid[] not null,
  reason text not null,
  primary key (workspace_id, event_id)
);

create table ${s}.merge (
  workspace_id uuid not null,
  id uuid not null,
  winner_id uuid not null,
  loser_id uuid not null,
  event_id uuid not null,
  reason text not null,
  actor text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  undone_at timestamptz,
  undone_by text,
  primary key (workspace_id, id)
);
create index merge_winner on ${s}.merge (workspace_id, winner_id);
create index merge_loser on ${s}.merge (workspace_id, loser_id);

-- Exactly the visitors whose pointer a merge moved.
create table ${s}.merge_member (
  workspace_id uuid not null,
  merge_id uuid not null,
  visitor_id uuid not null,
  primary key (workspace_id, merge_id, visitor_id)
);
create index merge_member_visitor on ${s}.merge_member (workspace_id, visitor_id);

create table ${s}.merge_refusal (
  workspace_id uuid not null,
  id uuid not null,
  event_id uuid not null,
  reason text not null,
  visitor_id uuid not null,
  other_visitor_id uuid not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (workspace_id, id)
);
create index merge_refusal_visitor on ${s}.merge_refusal (workspace_id, visitor_id, occurred_at);

-- Pairs that an undo has separated for good: the same evidence does not join them again.
create table ${s}.kept_apart (
  workspace_id uuid not null,
  visitor_id uuid not null,
  other_visitor_id uuid not null,
  merge_id uuid not null,
  created_at timestamptz not null,
  primary key (workspace_id, visitor_id, other_visitor_id)
);

-- What a visit was when it opened, and what its devices did in it before they went on to their next one. The whole is
-- this row and what the visitors with this session_id still hold.
create table ${s}.session (
  workspace_id uuid not null,
  id uuid not null,
  visitor_id uuid not null,
  started_at timestamptz not null,
  last_event_at timestamptz not null,
  touch_id uuid,
  events integer not null,
  pageviews integer not null,
  entry_url text,
  exit_url text,
  user_agent text,
  ip_prefix text,
  browser text,
  system text,
  device_type text,
  in_app text,
  country_code text,
  region text,
  city text,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create index session_visitor on ${s}.session (workspace_id, visitor_id, started_at);

-- An arrival that may earn credit. What it was classified from stays with it, so that changed rules can be re-run.
create table ${s}.touch (
  workspace_id uuid not null,
  id uuid not null,
  visitor_id uuid not null,
  session_id uuid,
  event_id uuid not null,
  kind text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  link_id uuid,
  partner_id uuid,
  source text,
  medium text,
  campaign text,
  content text,
  term text,
  click_id_type text,
  platform text,
  confidence text,
  rule text,
  channel text,
  -- Of the data and rules that decided: what an older version decided can be decided again.
  rules_version text,
  referrer_host text,
  url text,
  referrer text,
  -- Click ids and advertising cookies that arrived with it.
  signals jsonb,
  consent jsonb,
  -- The first landing of a click: from then on its hw_click names the arrival and joins nobody.
  landed_at timestamptz,
  primary key (workspace_id, id)
);
create index touch_visitor on ${s}.touch (workspace_id, visitor_id, occurred_at);

create table ${s}.conversion (
  workspace_id uuid not null,
  -- The id of the event that converted.
  id uuid not null,
  visitor_id uuid not null,
  type text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  amount_minor bigint,
  currency text,
  -- The last touch that is not direct, and the last touch of a link of ours: 90 days before at most.
  touch_id uuid,
  link_touch_id uuid,
  link_id uuid,
  primary key (workspace_id, id)
);
create index conversion_visitor on ${s}.conversion (workspace_id, visitor_id, occurred_at);

-- A prefetched redirect: it becomes a click when its hw_click lands.
create table ${s}.pending_click (
  workspace_id uuid not null,
  id uuid not null,
  payload jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);

-- What a host wrote inside its own transaction: the next batch takes it in. What is refused stays, with the reason.
create table ${s}.inbox (
  workspace_id uuid not null,
  id uuid not null,
  payload jsonb not null,
  created_at timestamptz not null,
  due_at timestamptz not null,
  attempts integer not null,
  refused_code text,
  primary key (workspace_id, id)
);

create table ${s}.idempotent_request (
  workspace_id uuid not null,
  key_hash bytea not null,
  digest bytea not null,
  status integer not null,
  body jsonb,
  created_at timestamptz not null,
  primary key (workspace_id, key_hash)
);

-- What other processes have to learn. The transaction's id lets a reader skip no late commit.
create table ${s}.change (
  workspace_id uuid not null,
  id uuid not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  topic text not null,
  subject jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index change_transaction on ${s}.change (transaction_id);
`,
};
