import type { Migration } from './migration.ts';

/** What partners earn, and by which rules: docs/adr/0025. */
export const commissions: Migration = {
  id: 31,
  name: 'commissions',
  breaking: false,
  reference: [],
  distributed: ['partner_program', 'commission', 'partner_progress'],
  sql: (s) => `
create table ${s}.partner_program (
  -- A row for each version: what a programme said stays for what happened under it.
  workspace_id uuid not null,
  id uuid not null,
  version integer not null,
  name text not null,
  terms jsonb not null,
  created_at timestamptz not null,
  effective_from timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id, version)
);

create table ${s}.commission (
  workspace_id uuid not null,
  id uuid not null,
  program_id uuid not null,
  program_version integer not null,
  -- The rule of the programme, by its name there.
  rule text not null,
  partner_id uuid not null,
  trigger text not null check (trigger in ('click', 'lead', 'sale')),
  -- The touch or the conversion that earned it.
  trigger_id uuid not null,
  trigger_at timestamptz not null,
  -- The touch by which the person came, and the visitor that they were; null once they were forgotten.
  touch_id uuid,
  customer_id uuid,
  unit text not null,
  -- What it is worth while nothing is taken back.
  granted_minor bigint not null,
  -- What a cap has cut off.
  capped_minor bigint not null,
  -- The sum of its entries, written with them.
  net_minor bigint not null,
  held_until timestamptz,
  -- What is suspicious about it: kinds, and ids and counts as evidence.
  flags jsonb not null,
  decision text check (decision in ('approved', 'rejected')),
  decided_at timestamptz,
  decided_by text,
  note text,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
-- Nothing is paid for twice.
create unique index commission_once on ${s}.commission (workspace_id, trigger_id);
create index commission_partner on ${s}.commission (workspace_id, partner_id, id);
create index commission_customer on ${s}.commission (workspace_id, customer_id);
create index commission_program on ${s}.commission (workspace_id, program_id, partner_id);

-- A row for each workspace that has programmes: what this snapshot sees is settled. Null: everything is to be looked at.
create table ${s}.partner_progress (
  workspace_id uuid not null,
  snapshot text,
  -- Changes with programmes and partners, so that who has read older ones does not note their work as done.
  revision integer not null,
  primary key (workspace_id)
);
`,
};
