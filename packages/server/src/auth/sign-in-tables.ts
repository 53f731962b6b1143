import type { Kysely, Transaction } from 'kysely';

import type { Role } from './role.ts';

/**
 * The tables of sign-in, in a schema of their own beside the engine's. `user`, `account`, `session` and `verification`
 * are read and written by better-auth too, which finds them by the names in `better-auth.ts`.
 */
export interface SignInTables {
  migration: { id: number; name: string; applied_at: Date };
  user: {
    id: string;
    name: string;
    email: string;
    email_verified: boolean;
    image: string | null;
    created_at: Date;
    updated_at: Date;
  };
  account: {
    id: string;
    user_id: string;
    provider_id: string;
    account_id: string;
    password: string | null;
    access_token: string | null;
    refresh_token: string | null;
    id_token: string | null;
    access_token_expires_at: Date | null;
    refresh_token_expires_at: Date | null;
    scope: string | null;
    created_at: Date;
    updated_at: Date;
  };
  session: {
    id: string;
    user_id: string;
    /** A keyed hash: the token itself is in the cookie only. */
    token: string;
    expires_at: Date;
    ip_address: string | null;
    user_agent: string | null;
    created_at: Date;
    updated_at: Date;
  };
  verification: {
    id: string;
    identifier: string;
    value: string;
    expires_at: Date;
    created_at: Date;
    updated_at: Date;
  };
  member: { workspace_id: string; user_id: string; role: Role; created_at: Date };
  owner_link: { token_hash: Buffer; expires_at: Date; created_at: Date };
  team_invitation: {
    workspace_id: string;
    invitation_id: string;
    role: Role;
    key_hash: Buffer;
    /** Whether the link went to the invited address, and to nobody else. */
    mailed: boolean;
    created_at: Date;
  };
  /** At most one row: the simulated workspace, or what has become of making it. */
  demo_workspace: {
    single: true;
    /** Of the attempt to make it. */
    run_id: string;
    workspace_id: string | null;
    state: DemoState;
    visits_done: number;
    visits_all: number;
    /** When whoever makes it was last heard of. */
    seen_at: Date;
  };
}

export type DemoState = 'making' | 'ready' | 'failed';

export type SignInDb = Kysely<SignInTables>;
export type SignInTx = Transaction<SignInTables>;
