import type { Migration } from './migration.ts';

/** Who earns on referral links: docs/adr/0025. */
export const partners: Migration = {
  id: 30,
  name: 'partners',
  breaking: false,
  reference: [],
  distributed: ['partner', 'partner_coupon'],
  sql: (s) => `
create table ${s}.partner (
  workspace_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  status text not null check (status in ('active', 'disabled', 'archived')),
  external_id text,
  -- Who the partner is as a user of the host: the keyed hashes by which people are recognised.
  person_key bytea,
  email_hash bytea,
  -- Encrypted.
  email bytea,
  metadata jsonb not null,
  program_id uuid,
  group_key text,
  -- Raised to end every token of the partner's page.
  token_version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id)
);
create unique index partner_key on ${s}.partner (workspace_id, lower(key)) where status <> 'archived';
create unique index partner_external_id on ${s}.partner (workspace_id, external_id) where status <> 'archived' and external_id is not null;
create index partner_person on ${s}.partner (workspace_id, person_key) where person_key is not null;
create index partner_email on ${s}.partner (workspace_id, email_hash) where email_hash is not null;

create table ${s}.partner_coupon (
  workspace_id uuid not null,
  id uuid not null,
  partner_id uuid not null,
  -- Upper case: a code is the same however it is typed.
  code text not null,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id)
);
create unique index partner_coupon_code on ${s}.partner_coupon (workspace_id, code) where archived_at is null;
create index partner_coupon_partner on ${s}.partner_coupon (workspace_id, partner_id, id);

create index touch_partner on ${s}.touch (workspace_id, partner_id, occurred_at) where partner_id is not null;
-- Who is paid for it, and by which touch: written once, when it is first settled.
alter table ${s}.conversion add column partner_id uuid;
alter table ${s}.conversion add column partner_touch_id uuid;
create index conversion_partner on ${s}.conversion (workspace_id, partner_id, occurred_at) where partner_id is not null;
`,
};
