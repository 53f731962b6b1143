import type { Migration } from './migration.ts';

/**
 * Conversions on their way to ad platforms. A batch of events writes a dispatch for each conversion and connector that
 * is switched on; what is sent is read from the tables of the events at that moment, so that little is stored twice.
 */
export const connectors: Migration = {
  id: 15,
  name: 'connectors',
  breaking: false,
  reference: [],
  distributed: ['connector', 'dispatch'],
  sql: (s) => `
create table ${s}.connector (
  workspace_id uuid not null,
  type text not null,
  enabled boolean not null,
  -- Since when conversions are planned.
  enabled_at timestamptz,
  -- Kinds of conversions that it is told of.
  event_types text[] not null,
  settings jsonb not null,
  test boolean not null,
  -- Encrypted by the installation's secret: one JSON object.
  credentials bytea,
  -- The short-lived token that was got for them, encrypted too.
  access_token bytea,
  access_expires_at timestamptz,
  -- Grows with whatever changes how conversions are sent.
  revision integer not null,
  -- Credentials that the platform refuses: nothing is sent until somebody has seen to it.
  paused_at timestamptz,
  pause_code text,
  pause_message text,
  -- The platform has asked to be left alone until then.
  resting_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, type)
);

create table ${s}.dispatch (
  workspace_id uuid not null,
  id uuid not null,
  connector text not null,
  event_id uuid not null,
  -- What the platform knows the conversion by: the id that its sender gave the event.
  event_key uuid not null,
  event_type text not null,
  visitor_id uuid not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- What came with the conversion itself.
  signals jsonb,
  consent jsonb,
  user_agent text,
  status text not null check (status in ('pending', 'sending', 'delivered', 'failed', 'skipped')),
  reason text,
  message text,
  attempts integer not null,
  -- Since when it has been tried: its planning, the latest replay, or the mending of the connector.
  tried_since timestamptz not null,
  -- When it is to be looked at next; of one that is being sent, when it counts as abandoned. Null: never.
  due_at timestamptz,
  -- Who is sending it.
  claim uuid,
  delivered_at timestamptz,
  -- The click id by which the platform can claim the conversion, and what it knows of the person.
  matched_by text,
  match_quality real,
  reference text,
  follow_up_at timestamptz,
  replays integer not null,
  -- The latest attempts, oldest first.
  history jsonb not null,
  primary key (workspace_id, id)
) with (fillfactor = 70);
create unique index dispatch_event on ${s}.dispatch (workspace_id, event_id, connector);
create index dispatch_due on ${s}.dispatch (workspace_id, connector, due_at) where due_at is not null;
create index dispatch_follow_up on ${s}.dispatch (workspace_id, connector, follow_up_at) where follow_up_at is not null;
create index dispatch_visitor on ${s}.dispatch (workspace_id, visitor_id);
create index dispatch_time on ${s}.dispatch (workspace_id, occurred_at, id);
`,
};
