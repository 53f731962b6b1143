import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { orThrow } from 'headwater';
import type { Account } from 'headwater';
import { toGateHook, toGateMiddleware, toLandingHook, toLandingMiddleware } from 'headwater/node';
import type { InvitedRequest } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html',
};

/** Who is signed in, as a session would say it. */
function accountOf({ headers }: Pick<IncomingMessage, 'headers'>): Account | undefined {
  const user = headers['x-user'];
  if (user === 'broken') throw new Error('The session could not be read.');
  if (typeof user !== 'string') return undefined;
  return { entity: ['user', user], isOperator: user === 'root' };
}

const gate = { entryPath: '/enter-code', allow: ['/logout'] };

type Get = (path: string, headers?: Record<string, string>) => Promise<Response>;
interface App {
  readonly get: Get;
  close(): Promise<void>;
}

async function listen(listener: RequestListener): Promise<App> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    get: (path, headers = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const landed = (request: InvitedRequest): string =>
  request.landing?.invitation?.ok === true ? request.landing.invitation.value.id : 'nobody';

const apps: ReadonlyArray<readonly [string, (hw: TestHeadwater) => Promise<App>]> = [
  [
    'node:http, and so in Express and Connect',
    (hw) => {
      const land = toLandingMiddleware(hw, { refusedTo: '/contact', stripToken: true });
      const guard = toGateMiddleware(hw, { ...gate, account: accountOf });
      return listen((request, response) => {
        const fail = (error: unknown) => (
          response.writeHead(500).end(),
          expect(error).toBeDefined()
        );
        const answer = () => void response.end(landed(request as InvitedRequest));
        land(request, response, () =>
          guard(request, response, (error) => (error === undefined ? answer() : fail(error))),
        );
      });
    },
  ],
  [
    'hooks of Fastify',
    (hw) => {
      const land = toLandingHook(hw, { refusedTo: '/contact', stripToken: true });
      const guard = toGateHook(hw, {
        ...gate,
        account: (request: InvitedRequest & { raw: IncomingMessage }) => accountOf(request.raw),
      });
      return listen((raw, response) => {
        // As Fastify's reply: what is sent ends the hooks.
        const reply = {
          sent: false,
          code: (status: number) => void (response.statusCode = status),
          header: (name: string, value: string) => void response.appendHeader(name, value),
          send(body: unknown) {
            reply.sent = true;
            response.end(body);
            return reply;
          },
        };
        const request: InvitedRequest & { raw: IncomingMessage } = { raw };
        const run = async (): Promise<void> => {
          await land(request, reply);
          if (!reply.sent) await guard(request, reply);
          if (!reply.sent) reply.send(landed(request));
        };
        run().catch(() => {
          response.statusCode = 500;
          response.end();
        });
      });
    },
  ],
  [
    'Request and Response',
    (hw) => {
      const guard = hw.gate.guard({
        ...gate,
        account: (request) => accountOf({ headers: Object.fromEntries(request.headers) }),
      });
      return Promise.resolve({
        async get(path, headers = {}) {
          const request = new Request(`http://app.test${path}`, { headers });
          const options = { refusedTo: '/contact', stripToken: true };
          const landing = await hw.referrals.readLanding(request, options);
          const set = landing.headers.map(([name, value]): [string, string] => [name, value]);
          const to = landing.redirectTo;
          if (to !== undefined)
            return new Response(null, { status: 303, headers: [...set, ['location', to]] });
          const refused = await guard(request).catch(() => new Response(null, { status: 500 }));
          return refused ?? new Response(landed({ landing }), { headers: set });
        },
        close: () => Promise.resolve(),
      });
    },
  ],
];

describe.each(apps)('in %s', (_name, open) => {
  let hw: TestHeadwater;
  let app: App;
  beforeAll(async () => {
    hw = await createTestHeadwater();
    app = await open(hw);
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await hw.close();
  });

  it('a landing keeps the invitation in the signed cookie, and the token leaves the address', async () => {
    const invitation = orThrow(await hw.invitations.create());
    const query = `?utm_source=mail&invitation_token=${invitation.token}`;
    const first = await app.get(`/signup${query}`, browser);
    expect([first.status, first.headers.get('location')]).toEqual([303, '/signup?utm_source=mail']);
    const kept = first.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
    expect(kept.some((cookie) => cookie.startsWith('_hw_ref='))).toBe(true);
    const second = await app.get('/signup?utm_source=mail', {
      ...browser,
      cookie: kept.join('; '),
    });
    expect([second.status, await second.text()]).toEqual([200, invitation.id]);
    const wrong = await app.get('/signup?invitation_token=none', browser);
    expect([wrong.status, wrong.headers.get('location')]).toEqual([303, '/contact']);
  });

  it('the gate lets through whom it may, and everybody to where the code is entered', async () => {
    const status = async (path: string, user?: string) =>
      (await app.get(path, { ...browser, ...(user !== undefined && { 'x-user': user }) })).status;
    expect(await status('/app', 'ann')).toBe(200);
    orThrow(await hw.workspaces.update({ settings: { referrals: { required: true } } }));
    expect(await status('/app')).toBe(200);
    expect(await status('/app', 'root')).toBe(200);
    for (const path of ['/enter-code', '/enter-code?from=/app', '/logout', '/logout/all'])
      expect([path, await status(path, 'ann')]).toEqual([path, 200]);
    const page = await app.get('/app?x=1', { ...browser, 'x-user': 'ann' });
    expect([page.status, page.headers.get('location')]).toEqual([303, '/enter-code']);
    expect(page.headers.get('cache-control')).toBe('no-store');
    const call = await app.get('/api/things', { 'x-user': 'ann' });
    expect([call.status, await call.json()]).toEqual([
      403,
      { error: 'This account needs an invitation or a code.', code: 'not_admitted' },
    ]);
    for (const path of ['/logoutside', '/enter-code/%2e%2e/app', '//logout', '/logout%2f..%2fapp'])
      expect([path, await status(path, 'ann')]).not.toEqual([path, 200]);
    expect(await status('/app', 'broken')).toBe(500);
    orThrow(await hw.gate.admit({ entity: ['user', 'ann'] }));
    expect(await status('/app', 'ann')).toBe(200);
  });
});

it('answers 503 where nobody can tell', async () => {
  const unavailable = { admitted: false, reason: 'unavailable' } as const;
  const guard = toGateMiddleware(
    { gate: { check: () => Promise.resolve(unavailable) } },
    { ...gate, account: accountOf },
  );
  const app = await listen((request, response) =>
    guard(request, response, () => void response.end('in')),
  );
  const answer = await app.get('/app', { 'x-user': 'ann' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  await app.close();
});
