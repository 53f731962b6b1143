import type { Migration } from './migration.ts';

/** Where requests to a link go beside its destination, and what link domains answer beside links. */
export const linkRouting: Migration = {
  id: 26,
  name: 'link-routing',
  breaking: false,
  reference: [],
  distributed: ['link_seat', 'link_domain'],
  sql: (s) => `
alter table ${s}.link add column routing jsonb;
-- scrypt with its parameters and salt; compared by those who serve the link, shown to nobody.
alter table ${s}.link add column password_hash text;
-- Keys of several segments, and patterns: a process asks which there are on a host.
create index link_path on ${s}.link (workspace_id, domain, key) where archived_at is null and position('/' in key) > 0;

-- What an exact limit has let through, counted before each redirect.
create table ${s}.link_seat (
  workspace_id uuid not null,
  link_id uuid not null,
  kind text not null check (kind in ('clicks', 'people')),
  used bigint not null,
  primary key (workspace_id, link_id, kind)
) with (fillfactor = 50);

create table ${s}.link_domain (
  workspace_id uuid not null,
  host text not null,
  -- Pages for links that are missing, expired or not active, and what apps are told.
  settings jsonb not null,
  updated_at timestamptz not null,
  primary key (workspace_id, host)
);
`,
};
