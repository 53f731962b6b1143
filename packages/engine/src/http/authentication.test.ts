import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callWith, openApi } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { Authenticate } from '../options.ts';
import { createApiKey } from '../workspaces/create-api-key.ts';
import { revokeApiKey } from '../workspaces/revoke-api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { apiRoutes } from './api-routes.ts';

describe('authentication', () => {
  let context: TestContext;
  let workspace: Workspace;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    workspace = await context.workspaces.first();
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const ask = async (credentials: Record<string, string>) => {
    const { status, body, headers } = await callWith(context, credentials)('GET', '/workspace');
    return { status, ...body, challenge: headers.get('www-authenticate') };
  };

  it('answers 503 while there are neither keys nor an authenticate callback', async () => {
    expect(await ask({})).toMatchObject({
      status: 503,
      error: 'API authentication is not configured',
      code: 'not_configured',
    });
  });

  it('takes a key as a bearer token or in X-Api-Key, and Bearer wins', async () => {
    const { key } = await openApi(context, workspace);
    expect(await ask({ authorization: `Bearer ${key}` })).toMatchObject({
      status: 200,
      id: workspace.id,
    });
    expect(await ask({ authorization: `bEARER  ${key}` })).toMatchObject({ status: 200 });
    expect(await ask({ 'x-api-key': key })).toMatchObject({ status: 200 });
    expect(await ask({ authorization: `Bearer ${key}`, 'x-api-key': 'no' })).toMatchObject({
      status: 200,
    });
    expect(await ask({ authorization: 'Bearer no', 'x-api-key': key })).toMatchObject({
      status: 401,
    });
    expect(await ask({ authorization: 'Basic abc', 'x-api-key': key })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    [{}, 'Missing authentication credentials'],
    [{ authorization: 'Token abc' }, 'Missing authentication credentials'],
    [{ 'x-api-key': '' }, 'Missing authentication credentials'],
    [{ authorization: 'Bearer' }, 'Malformed Authorization header'],
    [{ authorization: 'Bearer a b' }, 'Malformed Authorization header'],
    [{ authorization: 'Bearer hw_sk_nobody' }, 'Unauthorized'],
    [{ 'x-api-key': 'x'.repeat(10_000) }, 'Unauthorized'],
  ])('answers 401 to %j', async (credentials, error) => {
    expect(await ask(credentials as Record<string, string>)).toMatchObject({
      status: 401,
      error,
      code: 'unauthorized',
      challenge: 'Bearer realm="headwater"',
    });
  });

  it('says that a key has expired or was revoked', async () => {
    const short = orThrow(
      await createApiKey(context, workspace, {
        kind: 'secret',
        name: 'short',
        expiresAt: new Date(context.clock.now() + hour),
      }),
    );
    const gone = orThrow(await createApiKey(context, workspace, { kind: 'secret', name: 'gone' }));
    await revokeApiKey(context, workspace, gone);
    context.clock.moveBy(hour);
    expect(await ask({ 'x-api-key': short.key })).toMatchObject({
      status: 401,
      code: 'api_key_expired',
    });
    expect(await ask({ 'x-api-key': gone.key })).toMatchObject({
      status: 401,
      code: 'api_key_revoked',
    });
  });

  it('answers 403 to a publishable key, on every route', async () => {
    const { key } = orThrow(
      await createApiKey(context, workspace, { kind: 'publishable', name: 'page' }),
    );
    const api = callWith(context, { authorization: `Bearer ${key}` });
    for (const { method, path } of apiRoutes) {
      const answer = await api(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, workspace.id));
      expect([path, answer.status, answer.body?.code]).toEqual([path, 403, 'publishable_key']);
    }
  });

  it('lets a scope do its own routes and no others', async () => {
    for (const scope of ['read', 'events:write', 'tracking:write'] as const) {
      const api = await openApi(context, workspace, [scope]);
      for (const route of apiRoutes) {
        const { status, body } = await api(
          route.method.toUpperCase(),
          route.path.replaceAll(/\{\w+\}/g, workspace.id),
        );
        const refused = status === 403 && body.code === 'insufficient_scope';
        expect([scope, route.path, refused]).toEqual([scope, route.path, route.scope !== scope]);
      }
    }
  });

  it('asks the host where it has an authenticate callback', async () => {
    const asked: string[] = [];
    const authenticate: Authenticate = (credential, kind) => {
      asked.push(`${kind} ${credential}`);
      if (credential === 'forbidden') return { ok: false, reason: 'forbidden' };
      if (credential === 'own words') return { ok: false, reason: 'unauthorized' };
      if (credential === 'told')
        return { ok: false, reason: 'unauthorized', message: 'Come back tomorrow' };
      if (credential === 'nowhere') return { ok: true, workspaceId: 'nowhere' };
      if (credential === 'broken') throw new Error('the host is broken: secret-of-the-host');
      return {
        ok: true,
        workspaceId: workspace.id,
        ...(credential === 'reader' && { scopes: ['read'] }),
      };
    };
    const host = context.another({ authenticate });
    const through = (credentials: Record<string, string>, method = 'GET', path = '/workspace') =>
      callWith(host, credentials)(method, path);
    expect((await through({ authorization: 'Bearer anything' })).status).toBe(200);
    expect((await through({ 'x-api-key': 'reader' })).status).toBe(200);
    expect(asked).toEqual(['bearer anything', 'api_key reader']);
    expect(await through({ 'x-api-key': 'reader' }, 'PATCH')).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect(await through({ 'x-api-key': 'forbidden' })).toMatchObject({
      status: 403,
      body: { error: 'Forbidden' },
    });
    expect(await through({ 'x-api-key': 'told' })).toMatchObject({
      status: 401,
      body: { error: 'Come back tomorrow' },
    });
    for (const credential of ['nowhere', 'broken']) {
      const { status, body } = await through({ 'x-api-key': credential });
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toMatch(/secret-of-the-host|nowhere/);
    }
    expect(await through({})).toMatchObject({ status: 401 });
  });

  it('asks the host who is signed in, where a request shows no credential', async () => {
    const asked: string[] = [];
    const host = context.another({
      authenticateSession(request) {
        const cookie = request.headers.get('cookie') ?? '';
        asked.push(`${request.method} ${cookie}`);
        if (cookie === 'elsewhere') return { ok: false, reason: 'forbidden', message: 'Not here' };
        if (cookie !== 'reader') return undefined;
        return { ok: true, workspaceId: workspace.id, scopes: ['read'], actor: 'user 1' };
      },
    });
    const through = (headers: Record<string, string>, method = 'GET') =>
      callWith(host, headers)(method, '/workspace');
    expect(await through({ cookie: 'reader' })).toMatchObject({ status: 200 });
    expect(await through({ cookie: 'reader', authorization: 'Basic abc' })).toMatchObject({
      status: 200,
    });
    expect(await through({ cookie: 'reader' }, 'PATCH')).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect(await through({ cookie: 'elsewhere' })).toMatchObject({
      status: 403,
      body: { error: 'Not here', code: 'forbidden' },
    });
    expect(await through({ cookie: 'stranger' })).toMatchObject({ status: 401 });
    expect(asked).toHaveLength(5);
    for (const credential of [{ 'x-api-key': 'no' }, { authorization: 'Bearer no' }])
      expect(await through({ cookie: 'reader', ...credential })).toMatchObject({ status: 401 });
    expect(asked).toHaveLength(5);
  });
});
