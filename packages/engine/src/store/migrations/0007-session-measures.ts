import type { Migration } from './migration.ts';

/**
 * What a visit is judged by: time engaged, interactions, conversions, and when its first and last page were opened, so
 * that they are right in whatever order pages arrive. Like the counts before them they run on the device's row while
 * the visit goes on. `headwater rebuild` computes them for the visits that are there already.
 */
export const sessionMeasures: Migration = {
  id: 7,
  name: 'session-measures',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.session
  add column engaged_ms bigint not null default 0,
  add column interactions integer not null default 0,
  add column conversions integer not null default 0,
  -- Following a link of ours is how a visit begins: no interaction, and no bounce by itself.
  add column clicks integer not null default 0,
  add column entry_at timestamptz,
  add column exit_at timestamptz,
  -- A visit of two devices: the link's host and the site, before they turned out to be one person.
  add column joined boolean not null default false;
update ${s}.session set entry_at = case when entry_url is not null then started_at end,
  exit_at = case when exit_url is not null then last_event_at end;

alter table ${s}.visitor
  add column session_engaged_ms bigint not null default 0,
  add column session_interactions integer not null default 0,
  add column session_conversions integer not null default 0,
  add column session_exit_at timestamptz,
  add column session_joined boolean not null default false;
update ${s}.visitor set session_exit_at = session_last_at where session_exit_url is not null;
-- Holds the few devices that are on a visit which another device began.
create index visitor_joined on ${s}.visitor (workspace_id, session_id) where session_joined;
`,
};
