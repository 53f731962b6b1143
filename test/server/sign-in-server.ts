import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { Headwater } from 'headwater';
import { createTestClock, createTestHeadwater } from 'headwater/testing';
import type { TestClock } from 'headwater/testing';
import { SMTPServer } from 'smtp-server';

import { createSignIn } from '../../packages/server/src/auth/sign-in.ts';
import type { SignIn } from '../../packages/server/src/auth/sign-in.ts';
import type { SignInSettings } from '../../packages/server/src/auth/ground.ts';
import { createServer } from '../../packages/server/src/server.ts';
import type { ServedPath } from '../../packages/server/src/server.ts';
import { createPostgresDatabase } from '../support/postgres.ts';

export const sizes = ['pglite', 'postgres'] as const;

export interface SignInServer extends AsyncDisposable {
  readonly origin: string;
  readonly hw: Headwater;
  readonly signIn: SignIn;
  readonly clock: TestClock;
  /** What it has logged so far. */
  log(): string;
  /** Somebody with a browser of their own. */
  person(): Person;
  /** The token of a new owner link. */
  ownerToken(): Promise<string>;
}

/** A server with sign-in, on a database of its own. */
export async function startSignInServer(
  size: (typeof sizes)[number],
  settings: Partial<Pick<SignInSettings, 'mail' | 'oidc' | 'publicUrl'>> = {},
): Promise<SignInServer> {
  const database = size === 'postgres' ? await createPostgresDatabase() : undefined;
  // The library reads the system's clock.
  const clock = createTestClock(new Date());
  const lines: string[] = [];
  const note = (message: string, details?: unknown): void => {
    const error = (details as { error?: unknown } | undefined)?.error;
    lines.push(
      `${message} ${JSON.stringify(details)} ${error instanceof Error ? error.stack : ''}`,
    );
  };
  const logger = { info: note, warn: note, error: note };
  const hw = await createTestHeadwater({
    clock,
    logger,
    links: { domains: ['go.example'] },
    ...(database && { database: { url: database.url } }),
    authenticateSession: (request) => signIn.authenticate(request),
  });
  const served: ServedPath = {
    serves: (path) => signIn.serves(path),
    handler: (request, details) => signIn.handler(request, details),
  };
  const server = createServer(hw, { basePath: '/hw', logger, signIn: served });
  const origin = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  const signIn: SignIn = createSignIn(hw, {
    basePath: '/hw',
    publicUrl: origin,
    mail: undefined,
    oidc: undefined,
    ...settings,
    schema: 'headwater',
    logger,
  });
  const ownerLink = await signIn.prepare();
  return {
    origin,
    hw,
    signIn,
    clock,
    log: () => lines.join('\n'),
    person: () => createPerson(origin),
    ownerToken: () => Promise.resolve(ownerLink!.split('#')[1]!),
    async [Symbol.asyncDispose]() {
      await server.stop(1_000);
      await signIn.close();
      await hw.close();
      await database?.[Symbol.asyncDispose]();
    },
  };
}

export interface PersonAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface Person {
  readonly cookies: Map<string, string>;
  /** A request of a page of the server, unless its headers say otherwise. @param path below `/hw` */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<PersonAnswer>;
}

function createPerson(origin: string): Person {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async ask(method, path, body, headers = {}) {
      const answer = await fetch(`${origin}/hw/${path}`, {
        method,
        redirect: 'manual',
        headers: {
          'x-headwater-request': '1',
          origin,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (/max-age=0\b/i.test(cookie) || value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await answer.text();
      const isJson = /^application\/json\b/.test(answer.headers.get('content-type') ?? '');
      return {
        status: answer.status,
        body: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : { text },
        headers: answer.headers,
      };
    },
  };
}

export const password = 'correct horse battery';

/** The first owner, signed in. */
export async function openAsOwner(server: SignInServer): Promise<Person> {
  const owner = server.person();
  const claimed = await owner.ask('POST', 'auth/owner', {
    token: await server.ownerToken(),
    name: 'Olive Owner',
    email: 'olive@team.example',
    password,
  });
  if (claimed.status !== 204) throw new Error(JSON.stringify(claimed.body));
  return owner;
}

/** Somebody whom the owner has invited, signed in. Needs a server without mail: the owner is shown the link. */
export async function joinAs(
  server: SignInServer,
  owner: Person,
  role: string,
  email = `${role}@team.example`,
): Promise<Person> {
  const invited = await owner.ask('POST', 'auth/team/invitations', { email, role });
  const token = String(invited.body['url']).split('#')[1];
  const person = server.person();
  const joined = await person.ask('POST', 'auth/join', { token, name: `A ${role}`, password });
  if (joined.status !== 204) throw new Error(JSON.stringify([invited.body, joined.body]));
  return person;
}

export interface MailServer extends AsyncDisposable {
  readonly url: string;
  /** Waits for the next mail to somebody. */
  next(to: string): Promise<string>;
  readonly mails: ReadonlyArray<{ readonly to: string; readonly text: string }>;
}

/** A mail server that keeps what it is given. */
export async function startMailServer(): Promise<MailServer> {
  const mails: Array<{ to: string; text: string }> = [];
  const read = new Set<object>();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = unquote(Buffer.concat(chunks).toString('utf8'));
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async next(to) {
      for (let attempt = 0; attempt < 200; attempt += 1) {
        const mail = mails.find((one) => one.to === to && !read.has(one));
        if (mail !== undefined) {
          read.add(mail);
          return mail.text;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no mail to ${to}`);
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The secret of the link in a mail. */
export function secretIn(mail: string): string {
  const [, secret] = /https?:\/\/\S+#(\S+)/.exec(mail) ?? [];
  if (secret === undefined) throw new Error(mail);
  return secret;
}

/** Quoted-printable (RFC 2045 §6.7), as long lines are sent. */
function unquote(text: string): string {
  if (!/^content-transfer-encoding: quoted-printable/im.test(text)) return text;
  return text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
