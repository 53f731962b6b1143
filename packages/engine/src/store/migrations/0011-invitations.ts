import type { Migration } from './migration.ts';

/** Invitations, referral codes, and what was done with them: docs/adr/0009. */
export const invitations: Migration = {
  id: 11,
  name: 'invitations',
  breaking: false,
  reference: [],
  distributed: [
    'invitation',
    'invitation_email',
    'invitation_usage',
    'referral_code',
    'redemption',
    'referral',
  ],
  sql: (s) => `
create table ${s}.invitation (
  workspace_id uuid not null,
  id uuid not null,
  -- HMAC-SHA256 of the token under the workspace's key. The token itself is not kept.
  token_hash bytea not null,
  token_prefix text not null,
  -- The secret whose signature has to come with the token; null where none has to.
  signing_key text,
  name text,
  description text,
  attributes jsonb not null,
  status text not null,
  -- Null: never.
  expires_at timestamptz,
  uses integer not null,
  -- Null: as many as come.
  uses_max integer,
  email_domains text[] not null,
  verified_email boolean not null,
  -- Who invites: an entity, its id as it is shown (null once forgotten) and the keyed hash by which it is compared.
  owner_type text,
  owner_id text,
  owner_key bytea,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id),
  constraint invitation_seats check (uses >= 0 and (uses_max is null or uses <= uses_max))
);
create unique index invitation_token on ${s}.invitation (workspace_id, token_hash) where archived_at is null;
create index invitation_expiry on ${s}.invitation (workspace_id, expires_at) where archived_at is null and expires_at is not null;
create index invitation_owner on ${s}.invitation (workspace_id, owner_key) where owner_key is not null;

create table ${s}.invitation_email (
  workspace_id uuid not null,
  invitation_id uuid not null,
  -- The keyed hash of the identifier; by it an address goes on being let in, or kept out, once it is forgotten.
  value_hash bytea not null,
  value bytea,
  primary key (workspace_id, invitation_id, value_hash)
);
create index invitation_email_value on ${s}.invitation_email (workspace_id, value_hash);

create table ${s}.invitation_usage (
  workspace_id uuid not null,
  id uuid not null,
  invitation_id uuid not null,
  entity_type text not null,
  entity_id text,
  entity_key bytea not null,
  action text not null,
  -- Whether the action counted once for each entity when it was recorded.
  once boolean not null,
  metadata jsonb not null,
  occurred_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index invitation_usage_once on ${s}.invitation_usage (workspace_id, invitation_id, action, entity_type, entity_key) where once;
create index invitation_usage_time on ${s}.invitation_usage (workspace_id, invitation_id, occurred_at, id);
create index invitation_usage_entity on ${s}.invitation_usage (workspace_id, entity_key);

create table ${s}.referral_code (
  workspace_id uuid not null,
  id uuid not null,
  -- Upper case: people type it as they like.
  code text not null,
  description text,
  active boolean not null,
  uses integer not null,
  uses_max integer not null,
  expires_at timestamptz,
  creator_id text,
  creator_key bytea,
  beneficiary_id text,
  beneficiary_key bytea,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  archived_at timestamptz,
  primary key (workspace_id, id),
  constraint referral_code_seats check (uses >= 0 and uses <= uses_max)
);
create unique index referral_code_text on ${s}.referral_code (workspace_id, code) where archived_at is null;
create index referral_code_creator on ${s}.referral_code (workspace_id, creator_key) where creator_key is not null;
create index referral_code_beneficiary on ${s}.referral_code (workspace_id, beneficiary_key) where beneficiary_key is not null;

create table ${s}.redemption (
  workspace_id uuid not null,
  id uuid not null,
  -- What was redeemed: one of the two.
  invitation_id uuid,
  code_id uuid,
  entity_type text not null,
  entity_id text,
  entity_key bytea not null,
  status text not null,
  -- Whoever benefits has redeemed it too, where that is only noted.
  self_referral boolean not null,
  -- The caller's own key of this attempt: a repeat finds the same redemption.
  attempt_key text,
  metadata jsonb not null,
  redeemed_at timestamptz not null,
  reversed_at timestamptz,
  primary key (workspace_id, id),
  constraint redemption_of_one check ((invitation_id is null) <> (code_id is null))
);
create unique index redemption_invitation on ${s}.redemption (workspace_id, invitation_id, entity_type, entity_key)
  where status = 'active' and invitation_id is not null;
create unique index redemption_code on ${s}.redemption (workspace_id, code_id, entity_type, entity_key)
  where status = 'active' and code_id is not null;
create unique index redemption_attempt on ${s}.redemption (workspace_id, attempt_key) where attempt_key is not null;
create index redemption_code_time on ${s}.redemption (workspace_id, code_id, redeemed_at, id) where code_id is not null;
create index redemption_invitation_time on ${s}.redemption (workspace_id, invitation_id, redeemed_at, id) where invitation_id is not null;
create index redemption_entity on ${s}.redemption (workspace_id, entity_key, redeemed_at, id);
create index redemption_time on ${s}.redemption (workspace_id, redeemed_at, id);

create table ${s}.referral (
  workspace_id uuid not null,
  id uuid not null,
  redemption_id uuid not null,
  referrer_type text not null,
  referrer_id text,
  referrer_key bytea not null,
  referee_type text not null,
  referee_id text,
  referee_key bytea not null,
  status text not null,
  created_at timestamptz not null,
  reversed_at timestamptz,
  primary key (workspace_id, id)
);
-- Nobody is referred twice.
create unique index referral_referee on ${s}.referral (workspace_id, referee_type, referee_key) where status = 'active';
create index referral_referrer on ${s}.referral (workspace_id, referrer_key);
create index referral_redemption on ${s}.referral (workspace_id, redemption_id);
`,
};
