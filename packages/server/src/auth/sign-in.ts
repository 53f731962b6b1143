import type { AuthenticateAnswer, Headwater, Logger } from 'headwater';

import { answerRoute } from './answer-route.ts';
import type { AuthLibrary } from './auth-library.ts';
import { findMembership } from './find-membership.ts';
import type { Ground, SignInSettings } from './ground.ts';
import { createMailer } from './mailer.ts';
import { migrateSignIn } from './migrate-sign-in.ts';
import { createFirstOwnerLink } from './owner-link.ts';
import { scopesOf } from './role.ts';
import { isFromOwnPage, isSafe } from './same-origin.ts';
import { sessionCookie } from './session-cookie.ts';
import { deleteExpired } from './session-store.ts';
import { oidcProvider } from './session-routes.ts';
import { toResponse } from './sign-in-answer.ts';
import type { SignInTables } from './sign-in-tables.ts';

/** Accounts, sessions and teams of the people who work with this server. */
export interface SignIn {
  readonly ground: Ground;
  /** Whether a path is one of sign-in's. */
  serves(path: string): boolean;
  handler(request: Request, details: { readonly remoteAddress?: string }): Promise<Response>;
  /** Who asks the REST API by the cookie of a session. */
  authenticate(request: Request): Promise<AuthenticateAnswer | undefined>;
  /** Brings the tables to this version. */
  migrate(): Promise<void>;
  /** The same at a start; answers the link for the first owner while there is none. */
  prepare(): Promise<string | undefined>;
  /** Waits for what is being sent. */
  close(): Promise<void>;
}

/** Sign-in on an engine's database, in the schema beside its own. */
export function createSignIn(
  hw: Headwater,
  settings: SignInSettings & { readonly schema: string; readonly logger: Logger },
): SignIn {
  const { logger } = settings;
  const schema = `${settings.schema}_auth`;
  const neighbour = hw.beside<SignInTables>(schema);
  const mailer = settings.mail && createMailer({ ...settings.mail, logger });
  let library: Promise<AuthLibrary> | undefined;
  const ground: Ground = {
    settings,
    hw,
    neighbour,
    db: neighbour.db,
    mailer,
    logger,
    library() {
      library ??= import('./better-auth.ts').then(({ createAuthLibrary }) =>
        createAuthLibrary(ground),
      );
      library.catch(() => ground.forgetLibrary());
      return library;
    },
    forgetLibrary() {
      library = undefined;
    },
  };
  const migrate = (): Promise<void> =>
    migrateSignIn(ground.db, schema, new Date(neighbour.clock.now()));
  const base = `${settings.basePath}/auth`;
  const callback = `${base}/callback/${oidcProvider}`;

  return {
    ground,
    serves: (path) => path === base || path.startsWith(`${base}/`),
    async handler(request, { remoteAddress }) {
      const { pathname } = new URL(request.url);
      if (pathname === callback && request.method === 'GET' && settings.oidc !== undefined)
        return (await ground.library()).pass(request);
      const network = neighbour.networkOf(request, remoteAddress);
      const path = pathname.slice(base.length);
      return toResponse(await answerRoute(ground, request, { path, network }));
    },
    async authenticate(request) {
      if (!hasSessionCookie(request.headers)) return undefined;
      const signedIn = await (await ground.library()).findSession(request.headers);
      if (signedIn === undefined) return undefined;
      if (!isSafe(request.method) && !isFromOwnPage(request, settings.publicUrl))
        return forbidden('This request does not come from a page of this server');
      const member = await findMembership(ground.db, signedIn.userId, request.headers);
      if (member === undefined) return forbidden('You are not in this workspace');
      return {
        ok: true,
        workspaceId: member.workspaceId,
        scopes: scopesOf(member.role),
        actor: `user ${signedIn.userId}`,
      };
    },
    migrate,
    async prepare() {
      await migrate();
      await deleteExpired(ground.db, new Date(neighbour.clock.now()));
      return createFirstOwnerLink(ground);
    },
    async close() {
      await mailer?.settle();
    },
  };
}

/** Without one nobody is asked, and the library stays where it is. */
function hasSessionCookie(headers: Headers): boolean {
  return headers.get('cookie')?.includes(`${sessionCookie}=`) === true;
}

function forbidden(message: string): AuthenticateAnswer {
  return { ok: false, reason: 'forbidden', message };
}
