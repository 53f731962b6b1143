import type { Migration } from './migration.ts';

/** Folders, UTM templates, history and health of links (docs/adr/0024). Tags stay an array on the link. */
export const managingLinks: Migration = {
  id: 28,
  name: 'managing-links',
  breaking: false,
  reference: [],
  distributed: ['link_folder', 'utm_template', 'link_version', 'link_health'],
  sql: (s) => `
alter table ${s}.link add column folder_id uuid;
-- For the people who manage it; visitors never see it.
alter table ${s}.link add column notes text;
-- Where it leads while its destination is down.
alter table ${s}.link add column fallback_url text;
alter table ${s}.link add column health_check boolean not null default false;
-- What the last checks say: redirects lead to the fallback meanwhile.
alter table ${s}.link add column is_down boolean not null default false;
create index link_folder_links on ${s}.link (workspace_id, folder_id, id) where folder_id is not null;

create table ${s}.link_folder (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index link_folder_name on ${s}.link_folder (workspace_id, lower(name));

create table ${s}.utm_template (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  utm_content text,
  utm_term text,
  -- Applied to every new link that names no other one.
  is_default boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index utm_template_name on ${s}.utm_template (workspace_id, lower(name));
create unique index utm_template_default on ${s}.utm_template (workspace_id) where is_default;

-- A link as it was after each change of it.
create table ${s}.link_version (
  workspace_id uuid not null,
  link_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  actor text,
  action text not null,
  -- The row, without the hash of its password.
  snapshot jsonb not null,
  primary key (workspace_id, link_id, id)
);

create table ${s}.link_health (
  workspace_id uuid not null,
  link_id uuid not null,
  status text not null check (status in ('unknown', 'up', 'down')),
  -- Failures since the last success, and what the last check found.
  failures integer not null,
  http_status integer,
  problem text,
  checked_at timestamptz,
  down_since timestamptz,
  -- When it is looked at next; put ahead by whoever takes it.
  due_at timestamptz not null,
  primary key (workspace_id, link_id)
);
create index link_health_due on ${s}.link_health (workspace_id, due_at);
`,
};
