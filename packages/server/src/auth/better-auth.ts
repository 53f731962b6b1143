import { kyselyAdapter } from '@better-auth/kysely-adapter';
import type { BetterAuthOptions } from 'better-auth';
import { betterAuth } from 'better-auth/minimal';
import { hashPassword } from 'better-auth/crypto';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import { magicLink } from 'better-auth/plugins/magic-link';

import type { AuthLibrary } from './auth-library.ts';
import { pageUrl } from './ground.ts';
import type { Ground, OidcSettings } from './ground.ts';
import { hashSessionTokens } from './hash-session-tokens.ts';
import { magicLinkMail, passwordResetMail } from './mail-texts.ts';
import { findUserByEmail } from './user-store.ts';
import { sessionCookie } from './session-cookie.ts';
import { oidcProvider } from './session-routes.ts';

const day = 24 * 60 * 60;

/** better-auth on our tables, with everything switched off that we do not ask for. */
export function createAuthLibrary(ground: Ground): AuthLibrary {
  const { settings, neighbour, mailer } = ground;
  const basePath = `${settings.basePath}/auth`;
  const auth = betterAuth({
    appName: 'Headwater',
    baseURL: settings.publicUrl,
    basePath,
    // A new secret in front signs everybody out: what the cookie was signed with is not kept beside it.
    secret: neighbour.keyring.hash('library', 'secret').toString('base64url'),
    database: (options: BetterAuthOptions) =>
      hashSessionTokens(kyselyAdapter(neighbour.db, { type: 'postgres' })(options), (token) =>
        neighbour.keyring.hashes('session', token).map((hash) => hash.toString('base64url')),
      ),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 128,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: 60 * 60,
      ...(mailer !== undefined && {
        sendResetPassword({ user, token }) {
          mailer.post(passwordResetMail(user.email, pageUrl(ground, 'reset-password', token)));
          return Promise.resolve();
        },
      }),
    },
    user: { fields: { emailVerified: 'email_verified', ...times } },
    session: {
      expiresIn: 30 * day,
      updateAge: day,
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...times,
      },
    },
    account: {
      encryptOAuthTokens: true,
      updateAccountOnSignIn: false,
      accountLinking: {
        enabled: true,
        trustedProviders: [oidcProvider],
        // Nobody can take an address by signing up: accounts come from invitations, which are bound to one.
        requireLocalEmailVerified: false,
      },
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...times,
      },
    },
    verification: { storeIdentifier: 'hashed', fields: { expiresAt: 'expires_at', ...times } },
    plugins: [
      ...(mailer === undefined
        ? []
        : [
            magicLink({
              expiresIn: 10 * 60,
              disableSignUp: true,
              storeToken: 'hashed',
              async sendMagicLink({ email, token }) {
                // The library makes links for everybody, so that the answer tells nothing.
                if ((await findUserByEmail(ground.db, email)) === undefined) return;
                mailer.post(magicLinkMail(email, pageUrl(ground, 'magic-link', token)));
              },
            }),
          ]),
      ...(settings.oidc === undefined
        ? []
        : [genericOAuth({ config: [toProvider(settings.oidc)] })]),
    ],
    advanced: {
      useSecureCookies: settings.publicUrl.startsWith('https:'),
      cookiePrefix: '_hw',
      cookies: { session_token: { name: sessionCookie } },
      defaultCookieAttributes: { path: settings.basePath },
      database: { generateId: () => neighbour.createId() },
      // Sessions keep no addresses, and our own limits count networks.
      ipAddress: { disableIpTracking: true },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      // Its details may hold addresses of people.
      log: (_level, message) => ground.logger.warn(`sign-in: ${message}`),
    },
    onAPIError: {
      errorURL: pageUrl(ground, 'sign-in'),
      // Faults are for the server to log and to answer; refusals become answers all the same.
      throw: true,
    },
  });

  return {
    call(request, { method, path, body }) {
      const headers = new Headers({ origin: settings.publicUrl });
      for (const name of ['cookie', 'user-agent']) {
        const value = request.headers.get(name);
        if (value !== null) headers.set(name, value);
      }
      if (body !== undefined) headers.set('content-type', 'application/json');
      return auth.handler(
        new Request(`${settings.publicUrl}${basePath}${path}`, {
          method,
          headers,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      );
    },
    pass: (request) => auth.handler(request),
    async findSession(headers) {
      const found = await auth.api.getSession({ headers, query: { disableRefresh: true } });
      if (found === null) return undefined;
      const { session, user } = found;
      return { sessionId: session.id, userId: user.id, name: user.name, email: user.email };
    },
    hashPassword,
  };
}

const times = { createdAt: 'created_at', updatedAt: 'updated_at' } as const;

function toProvider({ issuer, clientId, clientSecret, scopes }: OidcSettings) {
  return {
    providerId: oidcProvider,
    discoveryUrl: `${issuer}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    scopes: [...scopes],
    pkce: true,
    requireIdTokenVerification: true,
    // Accounts are made by invitations only.
    disableSignUp: true,
  };
}
