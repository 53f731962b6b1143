import type { Migration } from './migration.ts';

/** Projects, what was tracked for them, and how many users stand in them. */
export const projects: Migration = {
  id: 14,
  name: 'projects',
  breaking: false,
  reference: [],
  distributed: ['project', 'tracked_event', 'project_counter'],
  sql: (s) => `
create table ${s}.project (
  workspace_id uuid not null,
  id uuid not null,
  slug text not null,
  name text not null,
  -- By name what each type is, beside those that every project has.
  event_types jsonb not null,
  external_id_prefix text not null,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
-- The slug of an archived project is free.
create unique index project_slug on ${s}.project (workspace_id, slug) where archived_at is null;

create table ${s}.tracked_event (
  workspace_id uuid not null,
  event_id uuid not null,
  project_id uuid not null,
  event_type text not null,
  -- Of one user and type; of who was erased a random one.
  scope uuid not null,
  visitor_id uuid,
  -- 1 adds, -1 removes.
  step smallint not null check (step in (1, -1)),
  occurred_at timestamptz not null,
  primary key (workspace_id, event_id)
);
create index tracked_event_scope on ${s}.tracked_event (workspace_id, project_id, event_type, scope);
create index tracked_event_visitor on ${s}.tracked_event (workspace_id, visitor_id);

create table ${s}.project_counter (
  workspace_id uuid not null,
  project_id uuid not null,
  event_type text not null,
  added bigint not null,
  removed bigint not null,
  unmatched bigint not null,
  primary key (workspace_id, project_id, event_type),
  check (removed between 0 and added and unmatched >= 0)
);
`,
};
