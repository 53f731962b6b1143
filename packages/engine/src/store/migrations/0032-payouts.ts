import type { Migration } from './migration.ts';

/** What partners are paid: docs/adr/0025. */
export const payouts: Migration = {
  id: 32,
  name: 'payouts',
  breaking: false,
  reference: [],
  distributed: ['payout_batch', 'payout'],
  sql: (s) => `
create table ${s}.payout_batch (
  workspace_id uuid not null,
  id uuid not null,
  note text,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);

create table ${s}.payout (
  workspace_id uuid not null,
  id uuid not null,
  batch_id uuid not null,
  partner_id uuid not null,
  unit text not null,
  amount_minor bigint not null check (amount_minor > 0),
  status text not null check (status in ('pending', 'paid', 'failed')),
  -- The entry that takes it from the balance.
  entry_id uuid not null,
  -- What whoever moved the money calls it.
  reference text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (workspace_id, id)
);
create index payout_batch_rows on ${s}.payout (workspace_id, batch_id, id);
create index payout_partner on ${s}.payout (workspace_id, partner_id, id);
`,
};
