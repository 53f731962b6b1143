import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

import { without } from '../kernel/without.ts';

interface Created {
  readonly id: string;
  readonly token: string;
  readonly signature: string | null;
}

describe('the invitations of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', { invitations: { signingSecret: 'test-secret' } });
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (body: object = {}): Promise<Created> =>
    (await api<Created>('POST', '/invitations', body)).body;

  it('creates an invitation and shows its token this once', async () => {
    const everything = {
      token: 'friendly-code-2025',
      sign: true,
      name: 'YouTube',
      description: 'For the channel',
      attributes: { role: 'admin' },
      uses_max: 10,
      expires_at: '2026-12-31T23:59:59.000Z',
      emails: ['alice@people.test'],
      email_domains: ['team.test'],
      verified_email: true,
      owner: { type: 'user', id: 'u1' },
    };
    const { status, body } = await api<Created>('POST', '/invitations', everything);
    const { token } = everything;
    const shown = without(everything, 'token', 'sign');
    expect(status).toBe(201);
    expect(body).toEqual({
      ...shown,
      id: expect.any(String),
      link: null,
      link_id: null,
      token,
      token_prefix: 'frie',
      signed: true,
      signature: 'ob486ThMoiQPq2NtNaS3X1iHNmCZzzKvSCRrST33TPY',
      status: 'active',
      uses: 0,
      archived_at: null,
      inserted_at: '2026-11-21T09:00:00.000Z',
      updated_at: '2026-11-21T09:00:00.000Z',
    });
    const read = await api('GET', `/invitations/${body.id}`);
    expect(read.body).not.toHaveProperty('token');
    expect(read.body).not.toHaveProperty('signature');
    expect(
      await api('POST', '/invitations/validate', { token, signature: body.signature }),
    ).toMatchObject({ status: 200, body: { id: body.id, attributes: { role: 'admin' } } });
    expect(await api('POST', '/invitations/validate', { token })).toMatchObject({
      status: 404,
      body: { code: 'invalid_signature' },
    });
  });

  it('tells a replay everything but the token', async () => {
    const headers = { 'idempotency-key': 'create-1' };
    const first = await api<Created>('POST', '/invitations', { name: 'A' }, { headers });
    const again = await api<Created>('POST', '/invitations', { name: 'A' }, { headers });
    expect(again.body.id).toBe(first.body.id);
    expect(again.body).not.toHaveProperty('token');
  });

  it('names what is wrong by the field of the request', async () => {
    expect(await api('POST', '/invitations', { uses_max: 0 })).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: { uses_max: [expect.any(String)] } },
    });
    expect(await api('POST', '/invitations', { surprise: 1 })).toMatchObject({ status: 422 });
    expect(await api('POST', '/invitations', { sign: true })).toMatchObject({
      status: 422,
      body: { code: 'token_required' },
    });
    await create({ token: 'taken' });
    expect(await api('POST', '/invitations', { token: 'taken' })).toMatchObject({
      status: 409,
      body: { code: 'token_taken' },
    });
  });

  it('creates many, each with its own answer', async () => {
    const { status, body } = await api<Array<Record<string, unknown>>>(
      'POST',
      '/invitations/bulk',
      {
        invitations: [{ name: 'A' }, { uses_max: 0 }],
      },
    );
    expect(status).toBe(207);
    expect(body).toMatchObject([
      { status: 'ok', invitation: { name: 'A', token: expect.any(String) } },
      { status: 'error', code: 'validation_failed', errors: { uses_max: [expect.any(String)] } },
    ]);
  });

  it('lists, changes and archives', async () => {
    const { id } = await create({ name: 'Listed', owner: { type: 'user', id: 'lister' } });
    const list = await api<Created[]>(
      'GET',
      '/invitations?owner_id=lister&search=list&expired=false',
    );
    expect(list.body.map((invitation) => invitation.id)).toEqual([id]);
    expect(await api('PATCH', `/invitations/${id}`, { name: 'New', uses_max: 3 })).toMatchObject({
      body: { name: 'New', uses_max: 3 },
    });
    expect((await api('DELETE', `/invitations/${id}`)).status).toBe(204);
    expect((await api<Created[]>('GET', '/invitations?owner_id=lister')).body).toEqual([]);
    expect((await api('GET', `/invitations/${id}`)).body).toMatchObject({
      archived_at: '2026-11-21T09:00:00.000Z',
    });
    expect((await api('GET', '/invitations?limit=0')).status).toBe(422);
  });

  it('moves the end of an invitation', async () => {
    const { id } = await create();
    const move = (body: object) => api('POST', `/invitations/${id}/expiry`, body);
    expect((await move({ extend_by: { weeks: 1 } })).body).toMatchObject({
      expires_at: '2026-12-05T09:00:00.000Z',
    });
    expect((await move({ extend_by: { months: 1 }, from: 'now' })).body).toMatchObject({
      expires_at: '2026-12-21T09:00:00.000Z',
    });
    expect((await move({ expires_in: { days: 1 } })).body).toMatchObject({
      expires_at: '2026-11-22T09:00:00.000Z',
    });
    expect((await move({ expires_at: '2030-01-01T00:00:00Z' })).body).toMatchObject({
      expires_at: '2030-01-01T00:00:00.000Z',
    });
    expect((await move({ expires_at: null })).body).toMatchObject({ expires_at: null });
    expect(await move({ extend_by: { days: 1 } })).toMatchObject({
      status: 409,
      body: { code: 'no_expiry' },
    });
    expect(await move({ expires_at: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { errors: { expires_at: ['must be in the future'] } },
    });
  });

  it('pauses, resumes, declines, revokes and renews', async () => {
    const { id, token } = await create();
    for (const [verb, status] of [
      ['pause', 'paused'],
      ['resume', 'active'],
    ])
      expect((await api('POST', `/invitations/${id}/${verb}`)).body).toMatchObject({ status });
    const renewed = await api<Created>('POST', `/invitations/${id}/renew`);
    expect(renewed.body.token).not.toBe(token);
    expect((await api('POST', `/invitations/${id}/revoke`)).status).toBe(200);
    expect(await api('POST', '/invitations/validate', { token: renewed.body.token })).toMatchObject(
      { status: 410, body: { code: 'invitation_revoked' } },
    );
    expect((await api('POST', `/invitations/${(await create()).id}/decline`)).body).toMatchObject({
      status: 'declined',
    });
  });

  it('tracks usages, sums them up, and takes seats', async () => {
    const { id, token } = await create({ uses_max: 1 });
    const visit = (user: string, referrer: string) =>
      api('POST', '/invitations/usages', {
        token,
        entity: { type: 'user', id: user },
        action: 'visited',
        metadata: { referrer },
      });
    expect(await visit('rest-1', 'google.com')).toMatchObject({
      status: 201,
      body: { invitation_id: id, entity: { type: 'user', id: 'rest-1' }, action: 'visited' },
    });
    await visit('rest-2', 'google.com');
    const entity = { type: 'user', id: 'rest-1' };
    context.clock.moveBy(1_000);
    const taken = await api<{ redemption: { id: string } }>('POST', '/invitations/redeem', {
      token,
      entity,
      action: 'registered',
      idempotency_key: 'attempt-1',
    });
    expect(taken).toMatchObject({ status: 201, body: { repeated: false } });
    const repeat = { token, entity, idempotency_key: 'attempt-1' };
    expect(await api('POST', '/invitations/redeem', repeat)).toMatchObject({
      status: 200,
      body: { repeated: true, redemption: { id: taken.body.redemption.id } },
    });
    expect(
      await api('POST', '/invitations/redeem', {
        invitation_id: id,
        entity: { type: 'user', id: 'rest-2' },
      }),
    ).toMatchObject({ status: 409, body: { code: 'invitation_exhausted' } });
    expect(await api('POST', '/invitations/redeem', { entity })).toMatchObject({ status: 422 });
    expect(
      await api('POST', '/invitations/usages', { invitation_id: id, entity, action: 'registered' }),
    ).toMatchObject({ status: 409, body: { code: 'duplicate_usage' } });

    const get = async (path: string) => (await api(`GET`, `/invitations/${id}/${path}`)).body;
    expect(await get('usages?action=registered')).toMatchObject([{ action: 'registered' }]);
    expect(await get('usages/by-entity')).toMatchObject([
      { entity, count: 2 },
      { entity: { id: 'rest-2' }, count: 1 },
    ]);
    expect(await get('funnel?actions=visited,registered&count=entities')).toEqual({
      steps: [
        { action: 'visited', count: 2, rate_from_previous: 1, rate_from_first: 1 },
        { action: 'registered', count: 1, rate_from_previous: 0.5, rate_from_first: 0.5 },
      ],
    });
    expect(await get('breakdown?by=metadata.referrer')).toEqual({ 'google.com': 2 });
    expect(await get('breakdown?by=entity_type')).toEqual({ user: 3 });

    expect(
      await api('POST', `/invitations/redemptions/${taken.body.redemption.id}/release`),
    ).toMatchObject({ body: { status: 'reversed' } });
    expect((await api('GET', `/invitations/${id}`)).body).toMatchObject({ uses: 0 });
  });

  it('goes by the settings of the workspace', async () => {
    const settings = {
      invitations: {
        expires_in: { months: 1 },
        entity_types: ['seat'],
        actions: { opened: { repeatable: true } },
      },
    };
    const changed = await api('PATCH', '/workspace', { settings });
    expect(changed).toMatchObject({ status: 200, body: { settings } });
    const { id, ...made } = await create();
    expect(made).toMatchObject({ expires_at: '2026-12-21T09:00:01.000Z' });
    const usage = { invitation_id: id, entity: { type: 'seat', id: '1' }, action: 'opened' };
    expect((await api('POST', '/invitations/usages', usage)).status).toBe(201);
    expect(await api('POST', '/invitations/usages', { ...usage, action: 'visited' })).toMatchObject(
      { status: 422, body: { code: 'invalid_action' } },
    );
    await api('PATCH', '/workspace', { settings: { invitations: null } });
  });

  it('cleans up, and lets a key that may only read do no more than that', async () => {
    await create({ expires_in: { hours: 1 } });
    context.clock.moveBy(31 * 86_400_000);
    expect((await api('POST', '/invitations/cleanup')).body).toEqual({
      archived: expect.any(Number),
    });
    const reader = await openApi(context, await context.workspaces.first(), ['read']);
    expect((await reader('POST', '/invitations/validate', { token: 'x' })).status).toBe(404);
    expect((await reader('POST', '/invitations', {})).status).toBe(403);
    expect((await reader('POST', '/invitations/usages', {})).status).toBe(403);
  });
});
