import type { Migration } from './migration.ts';

/**
 * Funnels as a workspace keeps them. Their reports read the events, and store nothing; who is one person they read from
 * the index of merged visitors, which therefore holds both ids.
 */
export const funnels: Migration = {
  id: 10,
  name: 'funnels',
  breaking: false,
  reference: [],
  distributed: ['funnel'],
  sql: (s) => `
create table ${s}.funnel (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  description text,
  -- As the API takes them.
  steps jsonb not null,
  window_days integer not null,
  scope text not null check (scope in ('person', 'session')),
  filters jsonb not null,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
-- The name of an archived funnel is free.
create unique index funnel_name on ${s}.funnel (workspace_id, name) where archived_at is null;

drop index ${s}.visitor_member;
create index visitor_member on ${s}.visitor (workspace_id, root_id, id) where root_id <> id;
`,
};
