import type { Migration } from './migration.ts';

/** Who may come in, who waits for it, and what was taken over from other systems: docs/adr/0011. */
export const gateAndWaitlist: Migration = {
  id: 13,
  name: 'gate_and_waitlist',
  breaking: false,
  reference: [],
  distributed: ['admission', 'waitlist_entry', 'imported_row'],
  sql: (s) => `
create table ${s}.admission (
  -- Who may come in where that takes an invitation or a code. A row is never changed.
  workspace_id uuid not null,
  entity_type text not null,
  entity_key bytea not null,
  entity_id text not null,
  via text not null,
  admitted_at timestamptz not null,
  primary key (workspace_id, entity_type, entity_key)
);
create index admission_entity on ${s}.admission (workspace_id, entity_key);

create table ${s}.waitlist_entry (
  workspace_id uuid not null,
  id uuid not null,
  email_hash bytea not null,
  -- Encrypted; null once somebody has left or was forgotten.
  email bytea,
  name text,
  metadata jsonb not null,
  -- What they pass on, so that others count for them.
  code text not null,
  status text not null,
  -- The order of joining, and the place that follows from it and from who was referred.
  ordinal integer not null,
  rank integer not null,
  referrals integer not null,
  referred_by uuid,
  invitation_id uuid,
  joined_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index waitlist_entry_email on ${s}.waitlist_entry (workspace_id, email_hash);
create unique index waitlist_entry_code on ${s}.waitlist_entry (workspace_id, code);
create index waitlist_entry_rank on ${s}.waitlist_entry (workspace_id, rank, ordinal desc) where status = 'waiting';
create unique index waitlist_entry_ordinal on ${s}.waitlist_entry (workspace_id, ordinal);

-- Which row of ours is which row of another system's.
create table ${s}.imported_row (
  workspace_id uuid not null,
  source text not null,
  source_id text not null,
  id uuid not null,
  primary key (workspace_id, source, source_id)
);

alter table ${s}.invitation add column link_id uuid;
alter table ${s}.referral_code add column link_id uuid;
`,
};
