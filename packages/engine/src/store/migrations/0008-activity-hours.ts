import type { Migration } from './migration.ts';

/**
 * What happened, by the hour and by columns: what reports read instead of the events (docs/adr/0006). Everything in it is
 * made from other tables and may be thrown away.
 */
export const activityHours: Migration = {
  id: 8,
  name: 'activity-hours',
  breaking: false,
  reference: [],
  distributed: ['activity_hour', 'activity_progress'],
  sql: (s) => `
create table ${s}.activity_hour (
  workspace_id uuid not null,
  hour timestamptz not null,
  -- Whether it has to be made again; until then it is not read.
  stale boolean not null,
  -- A number that is another one each time it is made.
  revision bigint not null,
  people bytea,
  visits bytea,
  activity bytea,
  hits bytea,
  channel bytea,
  source bytea,
  medium bytea,
  campaign bytea,
  content bytea,
  term bytea,
  link bytea,
  partner bytea,
  referrer bytea,
  country bytea,
  region bytea,
  city bytea,
  device_type bytea,
  browser bytea,
  system bytea,
  in_app bytea,
  entry_page bytea,
  exit_page bytea,
  primary key (workspace_id, hour)
);
create index activity_hour_stale on ${s}.activity_hour (workspace_id, hour) where stale;
-- Ids do not become smaller.
alter table ${s}.activity_hour alter column people set storage external;

create table ${s}.activity_progress (
  workspace_id uuid not null,
  -- What this one sees is in the hours; what it does not is looked up.
  snapshot text not null,
  -- Hours before this one have a row.
  until timestamptz not null,
  primary key (workspace_id)
);

alter table ${s}.merge add column transaction_id bigint;
alter table ${s}.merge alter column transaction_id set default (pg_current_xact_id()::text::bigint);
create index merge_transaction on ${s}.merge (workspace_id, transaction_id);
`,
};
