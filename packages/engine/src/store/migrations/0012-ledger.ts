import type { Migration } from './migration.ts';

/** What accounts have earned, and the rewards of referrals: docs/adr/0010. */
export const ledger: Migration = {
  id: 12,
  name: 'ledger',
  breaking: false,
  reference: [],
  distributed: ['ledger_entry', 'reward_rule', 'reward', 'reward_progress'],
  sql: (s) => `
create table ${s}.ledger_entry (
  -- Append-only: what an entry says never changes. Forgetting a person blanks who it was.
  workspace_id uuid not null,
  id uuid not null,
  -- The account is an entity: its id as it is shown (null once forgotten) and the keyed hash by which it is compared.
  account_type text not null,
  account_id text,
  account_key bytea not null,
  -- A currency (ISO 4217), or a unit of the host's own in lower case, which has no decimals.
  unit text not null,
  -- Minor units; what the account loses is negative.
  amount_minor bigint not null,
  kind text not null check (kind in ('earning', 'adjustment', 'payout', 'reversal', 'payout_reversal')),
  -- Until then it cannot be paid out; a reversal has the time of what it reverses, so that both are held together.
  held_until timestamptz,
  reverses_id uuid,
  -- The keyed hash of the idempotency key.
  key_hash bytea not null,
  -- What it is for: a reward, later a commission or a batch of payouts.
  reference_type text,
  reference_id uuid,
  description text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (workspace_id, id),
  constraint ledger_entry_amount check (amount_minor <> 0),
  constraint ledger_entry_reverses check ((reverses_id is not null) = (kind in ('reversal', 'payout_reversal')))
);
create unique index ledger_entry_key on ${s}.ledger_entry (workspace_id, key_hash);
create index ledger_entry_account on ${s}.ledger_entry (workspace_id, account_key, id);
create index ledger_entry_reverses on ${s}.ledger_entry (workspace_id, reverses_id) where reverses_id is not null;
create index ledger_entry_reference on ${s}.ledger_entry (workspace_id, reference_id) where reference_id is not null;

-- A row for each version: what a rule said stays for what happened under it.
create table ${s}.reward_rule (
  workspace_id uuid not null,
  id uuid not null,
  version integer not null,
  name text not null,
  active boolean not null,
  trigger text not null check (trigger in ('redemption', 'registration', 'activation', 'payment')),
  -- The terms of both sides and what limits them.
  terms jsonb not null,
  created_at timestamptz not null,
  effective_from timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id, version)
);

create table ${s}.reward (
  workspace_id uuid not null,
  id uuid not null,
  rule_id uuid not null,
  rule_version integer not null,
  side text not null check (side in ('referrer', 'referee')),
  referral_id uuid not null,
  -- The code or the invitation that was redeemed.
  source_id uuid not null,
  -- What earned it: a redemption, a conversion or an event.
  trigger_id uuid not null,
  trigger_at timestamptz not null,
  account_type text not null,
  account_id text,
  account_key bytea not null,
  unit text not null,
  -- What it is worth while nothing is taken back.
  granted_minor bigint not null,
  -- What a cap has cut off.
  capped_minor bigint not null,
  -- The sum of its entries, written with them.
  net_minor bigint not null,
  held_until timestamptz,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index reward_once on ${s}.reward (workspace_id, referral_id, rule_id, side, trigger_id);
create index reward_account on ${s}.reward (workspace_id, account_key, id);
create index reward_rule_account on ${s}.reward (workspace_id, rule_id, side, account_key);
create index reward_source on ${s}.reward (workspace_id, source_id, id);

-- A row for each workspace that has rules: what this snapshot sees is settled. Null: everything is to be looked at.
create table ${s}.reward_progress (
  workspace_id uuid not null,
  snapshot text,
  -- Changes with the rules, so that who has read older ones does not note their work as done.
  revision integer not null,
  primary key (workspace_id)
);

alter table ${s}.referral add column transaction_id bigint;
alter table ${s}.referral alter column transaction_id set default (pg_current_xact_id()::text::bigint);
create index referral_transaction on ${s}.referral (workspace_id, transaction_id);
`,
};
