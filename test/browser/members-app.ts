import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import { formatMoney, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';

import { buildScript } from './sites.ts';

/** An application with members, who sign up with an invitation or a referral code, buy, and see what they earned. */
export interface MembersApp extends AsyncDisposable {
  readonly hw: TestHeadwater;
  /** Where it is: `http://app.test:1234`. */
  readonly url: string;
  /** Mails that were sent, as HTML on a page of another site. */
  readonly mails: string[];
  readonly inbox: string;
  /** The members as the application's own table has them. */
  members(): Promise<Array<{ readonly id: string; readonly role: string }>>;
}

/** The application and Headwater share one database, so that a member and their redemption commit together. */
export async function openMembersApp(): Promise<MembersApp> {
  const script = buildScript();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://app.test:${port}`;
  const mails: string[] = [];
  const pglite = await PGlite.create();
  await pglite.exec('create table member (id text primary key, role text not null)');
  const hw = await createTestHeadwater({
    database: { pglite },
    clock: { now: () => Date.now() },
    ownHosts: [new URL(url).host],
  });
  await hw.start();
  const headwater = toNodeHandler(hw);

  async function signUp(request: IncomingMessage, form: URLSearchParams): Promise<void> {
    const id = form.get('name') ?? '';
    const landing = await hw.referrals.readLanding(toRequest(request, url));
    const anonymousId = cookieOf(request, '_hw_visitor');
    const who = {
      entity: ['user', id],
      ...(anonymousId !== undefined && { anonymousId }),
    } as const;
    await pglite.transaction(async (tx) => {
      const invitation = landing.invitation && orThrow(landing.invitation);
      const role = (invitation?.attributes['role'] as string | undefined) ?? 'member';
      await tx.query('insert into member values ($1, $2)', [id, role]);
      if (invitation !== undefined)
        orThrow(
          await hw.invitations.redeem(
            invitation,
            { ...who, email: form.get('email') ?? '', action: 'registered' },
            { tx },
          ),
        );
      else if (landing.code !== undefined)
        orThrow(await hw.referrals.redeem(landing.code, who, { tx }));
    });
  }

  async function pageOf(request: IncomingMessage, path: string): Promise<string> {
    const name = cookieOf(request, 'member');
    if (path === '/earnings') {
      const balances = orThrow(await hw.ledger.balances(['user', name ?? '']));
      return balances
        .map(({ unit, balanceMinor }) => {
          const amount = formatMoney({ amountMinor: balanceMinor, currency: unit });
          return `<p>${amount} ${unit}</p>`;
        })
        .join('');
    }
    if (name === undefined)
      return `<form method="post" action="/signup"><input name="name"><input name="email">
        <button>Sign up</button></form>`;
    const found = await pglite.query<{ role: string }>('select role from member where id = $1', [
      name,
    ]);
    return `<p>Hello ${name}, you are ${found.rows[0]?.role}</p>
      <form method="post" action="/buy"><button>Buy</button></form>`;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', url).pathname;
    const redirect = (location: string, cookies: readonly string[] = []): void => {
      response.writeHead(303, { location, 'set-cookie': [...cookies] }).end();
    };
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      if (path === '/signup') {
        await signUp(request, form);
        const [, forgotten] = await hw.referrals.forgetLanding(false);
        redirect('/', [`member=${form.get('name')}; HttpOnly; Path=/`, forgotten]);
        return;
      }
      const externalId = cookieOf(request, 'member') ?? '';
      orThrow(
        await hw.events.sale({
          externalId,
          amountMinor: 4_990n,
          currency: 'EUR',
          idempotencyKey: `order of ${externalId}`,
        }),
      );
      redirect('/');
      return;
    }
    const landing = await hw.referrals.readLanding(toRequest(request, url));
    for (const [name, value] of landing.headers) response.appendHeader(name, value);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    const welcome =
      landing.invitation?.ok === true
        ? '<p>You are invited</p>'
        : landing.code === undefined
          ? ''
          : `<p>Your code is ${landing.code.code}</p>`;
    response.end(
      `<!doctype html><title>App</title><script src="/hw/js/headwater.js" defer></script>
      <nav><a href="/pricing">Pricing</a></nav>${welcome}${await pageOf(request, path)}`,
    );
  }

  server.on('request', (request, response) => {
    const path = new URL(request.url ?? '/', url).pathname;
    if (path === '/hw/js/headwater.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else if (path.startsWith('/hw/')) headwater(request, response);
    else if (path === '/favicon.ico') response.writeHead(204).end();
    else if (request.headers.host?.startsWith('mail.') === true)
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(mails.join('<hr>'));
    else
      answer(request, response).catch((error: unknown) =>
        response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
      );
  });

  return {
    hw,
    url,
    mails,
    inbox: `http://mail.test:${port}/`,
    members: async () =>
      (await pglite.query<{ id: string; role: string }>('select id, role from member order by id'))
        .rows,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await hw.close();
      await pglite.close();
    },
  };
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  return request.headers.cookie
    ?.split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** What the library reads of a request. */
function toRequest(request: IncomingMessage, base: string): Request {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  );
  return new Request(new URL(request.url ?? '/', base), {
    method: request.method ?? 'GET',
    headers,
  });
}
