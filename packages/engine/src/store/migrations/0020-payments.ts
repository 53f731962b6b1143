import type { Migration } from './migration.ts';

/**
 * Messages of payment providers. A provider names one payment in several ways, in several messages that come in any
 * order: `payment_reference` says which sale each of these names stands for.
 */
export const payments: Migration = {
  id: 20,
  name: 'payments',
  breaking: false,
  reference: [],
  distributed: ['payment_source', 'payment_message', 'payment_reference'],
  sql: (s) => `
create table ${s}.payment_source (
  workspace_id uuid not null,
  id uuid not null,
  provider text not null,
  name text not null,
  mode text not null check (mode in ('live', 'test')),
  -- Whether what the payer's own browser can say of who pays is believed.
  payer_reference text not null check (payer_reference in ('trusted', 'ignored')),
  -- The provider's signing secrets with their ends, encrypted; the first one is the newest.
  secrets bytea not null,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

create table ${s}.payment_message (
  workspace_id uuid not null,
  source_id uuid not null,
  -- The provider's, so that a repeat counts once.
  id text not null,
  type text not null,
  status text not null check (status in ('waiting', 'applied', 'ignored', 'failed')),
  reason text,
  -- What it says, encrypted, until it is applied.
  facts bytea,
  -- The payment that it waits for, by these names of it.
  names text[] not null,
  visitor_id uuid,
  attempts integer not null,
  due_at timestamptz not null,
  received_at timestamptz not null,
  primary key (workspace_id, source_id, id)
);
create index payment_message_due on ${s}.payment_message (workspace_id, due_at) where status = 'waiting';
create index payment_message_received on ${s}.payment_message (workspace_id, source_id, received_at, id);
create index payment_message_visitor on ${s}.payment_message (workspace_id, visitor_id) where visitor_id is not null;

create table ${s}.payment_reference (
  workspace_id uuid not null,
  source_id uuid not null,
  reference text not null,
  -- The event id that the sale has or will have; several names of one payment have the same.
  payment_key uuid not null,
  -- Who paid; empty until the sale is recorded.
  visitor_id uuid,
  created_at timestamptz not null,
  primary key (workspace_id, source_id, reference)
);
create index payment_reference_key on ${s}.payment_reference (workspace_id, source_id, payment_key);
create index payment_reference_age on ${s}.payment_reference (workspace_id, created_at);
create index payment_reference_visitor on ${s}.payment_reference (workspace_id, visitor_id) where visitor_id is not null;
`,
};
