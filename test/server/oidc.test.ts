import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { client, startIdentityProvider } from './identity-provider.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { openAsOwner, sizes, startSignInServer } from './sign-in-server.ts';
import type { Person, SignInServer } from './sign-in-server.ts';

describe.each(sizes)('signing in with an identity provider on %s', (size) => {
  let provider: IdentityProvider;
  let server: SignInServer;
  beforeAll(async () => {
    provider = await startIdentityProvider();
    server = await startSignInServer(size, {
      oidc: {
        issuer: provider.issuer,
        clientId: client.id,
        clientSecret: client.secret,
        scopes: ['openid', 'email', 'profile'],
        name: 'Company login',
      },
    });
    await openAsOwner(server);
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  /** Goes to the provider, which answers that this is somebody, and comes back. */
  async function comeBack(person: Person, email: string, claims: { nonce?: string } = {}) {
    const begun = await person.ask('POST', 'auth/sign-in/oidc');
    const url = new URL(String(begun.body['url']));
    const { state, nonce, ...asked } = Object.fromEntries(url.searchParams);
    provider.about = { sub: `sub of ${email}`, email, nonce: claims.nonce ?? nonce ?? '' };
    const query = new URLSearchParams({ code: 'a-code', state: state ?? '' }).toString();
    const back = await person.ask('GET', `auth/callback/oidc?${query}`, undefined, {
      'sec-fetch-site': 'cross-site',
    });
    return { asked, location: back.headers.get('location') ?? '' };
  }

  it('is offered by its name', async () => {
    expect((await server.person().ask('GET', 'auth/methods')).body).toMatchObject({
      oidc: { name: 'Company login' },
    });
  });

  it('lets in who has an account with the address', async () => {
    const person = server.person();
    const { asked, location } = await comeBack(person, 'olive@team.example');
    expect(asked).toMatchObject({
      client_id: client.id,
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${server.origin}/hw/auth/callback/oidc`,
    });
    expect(provider.asked.form.get('code_verifier')).toMatch(/^[\w-]{43,}$/);
    expect(location).toBe(`${server.origin}/hw/`);
    expect((await person.ask('GET', 'auth/session')).body).toMatchObject({
      user: { name: 'Olive Owner', email: 'olive@team.example' },
      workspaces: [{ role: 'owner' }],
    });
  });

  it('lets in nobody else, and makes no account', async () => {
    const person = server.person();
    const { location } = await comeBack(person, 'stranger@team.example');
    expect(location).toMatch(/\/hw\/sign-in\?error=/);
    expect((await person.ask('GET', 'auth/session')).status).toBe(401);
    const { rows } = await sql`select 1 from headwater_auth."user"`.execute(
      server.signIn.ground.db,
    );
    expect(rows).toHaveLength(1);
  });

  it('believes no token that was made for another sign-in', async () => {
    const person = server.person();
    const { location } = await comeBack(person, 'olive@team.example', { nonce: 'another' });
    expect(location).toMatch(/error=/);
    expect((await person.ask('GET', 'auth/session')).status).toBe(401);
  });

  it('takes no answer that another browser has asked for', async () => {
    const victim = server.person();
    const begun = await server.person().ask('POST', 'auth/sign-in/oidc');
    const url = new URL(String(begun.body['url']));
    const state = url.searchParams.get('state') ?? '';
    provider.about = {
      sub: 'sub of olive@team.example',
      email: 'olive@team.example',
      nonce: url.searchParams.get('nonce') ?? '',
    };
    await victim.ask('GET', `auth/callback/oidc?code=a-code&state=${state}`);
    expect((await victim.ask('GET', 'auth/session')).status).toBe(401);
  });

  it('keeps what the provider gave encrypted', async () => {
    const { rows } = await sql<{ dump: string }>`
      select a::text as dump from headwater_auth.account a where provider_id = 'oidc'`.execute(
      server.signIn.ground.db,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.dump).not.toContain('opaque-access-token');
  });
});

describe('an identity provider that is away', () => {
  it('is said to be, and asked again with the next attempt', { timeout: 60_000 }, async () => {
    await using server = await startSignInServer('pglite', {
      oidc: {
        issuer: 'http://127.0.0.1:9',
        clientId: client.id,
        clientSecret: client.secret,
        scopes: ['openid'],
        name: 'Company login',
      },
    });
    const person = server.person();
    for (const attempt of ['first', 'second'])
      expect([attempt, await person.ask('POST', 'auth/sign-in/oidc')]).toMatchObject([
        attempt,
        { status: 502, body: { code: 'oidc_failed' } },
      ]);
    expect((await openAsOwner(server)).cookies.size).toBeGreaterThan(0);
  });
});
