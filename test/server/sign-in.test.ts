import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  joinAs,
  openAsOwner,
  password,
  secretIn,
  sizes,
  startMailServer,
  startSignInServer,
} from './sign-in-server.ts';
import type { MailServer, Person, SignInServer } from './sign-in-server.ts';

describe.each(sizes)('sign-in on %s', (size) => {
  let server: SignInServer;
  let owner: Person;
  beforeAll(async () => {
    server = await startSignInServer(size);
    owner = await openAsOwner(server);
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  const signIn = (email: string, text: string, person = server.person()) =>
    person.ask('POST', 'auth/sign-in', { email, password: text });

  it('makes an owner of whoever opens the owner link first, and of nobody after', async () => {
    const session = await owner.ask('GET', 'auth/session');
    expect(session.body).toMatchObject({
      user: { name: 'Olive Owner', email: 'olive@team.example' },
      workspaces: [{ role: 'owner' }],
    });
    const second = await server.person().ask('POST', 'auth/owner', {
      token: await server.ownerToken(),
      name: 'Second',
      email: 'second@team.example',
      password,
    });
    expect(second).toMatchObject({ status: 410, body: { code: 'link_unusable' } });
  });

  it('prints no owner link where there is an owner', async () => {
    expect(await server.signIn.prepare()).toBeUndefined();
  });

  it('signs in and out, and tells nobody which part was wrong', async () => {
    const person = server.person();
    expect((await signIn('OLIVE@team.example ', password, person)).status).toBe(204);
    expect((await person.ask('GET', 'auth/session')).status).toBe(200);
    expect((await person.ask('POST', 'auth/sign-out')).status).toBe(204);
    expect(await person.ask('GET', 'auth/session')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    const wrong = await signIn('olive@team.example', 'a wrong password');
    const nobody = await signIn('nobody@team.example', 'a wrong password');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_password' } });
    expect(nobody.body).toEqual(wrong.body);
  });

  it('keeps the session in a cookie that scripts cannot read, and its token as a hash', async () => {
    const person = server.person();
    const answered = await signIn('olive@team.example', password, person);
    const [cookie] = answered.headers.getSetCookie();
    expect(cookie).toMatch(/^_hw_session=/);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\/hw/i);
    expect(answered.body).toEqual({ text: '' });
    const token = decodeURIComponent(person.cookies.get('_hw_session')!).split('.')[0]!;
    const { rows } = await sql<{ dump: string }>`
      select s::text || u::text || a::text as dump from headwater_auth.session s
      join headwater_auth."user" u on u.id = s.user_id join headwater_auth.account a on a.user_id = u.id
    `.execute(server.signIn.ground.db);
    expect(rows.length).toBeGreaterThan(0);
    for (const { dump } of rows) {
      expect(dump).not.toContain(token);
      expect(dump).not.toContain(password);
    }
  });

  it('opens no other door of the library', async () => {
    for (const path of ['sign-up/email', 'sign-in/email', 'update-user', 'delete-user']) {
      const answered = await owner.ask('POST', `auth/${path}`, { email: 'a@b.example', password });
      expect([path, answered.status]).toEqual([path, 404]);
    }
    for (const path of ['get-session', 'list-sessions', 'ok', 'error', ''])
      expect((await owner.ask('GET', `auth/${path}`)).status).toBe(404);
  });

  it('says which field is wrong, and by which rule', async () => {
    const answered = await server.person().ask('POST', 'auth/owner', {
      token: 'x',
      name: ' ',
      email: 'nobody',
      password: 'short',
    });
    expect(answered).toMatchObject({
      status: 422,
      body: {
        code: 'validation_failed',
        errors: {
          name: ["can't be blank"],
          email: ['must be an address'],
          password: ['must have at least 10 characters'],
        },
      },
    });
  });

  it('answers calls of the REST API by the session, without any API key', async () => {
    const workspace = await server.hw.workspaces.first();
    expect(await owner.ask('GET', 'api/workspace')).toMatchObject({
      status: 200,
      body: { id: workspace.id },
    });
  });

  describe('for requests that a browser may have been made to send', () => {
    const link = { url: 'https://shop.example/' };
    it.each([
      ['without the header', { 'x-headwater-request': '' }],
      ['from another site', { origin: 'https://evil.example' }],
      ['from no origin', { origin: 'null' }],
      ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
      ['that the browser calls same-site', { 'sec-fetch-site': 'same-site' }],
    ])('refuses a write %s', async (_, headers) => {
      const written = await owner.ask('POST', 'api/links', link, headers);
      expect(written).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      const signedIn = await server
        .person()
        .ask('POST', 'auth/sign-in', { email: 'olive@team.example', password }, headers);
      expect(signedIn.status).toBe(403);
    });

    it('asks nothing of calls with an API key', async () => {
      const { key } = await createKey(server);
      const answered = await fetch(`${server.origin}/hw/api/links`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(link),
      });
      expect(answered.status).toBe(201);
    });

    it('lets an API key speak for itself, whatever cookie is beside it', async () => {
      const { key } = await createKey(server);
      const asked = await owner.ask('GET', 'api/api-keys', undefined, { 'x-api-key': key });
      expect(asked).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    });
  });

  it('means the workspace that the header names, where the person belongs to it', async () => {
    const first = await server.hw.workspaces.first();
    const other = await server.hw.workspaces.create({ name: 'Other' });
    if (!other.ok) throw new Error(other.message);
    const naming = (id: string) =>
      owner.ask('GET', 'api/workspace', undefined, { 'x-headwater-workspace': id });
    expect((await naming(first.id)).body).toMatchObject({ id: first.id });
    expect(await naming(other.value.id)).toMatchObject({ status: 403 });
    expect(await naming('nonsense')).toMatchObject({ status: 403 });
  });

  it('ends the other sessions with a new password', async () => {
    const one = await joinAs(server, owner, 'member', 'changing@team.example');
    const other = server.person();
    expect((await signIn('changing@team.example', password, other)).status).toBe(204);
    const changed = (current: string) =>
      one.ask('POST', 'auth/password', {
        current_password: current,
        new_password: 'another long password',
      });
    expect(await changed('not this one at all')).toMatchObject({
      status: 401,
      body: { code: 'wrong_password' },
    });
    expect((await changed(password)).status).toBe(204);
    expect((await other.ask('GET', 'auth/session')).status).toBe(401);
    expect((await one.ask('GET', 'auth/session')).status).toBe(200);
    expect((await signIn('changing@team.example', password)).status).toBe(401);
    expect((await signIn('changing@team.example', 'another long password')).status).toBe(204);
  });

  it('shows the sessions of somebody, and ends one of them', async () => {
    const one = await joinAs(server, owner, 'viewer', 'sessions@team.example');
    const other = server.person();
    await signIn('sessions@team.example', password, other);
    const listed = await one.ask('GET', 'auth/sessions');
    const sessions = listed.body['sessions'] as Array<{ id: string; current: boolean }>;
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(sessions).toHaveLength(2);
    const foreign = sessions.find(({ current }) => !current)!;
    expect((await owner.ask('DELETE', `auth/sessions/${foreign.id}`)).status).toBe(404);
    expect((await one.ask('DELETE', `auth/sessions/${foreign.id}`)).status).toBe(204);
    expect((await other.ask('GET', 'api/workspace')).status).toBe(401);
    expect((await one.ask('GET', 'api/workspace')).status).toBe(200);
  });

  it('lets nobody guess at one account without end, wherever they are', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await signIn('guessed@team.example', `wrong password ${guess}`)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const limited = await signIn('guessed@team.example', 'once more');
    expect(limited.body).toMatchObject({ code: 'rate_limited' });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn('olive@team.example', password)).status).toBe(204);
    server.clock.advance({ minutes: 1 });
    expect((await signIn('guessed@team.example', 'once more')).status).toBe(401);
  });

  it('lets whoever is locked out in again by a new owner link', async () => {
    const { createOwnerLink } = await import('../../packages/server/src/auth/owner-link.ts');
    const ground = server.signIn.ground;
    const claim = (url: string, person = server.person()) =>
      person.ask('POST', 'auth/owner', {
        token: url.split('#')[1],
        name: 'Olive Again',
        email: 'olive@team.example',
        password: 'a password that is new',
      });
    const late = await createOwnerLink(ground);
    server.clock.advance({ hours: 25 });
    expect((await claim(late)).status).toBe(410);
    const link = await createOwnerLink(ground);
    const again = server.person();
    expect((await claim(link, again)).status).toBe(204);
    expect((await again.ask('GET', 'auth/session')).body).toMatchObject({
      user: { name: 'Olive Again' },
    });
    // Whoever had the old password has no session any more.
    expect((await owner.ask('GET', 'auth/session')).status).toBe(401);
    owner.cookies.clear();
    for (const [name, value] of again.cookies) owner.cookies.set(name, value);
  });

  it('says that it sends no mail', async () => {
    for (const path of ['sign-in/magic-link', 'password/forgot']) {
      const answered = await server
        .person()
        .ask('POST', `auth/${path}`, { email: 'olive@team.example' });
      expect(answered).toMatchObject({ status: 503, body: { code: 'mail_not_configured' } });
    }
  });

  it('logs no password, no token and nothing that went wrong', () => {
    expect(server.log()).not.toContain(password);
    expect(server.log()).not.toMatch(/_hw_session|error/i);
  });
});

describe.each(sizes)('sign-in by mail on %s', (size) => {
  let mail: MailServer;
  let server: SignInServer;
  let owner: Person;
  beforeAll(async () => {
    mail = await startMailServer();
    server = await startSignInServer(size, {
      mail: { url: mail.url, from: 'Headwater <hello@team.example>' },
    });
    owner = await openAsOwner(server);
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
  });

  it('signs in by a link, once', async () => {
    const person = server.person();
    const email = 'olive@team.example';
    expect((await person.ask('POST', 'auth/sign-in/magic-link', { email })).status).toBe(204);
    const token = secretIn(await mail.next(email));
    const open = (who: Person) => who.ask('POST', 'auth/sign-in/magic-link/verify', { token });
    expect((await open(person)).status).toBe(204);
    expect((await person.ask('GET', 'auth/session')).status).toBe(200);
    expect(await open(server.person())).toMatchObject({
      status: 410,
      body: { code: 'link_unusable' },
    });
  });

  it('gives a new password by a link, once, and ends every session', async () => {
    const email = 'olive@team.example';
    const person = server.person();
    expect((await person.ask('POST', 'auth/password/forgot', { email })).status).toBe(204);
    const token = secretIn(await mail.next(email));
    const choose = () =>
      person.ask('POST', 'auth/password/reset', { token, password: 'a password by mail' });
    expect((await choose()).status).toBe(204);
    expect(await choose()).toMatchObject({ status: 410, body: { code: 'link_unusable' } });
    expect((await owner.ask('GET', 'auth/session')).status).toBe(401);
    const signedIn = await owner.ask('POST', 'auth/sign-in', {
      email,
      password: 'a password by mail',
    });
    expect(signedIn.status).toBe(204);
  });

  it('answers an address that it does not know in the same way, and sends nothing', async () => {
    const before = mail.mails.length;
    const email = 'stranger@else.example';
    for (const path of ['sign-in/magic-link', 'password/forgot']) {
      const answered = await server.person().ask('POST', `auth/${path}`, { email });
      expect(answered.status).toBe(204);
    }
    await server.signIn.close();
    expect(mail.mails.length).toBe(before);
  });

  it('keeps no token of a mail in the database', async () => {
    const email = 'olive@team.example';
    await server.person().ask('POST', 'auth/sign-in/magic-link', { email });
    await server.person().ask('POST', 'auth/password/forgot', { email });
    const tokens = [secretIn(await mail.next(email)), secretIn(await mail.next(email))];
    const { rows } = await sql<{ dump: string }>`
      select v::text as dump from headwater_auth.verification v`.execute(server.signIn.ground.db);
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const { dump } of rows) for (const token of tokens) expect(dump).not.toContain(token);
  });

  it('invites into the team by mail, and shows the inviter no link', async () => {
    const email = 'vera@team.example';
    const invited = await owner.ask('POST', 'auth/team/invitations', { email, role: 'viewer' });
    expect(invited).toMatchObject({ status: 201, body: { email, mailed: true, url: null } });
    const text = await mail.next(email);
    expect(text).toContain('as a viewer');
    const token = secretIn(text);
    const vera = server.person();
    expect((await vera.ask('POST', 'auth/join/check', { token })).body).toEqual({
      workspace: 'Default',
      email,
      role: 'viewer',
      has_account: false,
    });
    const joined = await vera.ask('POST', 'auth/join', { token, name: 'Vera', password });
    expect(joined.status).toBe(204);
    expect((await vera.ask('GET', 'api/links')).status).toBe(200);
    expect((await vera.ask('POST', 'api/links', { url: 'https://a.example/' })).status).toBe(403);
  });

  it('sends nobody mail without end', async () => {
    const email = 'flooded@team.example';
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1)
      statuses.push((await server.person().ask('POST', 'auth/password/forgot', { email })).status);
    expect(statuses.at(-1)).toBe(429);
    expect(new Set(statuses.slice(0, 10))).toEqual(new Set([204]));
  });
});

async function createKey(server: SignInServer): Promise<{ readonly key: string }> {
  const created = await server.hw.apiKeys.create({ kind: 'secret', name: 'Server' });
  if (!created.ok) throw new Error(created.message);
  return created.value;
}
