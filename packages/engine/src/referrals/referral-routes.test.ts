import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface Code {
  readonly id: string;
  readonly code: string;
}

describe('the referral codes of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const user = (id: string) => ({ type: 'user', id });

  it('creates, lists, changes and archives codes', async () => {
    const everything = {
      code: 'WELCOME2024',
      description: 'New year',
      uses_max: 50,
      expires_at: '2026-12-31T23:59:59.000Z',
      creator_id: 'u1',
      beneficiary_id: 'u2',
      active: true,
    };
    const made = await api<Code>('POST', '/referral-codes', { ...everything, code: 'welcome2024' });
    expect(made).toMatchObject({
      status: 201,
      body: { ...everything, uses: 0, archived_at: null },
    });
    expect((await api<Code>('POST', '/referral-codes')).body.code).toMatch(/^[A-HJ-NP-Z2-9]{5}$/);
    expect(await api('POST', '/referral-codes', { code: 'Welcome2024' })).toMatchObject({
      status: 409,
      body: { code: 'code_taken' },
    });
    expect(await api('POST', '/referral-codes', { uses_max: 1_000 })).toMatchObject({
      status: 422,
      body: { errors: { uses_max: [expect.any(String)] } },
    });
    const { id } = made.body;
    expect(
      (await api<Code[]>('GET', '/referral-codes?creator_id=u1&valid=true')).body,
    ).toMatchObject([{ id }]);
    expect(await api('PATCH', `/referral-codes/${id}`, { active: false })).toMatchObject({
      body: { active: false, description: 'New year' },
    });
    expect((await api('DELETE', `/referral-codes/${id}`)).status).toBe(204);
    expect((await api('GET', `/referral-codes/${id}`)).body).toMatchObject({
      archived_at: '2026-11-21T09:00:00.000Z',
    });
  });

  it.each([
    ['/referral-codes?creator_id=%20', 'creator_id must be the id of a user.'],
    ['/referral-codes/redemptions?entity_id=%20', 'entity_id must not be empty'],
    [
      '/referral-codes/redemptions?entity_type=A&entity_id=x',
      'entity_type must be lower-case letters, digits and underscores',
    ],
    ['/referral-codes/redemptions?entity_type=company', 'entity_id is required beside entity_type'],
    ['/referrals?referrer_id=%20', 'referrer_id must not be empty'],
    ['/invitations?owner_id=%20', 'owner_id must not be empty'],
    ['/invitations?owner_type=company', 'owner_id is required beside owner_type'],
    ['/invitations?status=open', 'status must be one of active, paused, revoked, declined'],
  ])('refuses %s by the field of the query: %s', async (path, error) => {
    const answer = await api<{ errors: object }>('GET', path);
    expect(answer).toMatchObject({ status: 422, body: { error } });
    expect(Object.keys(answer.body.errors)).toEqual([error.split(' ')[0]]);
  });

  it('redeems, counts, shows the edge and reverses', async () => {
    const { body: code } = await api<Code>('POST', '/referral-codes', {
      code: 'FRIENDS',
      creator_id: 'referrer',
      uses_max: 1,
    });
    const redeem = (id: string, more = {}) =>
      api<{ redemption: { id: string } }>('POST', '/referral-codes/redeem', {
        code: 'friends',
        entity: user(id),
        ...more,
      });
    const taken = await redeem('referee', { idempotency_key: 'a1' });
    expect(taken).toMatchObject({ status: 201, body: { redemption: { code_id: code.id } } });
    expect((await redeem('referee', { idempotency_key: 'a1' })).status).toBe(200);
    expect(await redeem('referee')).toMatchObject({
      status: 409,
      body: { code: 'already_redeemed' },
    });
    expect(await redeem('other')).toMatchObject({ status: 409, body: { code: 'code_exhausted' } });
    expect(await redeem('referrer')).toMatchObject({
      status: 403,
      body: { code: 'self_referral' },
    });

    const get = async (path: string) => (await api('GET', path)).body;
    expect(await get(`/referral-codes/${code.id}/stats`)).toEqual({
      total_uses: 1,
      unique_users: 1,
      last_used: '2026-11-21T09:00:00.000Z',
      recent_users: ['referee'],
    });
    expect(await get('/referrals?referrer_id=referrer')).toMatchObject([
      { referrer: user('referrer'), referee: user('referee'), status: 'active' },
    ]);
    expect(await get('/referrals/leaderboard')).toEqual([
      { referrer: user('referrer'), referrals: 1 },
    ]);
    expect(await get('/referral-codes/top?limit=1')).toMatchObject([{ id: code.id }]);
    expect(await get(`/referral-codes/redemptions?code_id=${code.id}`)).toMatchObject([
      { entity: user('referee') },
    ]);
    expect(await get('/referral-codes/totals')).toMatchObject({
      codes_with_usage: 1,
      total_usage: 1,
    });
    const { id } = taken.body.redemption;
    expect(await api('POST', `/referral-codes/redemptions/${id}/reverse`)).toMatchObject({
      body: { status: 'reversed' },
    });
    expect(await get('/referrals?referee_id=referee')).toMatchObject([{ status: 'reversed' }]);
  });

  it('checks what was typed, by the settings of the workspace', async () => {
    const settings = { referrals: { required: true, codes_max_per_user: 5 } };
    expect((await api('PATCH', '/workspace', { settings })).body).toMatchObject({ settings });
    const check = (body: object) => api('POST', '/referral-codes/check', body);
    expect(await check({ code: '' })).toMatchObject({
      status: 422,
      body: { code: 'code_required', error: 'Referral code is required' },
    });
    expect(await check({ code: 'NOPE1' })).toMatchObject({ body: { code: 'code_unusable' } });
    const { body: made } = await api<Code>('POST', '/referral-codes', { code: 'GOOD1' });
    expect((await check({ code: 'good1' })).body).toMatchObject({ code: { id: made.id } });
    expect((await check({ when: 'typing' })).body).toEqual({ code: null });
    for (let count = 0; count < 20; count += 1) await check({ code: 'X', address: '203.0.113.7' });
    const limited = await check({ code: 'GOOD1', address: '203.0.113.7' });
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('60');
  });
});
