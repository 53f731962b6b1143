import type { Headwater, Logger, Neighbour } from 'headwater';

import type { AuthLibrary, SignedIn } from './auth-library.ts';
import type { Mailer } from './mailer.ts';
import type { Membership } from './member-store.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInTables } from './sign-in-tables.ts';

/** The identity provider of the organisation. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** What stands on the button. */
  readonly name: string;
}

export interface SignInSettings {
  readonly basePath: string;
  /** Where people reach the server; links in mails begin with it. */
  readonly publicUrl: string;
  readonly mail: { readonly url: string; readonly from: string } | undefined;
  readonly oidc: OidcSettings | undefined;
}

/** The part of the engine that sign-in stands on. */
export type SignInEngine = Pick<Headwater, 'invitations' | 'workspaces'>;

/** What the parts of sign-in share. */
export interface Ground {
  readonly settings: SignInSettings;
  readonly hw: SignInEngine;
  readonly neighbour: Neighbour<SignInTables>;
  readonly db: Neighbour<SignInTables>['db'];
  readonly mailer: Mailer | undefined;
  readonly logger: Logger;
  /** Loads the library with the first request that needs it: it is larger than the server without it. */
  library(): Promise<AuthLibrary>;
  /** Begins with a new one next time: what the identity provider says of itself is read when it is made. */
  forgetLibrary(): void;
}

/** A request as routes see it. */
export interface Call<Body = unknown> {
  readonly request: Request;
  readonly network: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** A request of somebody who is signed in. */
export interface SignedInCall<Body = unknown> extends Call<Body> {
  readonly signedIn: SignedIn;
}

/** A request of a member of the workspace that it names. */
export interface MemberCall<Body = unknown> extends SignedInCall<Body> {
  readonly member: Membership;
}

/** The address of a page of the dashboard; what is secret stands behind the `#`, which no server is told. */
export function pageUrl({ settings }: Ground, page: string, secret?: string): string {
  const address = `${settings.publicUrl}${settings.basePath}/${page}`;
  return secret === undefined ? address : `${address}#${secret}`;
}

/**
 * Does what may be tried so often only, by one network and for one account. What succeeds is not counted.
 */
export async function guarded<T extends { readonly ok: boolean }>(
  { neighbour }: Ground,
  { network, account }: { readonly network: string | undefined; readonly account?: string },
  attempt: () => Promise<T>,
): Promise<T | SignInRefusal> {
  const subjects = [
    network,
    account && `account ${neighbour.keyring.hash('account', account).toString('base64url')}`,
  ];
  const taken: Array<{ giveBack(): void }> = [];
  for (const subject of subjects) {
    const counted = await neighbour.limiter.takeTogether('signIns', subject);
    if (!counted.ok) {
      for (const other of taken) other.giveBack();
      return { ...refuseSignIn('rate_limited', counted.message), ...counted };
    }
    taken.push(counted);
  }
  const answered = await attempt();
  if (answered.ok) for (const counted of taken) counted.giveBack();
  return answered;
}
