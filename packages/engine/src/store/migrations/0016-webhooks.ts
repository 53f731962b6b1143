import type { Migration } from './migration.ts';

/**
 * Webhooks. What has happened is read from the events, like live messages: a workspace without endpoints pays nothing,
 * and no event is told of before its commit. A delivery holds ids; what is sent is read when it is sent.
 */
export const webhooks: Migration = {
  id: 16,
  name: 'webhooks',
  breaking: false,
  reference: [],
  distributed: ['webhook_endpoint', 'webhook_progress', 'webhook_delivery'],
  sql: (s) => `
create table ${s}.webhook_endpoint (
  workspace_id uuid not null,
  id uuid not null,
  url text not null,
  description text,
  -- What it is told of; '*' is everything.
  event_types text[] not null,
  -- Only what is about one of these links; empty: about all.
  link_ids uuid[] not null,
  status text not null check (status in ('enabled', 'disabled')),
  -- Why Headwater itself has disabled it.
  disabled_reason text,
  -- The signing secrets with their ends, encrypted; the first one is the newest.
  secrets bytea not null,
  -- Since when it is told: what was recorded before is not told of.
  enabled_at timestamptz not null,
  -- Since when nothing has arrived, with how many attempts, and when the last one was.
  failing_since timestamptz,
  last_failed_at timestamptz,
  failures integer not null,
  -- It has asked for a pause.
  resting_until timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

-- How far the events of a workspace have been planned: a position as live messages have it.
create table ${s}.webhook_progress (
  workspace_id uuid not null,
  position text not null,
  primary key (workspace_id)
);

create table ${s}.webhook_delivery (
  workspace_id uuid not null,
  -- The webhook-id of every attempt.
  id uuid not null,
  endpoint_id uuid not null,
  event_type text not null,
  event_id uuid,
  event_occurred_at timestamptz,
  visitor_id uuid,
  -- What is no event has its message here, without anything of people.
  message jsonb,
  status text not null check (status in ('waiting', 'delivered', 'failed')),
  reason text,
  -- Attempts since it was last made to wait.
  attempts integer not null,
  due_at timestamptz not null,
  -- Who is sending it: only they may say what became of it.
  claim uuid,
  claimed_until timestamptz,
  -- The newest attempts: when, status, failure, milliseconds.
  log jsonb not null,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (workspace_id, id)
);
create index webhook_delivery_due on ${s}.webhook_delivery (workspace_id, endpoint_id, due_at, id)
  where status = 'waiting';
create index webhook_delivery_endpoint on ${s}.webhook_delivery (workspace_id, endpoint_id, id);
-- An event is planned once for each endpoint.
create unique index webhook_delivery_event on ${s}.webhook_delivery (workspace_id, endpoint_id, event_id)
  where event_id is not null;
create index webhook_delivery_visitor on ${s}.webhook_delivery (workspace_id, visitor_id) where visitor_id is not null;
`,
};
