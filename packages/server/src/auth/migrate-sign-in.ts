import { sql } from 'kysely';

import type { SignInDb } from './sign-in-tables.ts';

/** Held while migrating: processes that start together run each migration once. */
const migrationLock = 0x68_77_73_69;

interface Migration {
  readonly id: number;
  readonly name: string;
  sql(schema: string): string;
}

/** Brings the tables of sign-in to this version; nothing is done where they are. Never goes back. */
export async function migrateSignIn(db: SignInDb, schema: string, now: Date): Promise<void> {
  const quoted = `"${schema}"`;
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    await sql
      .raw(
        `create schema if not exists ${quoted};
create table if not exists ${quoted}.migration (id integer primary key, name text not null, applied_at timestamptz not null);`,
      )
      .execute(tx);
    const done = await tx.selectFrom('migration').select('id').execute();
    for (const migration of migrations) {
      if (done.some(({ id }) => id === migration.id)) continue;
      await sql.raw(migration.sql(quoted)).execute(tx);
      await tx
        .insertInto('migration')
        .values({ id: migration.id, name: migration.name, applied_at: now })
        .execute();
    }
  });
}

const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'sign-in',
    sql: (schema) => `
create table ${schema}."user" (
  id uuid primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null,
  image text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create table ${schema}.account (
  id uuid primary key,
  user_id uuid not null references ${schema}."user" on delete cascade,
  provider_id text not null,
  account_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider_id, account_id)
);
create index account_by_user on ${schema}.account (user_id);
create table ${schema}.session (
  id uuid primary key,
  user_id uuid not null references ${schema}."user" on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index session_by_user on ${schema}.session (user_id);
create table ${schema}.verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index verification_by_identifier on ${schema}.verification (identifier);
create table ${schema}.member (
  workspace_id uuid not null,
  user_id uuid not null references ${schema}."user" on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz not null,
  primary key (workspace_id, user_id)
);
create index member_by_user on ${schema}.member (user_id);
create table ${schema}.owner_link (
  token_hash bytea primary key,
  expires_at timestamptz not null,
  created_at timestamptz not null
);
create table ${schema}.team_invitation (
  workspace_id uuid not null,
  invitation_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  key_hash bytea not null unique,
  mailed boolean not null,
  created_at timestamptz not null,
  primary key (workspace_id, invitation_id)
);`,
  },
  {
    id: 2,
    name: 'demo workspace',
    sql: (schema) => `
create table ${schema}.demo_workspace (
  single boolean primary key check (single),
  run_id uuid not null,
  workspace_id uuid,
  state text not null check (state in ('making', 'ready', 'failed')),
  visits_done integer not null,
  visits_all integer not null,
  seen_at timestamptz not null
);`,
  },
];
