import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { apiRoutes } from '../../packages/engine/src/http/api-routes.ts';
import { joinAs, openAsOwner, password, sizes, startSignInServer } from './sign-in-server.ts';
import type { Person, SignInServer } from './sign-in-server.ts';

const roles = ['owner', 'admin', 'member', 'viewer'] as const;

describe.each(sizes)('the team on %s', (size) => {
  let server: SignInServer;
  let owner: Person;
  let people: Record<(typeof roles)[number], Person>;
  beforeAll(async () => {
    server = await startSignInServer(size);
    owner = await openAsOwner(server);
    people = {
      owner,
      admin: await joinAs(server, owner, 'admin'),
      member: await joinAs(server, owner, 'member'),
      viewer: await joinAs(server, owner, 'viewer'),
    };
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  const allowed: Record<(typeof roles)[number], readonly string[]> = {
    viewer: ['read'],
    member: ['read', 'write', 'events:write', 'tracking:write'],
    admin: ['read', 'write', 'events:write', 'tracking:write', 'admin'],
    owner: ['read', 'write', 'events:write', 'tracking:write', 'admin'],
  };

  it.each(roles)(
    'lets a %s do what the role may at the REST API, and nothing else',
    async (role) => {
      for (const { method, path, scope } of apiRoutes) {
        // Live messages go on for ever.
        if (path === '/live') continue;
        const nowhere = path.replaceAll(/\{\w+\}/g, '019d0000-0000-7000-8000-000000000000');
        const body = method === 'get' ? undefined : { nonsense: true };
        const { status, body: answered } = await people[role].ask(
          method.toUpperCase(),
          `api${nowhere}`,
          body,
        );
        const refused = status === 403 && answered['code'] === 'insufficient_scope';
        expect([method, path, refused]).toEqual([method, path, !allowed[role].includes(scope)]);
        expect([path, status]).not.toEqual([path, 401]);
      }
    },
  );

  it.each([
    ['viewer', 403],
    ['member', 403],
    ['admin', 200],
    ['owner', 200],
  ] as const)('shows a %s what is stored of a person with status %i', async (role, status) => {
    const { hw } = server;
    await hw.visitors.identify({ externalId: 'cust_1', email: 'customer@shop.example' });
    const asked = await people[role].ask('POST', 'api/privacy/export', {
      person_external_id: 'cust_1',
    });
    expect(asked.status).toBe(status);
  });

  it.each([
    ['viewer', 403],
    ['member', 201],
    ['admin', 201],
  ] as const)('answers a link that a %s makes with %i', async (role, status) => {
    const made = await people[role].ask('POST', 'api/links', { url: 'https://shop.example/' });
    expect(made.status).toBe(status);
  });

  it.each([
    ['viewer', 403],
    ['member', 403],
    ['admin', 201],
  ] as const)('answers an API key that a %s makes with %i', async (role, status) => {
    const made = await people[role].ask('POST', 'api/api-keys', { kind: 'secret', name: role });
    expect(made.status).toBe(status);
  });

  it('is shown to all of its members, with its open invitations to admins', async () => {
    const email = 'open@team.example';
    await owner.ask('POST', 'auth/team/invitations', { email, role: 'member' });
    for (const role of roles) {
      const { body } = await people[role].ask('GET', 'auth/team');
      const { members, invitations } = body as { members: unknown[]; invitations: unknown[] };
      expect([role, members.length, invitations.length]).toEqual([
        role,
        4,
        role === 'owner' || role === 'admin' ? 1 : 0,
      ]);
    }
  });

  it.each(['member', 'viewer'] as const)('is not changed by a %s', async (role) => {
    const id = await idOf('viewer');
    const asked = [
      await people[role].ask('POST', 'auth/team/invitations', {
        email: 'x@team.example',
        role: 'viewer',
      }),
      await people[role].ask('PATCH', `auth/team/members/${id}`, { role: 'owner' }),
    ];
    for (const { status, body } of asked)
      expect([status, body['code']]).toEqual([403, 'forbidden']);
    const removed = await people[role].ask('DELETE', `auth/team/members/${await idOf('admin')}`);
    expect(removed.status).toBe(403);
  });

  it('leaves owners to owners', async () => {
    const { admin } = people;
    const id = await idOf('owner');
    const attempts = [
      await admin.ask('POST', 'auth/team/invitations', { email: 'o@team.example', role: 'owner' }),
      await admin.ask('PATCH', `auth/team/members/${id}`, { role: 'viewer' }),
      await admin.ask('PATCH', `auth/team/members/${await idOf('admin')}`, { role: 'owner' }),
      await admin.ask('DELETE', `auth/team/members/${id}`),
    ];
    for (const { status } of attempts) expect(status).toBe(403);
    const invited = await owner.ask('POST', 'auth/team/invitations', {
      email: 'second-owner@team.example',
      role: 'owner',
    });
    const invitation = `auth/team/invitations/${String(invited.body['id'])}`;
    expect((await admin.ask('POST', `${invitation}/renew`)).status).toBe(403);
    expect((await admin.ask('DELETE', invitation)).status).toBe(403);
    expect((await owner.ask('DELETE', invitation)).status).toBe(204);
  });

  it('keeps its last owner', async () => {
    const id = await idOf('owner');
    for (const attempt of [
      await owner.ask('PATCH', `auth/team/members/${id}`, { role: 'admin' }),
      await owner.ask('DELETE', `auth/team/members/${id}`),
    ])
      expect(attempt).toMatchObject({ status: 409, body: { code: 'last_owner' } });
  });

  it('keeps one of two owners who leave at once', async () => {
    const second = await joinAs(server, owner, 'owner', 'two@team.example');
    const leave = async (person: Person, email: string) =>
      person.ask('DELETE', `auth/team/members/${await idOfEmail(email)}`);
    const answers = await Promise.all([
      second.ask('PATCH', `auth/team/members/${await idOfEmail('two@team.example')}`, {
        role: 'viewer',
      }),
      owner.ask('PATCH', `auth/team/members/${await idOf('owner')}`, { role: 'viewer' }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([
      204, 409,
    ]);
    const stays = answers[0].status === 409 ? second : owner;
    for (const email of ['two@team.example', 'olive@team.example'])
      await stays.ask('PATCH', `auth/team/members/${await idOfEmail(email)}`, { role: 'owner' });
    expect((await leave(owner, 'two@team.example')).status).toBe(204);
  });

  it('lets somebody go at once, with the account', async () => {
    const leaver = await joinAs(server, owner, 'member', 'leaver@team.example');
    expect((await leaver.ask('GET', 'api/links')).status).toBe(200);
    const id = await idOfEmail('leaver@team.example');
    expect((await owner.ask('DELETE', `auth/team/members/${id}`)).status).toBe(204);
    expect((await leaver.ask('GET', 'api/links')).status).toBe(401);
    const email = 'leaver@team.example';
    expect((await leaver.ask('POST', 'auth/sign-in', { email, password })).status).toBe(401);
  });

  it('changes what somebody may with the next request', async () => {
    const person = await joinAs(server, owner, 'viewer', 'rising@team.example');
    const make = () => person.ask('POST', 'api/links', { url: 'https://shop.example/' });
    expect((await make()).status).toBe(403);
    const id = await idOfEmail('rising@team.example');
    await owner.ask('PATCH', `auth/team/members/${id}`, { role: 'member' });
    expect((await make()).status).toBe(201);
    await owner.ask('DELETE', `auth/team/members/${id}`);
  });

  describe('invitations', () => {
    const invite = async (email: string, role = 'viewer') => {
      const { body } = await owner.ask('POST', 'auth/team/invitations', { email, role });
      return { id: String(body['id']), token: String(body['url']).split('#')[1]! };
    };
    const join = (token: string, person = server.person()) =>
      person.ask('POST', 'auth/join', { token, name: 'Somebody', password });

    it('are Headwater invitations, bound to the address and with the role', async () => {
      const { id } = await invite('bound@team.example', 'admin');
      expect(await server.hw.invitations.get(id)).toMatchObject({
        emails: ['bound@team.example'],
        usesMax: 1,
        attributes: { team: true, role: 'admin' },
      });
    });

    it('work once, also for two at once', async () => {
      const { token } = await invite('once@team.example');
      const answers = await Promise.all([join(token), join(token)]);
      expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
        204, 410,
      ]);
    });

    it('lead nobody in with a token that the API has renewed', async () => {
      const { id, token } = await invite('renewed@team.example', 'admin');
      const renewed = await people.member.ask('POST', `api/invitations/${id}/renew`, {});
      expect(renewed.status).toBe(200);
      const fresh = String(renewed.body['token']);
      for (const attempt of [fresh, `${fresh}.`, `${fresh}.guess`, token])
        expect(await join(attempt)).toMatchObject({
          status: 410,
          body: { code: 'invitation_unusable' },
        });
    });

    it('made at the API lead nobody in', async () => {
      const made = await people.member.ask('POST', 'api/invitations', {
        emails: ['mallory@team.example'],
        attributes: { team: true, role: 'owner' },
      });
      expect((await join(String(made.body['token']))).status).toBe(410);
    });

    it('are sent again with another link, and taken back', async () => {
      const { id, token } = await invite('again@team.example');
      const renewed = await owner.ask('POST', `auth/team/invitations/${id}/renew`);
      expect((await join(token)).status).toBe(410);
      const fresh = String(renewed.body['url']).split('#')[1]!;
      const { body } = await server.person().ask('POST', 'auth/join/check', { token: fresh });
      expect(body).toMatchObject({ email: 'again@team.example', role: 'viewer' });
      expect((await owner.ask('DELETE', `auth/team/invitations/${id}`)).status).toBe(204);
      expect((await join(fresh)).status).toBe(410);
    });

    it('end after seven days', async () => {
      const { token } = await invite('late@team.example');
      server.clock.advance({ days: 7 });
      expect((await join(token)).status).toBe(410);
    });

    it('take in who is signed in with the address, and nobody else', async () => {
      const other = await server.hw.workspaces.create({ name: 'Another' });
      if (!other.ok) throw new Error(other.message);
      const { inviteToTeam } = await import('../../packages/server/src/auth/team-invitation.ts');
      const sent = await inviteToTeam(server.signIn.ground, other.value, {
        email: 'member@team.example',
        role: 'admin',
      });
      if (!sent.ok) throw new Error(sent.message);
      const token = sent.value.url!.split('#')[1]!;
      expect(await join(token)).toMatchObject({ status: 409, body: { code: 'account_exists' } });
      const ask = (person: Person) => person.ask('POST', 'auth/join', { token });
      expect(await ask(people.viewer)).toMatchObject({
        status: 403,
        body: { code: 'email_mismatch' },
      });
      expect((await ask(people.member)).status).toBe(204);
      const { body } = await people.member.ask('GET', 'auth/session');
      expect(body['workspaces']).toMatchObject([
        { role: 'member' },
        { id: other.value.id, role: 'admin' },
      ]);
    });

    it('are not for who is in the team', async () => {
      const email = 'viewer@team.example';
      const invited = await owner.ask('POST', 'auth/team/invitations', { email, role: 'admin' });
      expect(invited).toMatchObject({ status: 409, body: { code: 'already_member' } });
    });
  });

  const idOf = (role: string): Promise<string> =>
    idOfEmail(role === 'owner' ? 'olive@team.example' : `${role}@team.example`);

  async function idOfEmail(email: string): Promise<string> {
    const { body } = await people.viewer.ask('GET', 'auth/team');
    const members = body['members'] as Array<{ id: string; email: string }>;
    return members.find((member) => member.email === email)!.id;
  }
});
