import { simulated } from '../demo/simulate.ts';
import { findDemo } from '../demo/demo-store.ts';
import { pageUrl, guarded } from './ground.ts';
import type { Ground } from './ground.ts';
import { hasOwner, selectMemberships } from './member-store.ts';
import { answer, refuseSignIn } from './sign-in-answer.ts';
import type { SignInAnswer, SignInRefusal } from './sign-in-answer.ts';
import { forAnybody, forSignedIn } from './sign-in-route.ts';
import type { SignInRoute } from './sign-in-route.ts';
import {
  accountBody,
  emailBody,
  passwordBody,
  resetBody,
  signInBody,
  tokenBody,
} from './sign-in-schema.ts';
import { deleteSessions, selectSessions } from './session-store.ts';
import { renameUser } from './user-store.ts';

/** The id under which the library knows the identity provider. */
export const oidcProvider = 'oidc';

const ways = forAnybody({
  method: 'GET',
  path: '/methods',
  async handle({ settings, mailer, db }) {
    return answer({
      password: true,
      magic_link: mailer !== undefined,
      password_reset: mailer !== undefined,
      oidc: settings.oidc === undefined ? null : { name: settings.oidc.name },
      has_owner: await hasOwner(db),
    });
  },
});

const signIn = forAnybody({
  method: 'POST',
  path: '/sign-in',
  body: signInBody,
  handle: (ground, { request, network, body }) =>
    guarded(ground, { network, account: body.email }, () =>
      signInWithPassword(ground, request, body),
    ),
});

/** Signs in with a password, and answers the cookies of the session. */
export async function signInWithPassword(
  ground: Ground,
  request: Request,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<SignInAnswer | SignInRefusal> {
  const library = await ground.library();
  const answered = await library.call(request, {
    method: 'POST',
    path: '/sign-in/email',
    body: { email, password, rememberMe: true },
  });
  return answered.ok
    ? answer(undefined, answered.headers.getSetCookie())
    : refuseSignIn('wrong_password', 'No account has this address and password');
}

const askForLink = forAnybody({
  method: 'POST',
  path: '/sign-in/magic-link',
  body: emailBody,
  handle: (ground, { request, network, body }) =>
    sendByMail(ground, network, body.email, async (library) => {
      await library.call(request, { method: 'POST', path: '/sign-in/magic-link', body });
    }),
});

const openLink = forAnybody({
  method: 'POST',
  path: '/sign-in/magic-link/verify',
  body: tokenBody,
  handle: (ground, { request, network, body }) =>
    guarded(ground, { network }, async () => {
      const library = await ground.library();
      const path = `/magic-link/verify?${new URLSearchParams({ token: body.token }).toString()}`;
      const answered = await library.call(request, { method: 'GET', path });
      // What is no good is answered with a redirect to the page of the error.
      return answered.status === 200
        ? answer(undefined, answered.headers.getSetCookie())
        : refuseSignIn('link_unusable', 'This link has been used, or is older than ten minutes');
    }),
});

const forgot = forAnybody({
  method: 'POST',
  path: '/password/forgot',
  body: emailBody,
  handle: (ground, { request, network, body }) =>
    sendByMail(ground, network, body.email, async (library) => {
      await library.call(request, { method: 'POST', path: '/request-password-reset', body });
    }),
});

const reset = forAnybody({
  method: 'POST',
  path: '/password/reset',
  body: resetBody,
  handle: (ground, { request, network, body }) =>
    guarded(ground, { network }, async () => {
      const library = await ground.library();
      const answered = await library.call(request, {
        method: 'POST',
        path: '/reset-password',
        body: { token: body.token, newPassword: body.password },
      });
      return answered.ok
        ? answer()
        : refuseSignIn('link_unusable', 'This link has been used, or is older than an hour');
    }),
});

const beginOidc = forAnybody({
  method: 'POST',
  path: '/sign-in/oidc',
  async handle(ground, { request }) {
    if (ground.settings.oidc === undefined)
      return refuseSignIn('not_found', 'There is no identity provider');
    const library = await ground.library();
    const answered = await library.call(request, {
      method: 'POST',
      path: '/sign-in/social',
      body: {
        provider: oidcProvider,
        callbackURL: pageUrl(ground, ''),
        errorCallbackURL: pageUrl(ground, 'sign-in'),
        disableRedirect: true,
      },
    });
    const body = answered.ok ? ((await answered.json()) as { url?: string }) : {};
    if (body.url === undefined) {
      // It may have been away when the library asked it for its addresses.
      ground.forgetLibrary();
      return refuseSignIn('oidc_failed', 'The identity provider does not answer. Try again.');
    }
    return answer({ url: body.url }, answered.headers.getSetCookie());
  },
});

const current = forSignedIn({
  method: 'GET',
  path: '/session',
  async handle(ground, { request, signedIn }) {
    const { userId: id, name, email, sessionId } = signedIn;
    const memberships = await selectMemberships(ground.db, id);
    const workspaces = [];
    for (const { workspaceId, role } of memberships) {
      const workspace = await ground.hw.workspaces.get(workspaceId);
      if (workspace === undefined) continue;
      workspaces.push({ id: workspace.id, name: workspace.name, slug: workspace.slug, role });
    }
    const demo = await findDemo(ground.db);
    if (demo?.state === 'ready' && demo.workspaceId !== undefined && memberships[0] !== undefined)
      workspaces.push({
        ...simulated,
        id: demo.workspaceId,
        role: memberships[0].role,
        is_demo: true,
      });
    // The one request that lengthens a session: its answer can carry the cookie.
    const library = await ground.library();
    const lengthened = await library.call(request, { method: 'GET', path: '/get-session' });
    return answer(
      { user: { id, name, email }, session_id: sessionId, workspaces },
      lengthened.headers.getSetCookie(),
    );
  },
});

const signOut = forAnybody({
  method: 'POST',
  path: '/sign-out',
  async handle(ground, { request }) {
    const library = await ground.library();
    const answered = await library.call(request, { method: 'POST', path: '/sign-out', body: {} });
    return answer(undefined, answered.headers.getSetCookie());
  },
});

const changePassword = forSignedIn({
  method: 'POST',
  path: '/password',
  body: passwordBody,
  handle: (ground, { request, network, body, signedIn }) =>
    guarded(ground, { network, account: signedIn.email }, async () => {
      const library = await ground.library();
      const answered = await library.call(request, {
        method: 'POST',
        path: '/change-password',
        body: {
          currentPassword: body.current_password,
          newPassword: body.new_password,
          revokeOtherSessions: true,
        },
      });
      return answered.ok
        ? answer(undefined, answered.headers.getSetCookie())
        : refuseSignIn('wrong_password', 'The current password is another one', {
            current_password: ['is another one'],
          });
    }),
});

const rename = forSignedIn({
  method: 'PATCH',
  path: '/account',
  body: accountBody,
  async handle({ db, neighbour }, { body, signedIn }) {
    const at = new Date(neighbour.clock.now());
    await renameUser(db, { id: signedIn.userId, name: body.name, at });
    return answer();
  },
});

const listSessions = forSignedIn({
  method: 'GET',
  path: '/sessions',
  async handle({ db, neighbour }, { signedIn }) {
    const sessions = await selectSessions(db, signedIn.userId, new Date(neighbour.clock.now()));
    return answer({
      sessions: sessions.map((session) => ({
        id: session.id,
        user_agent: session.userAgent,
        created_at: session.createdAt,
        expires_at: session.expiresAt,
        current: session.id === signedIn.sessionId,
      })),
    });
  },
});

const endSession = forSignedIn({
  method: 'DELETE',
  path: '/sessions/{id}',
  async handle({ db }, { params, signedIn }) {
    return (await deleteSessions(db, signedIn.userId, params['id']))
      ? answer()
      : refuseSignIn('not_found', 'There is no such session');
  },
});

/** Answers the same whether the address is known or not, and lets nobody have mail sent without end. */
async function sendByMail(
  ground: Ground,
  network: string | undefined,
  email: string,
  send: (library: Awaited<ReturnType<Ground['library']>>) => Promise<void>,
): Promise<SignInAnswer | SignInRefusal> {
  if (ground.mailer === undefined)
    return refuseSignIn('mail_not_configured', 'This server sends no mail (SMTP_URL)');
  const counted = { ok: false, answered: answer() } as const;
  const done = await guarded(ground, { network, account: `mail ${email}` }, async () => {
    await send(await ground.library());
    return counted;
  });
  return 'answered' in done ? done.answered : done;
}

export const sessionRoutes: readonly SignInRoute[] = [
  ways,
  current,
  signIn,
  askForLink,
  openLink,
  beginOidc,
  signOut,
  forgot,
  reset,
  changePassword,
  rename,
  listSessions,
  endSession,
];
