import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { apiRoutes } from '../http/api-routes.ts';

describe('the gate and the waitlist of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const entity = { type: 'user', id: 'u1' };

  it('shuts the gate, parks an account, and lets it in by a code', async () => {
    expect((await api('GET', '/gate')).body).toEqual({
      required: false,
      since: null,
      grandfather: true,
    });
    const settings = { referrals: { required: true, grandfather: false } };
    expect(await api('PATCH', '/workspace', { settings })).toMatchObject({
      status: 200,
      body: { settings },
    });
    expect((await api('GET', '/gate')).body).toEqual({
      required: true,
      since: new Date(context.clock.now()).toISOString(),
      grandfather: false,
    });
    const parked = { admitted: false, by: null, reason: 'parked', admission: null };
    const created_at = '2020-01-01T00:00:00Z';
    expect((await api('POST', '/gate/check', { entity, created_at })).body).toEqual(parked);
    expect((await api('POST', '/gate/check', { entity, operator: true })).body).toMatchObject({
      admitted: true,
      by: 'operator',
    });
    await api('POST', '/referral-codes', { code: 'LETMEIN' });
    expect(await api('POST', '/gate/redeem', { entity, code: 'nope1' })).toMatchObject({
      status: 422,
      body: { code: 'code_unusable' },
    });
    const headers = { 'idempotency-key': 'in' };
    const redeem = () => api('POST', '/gate/redeem', { entity, code: 'letmein' }, { headers });
    const admitted = { status: 200, body: { admitted: true, admission: { via: 'code' } } };
    expect(await redeem()).toMatchObject(admitted);
    expect(await redeem()).toMatchObject(admitted);
    const other = { type: 'user', id: 'u2' };
    expect(await api('POST', '/gate/admissions', { entity: other, via: 'support' })).toMatchObject({
      status: 200,
      body: { entity: other, via: 'support' },
    });
    expect((await api('POST', '/gate/check', { entity: other })).body).toMatchObject({
      by: 'admission',
    });
    expect(await api('POST', '/gate/check', { entity, extra: 1 })).toMatchObject({ status: 422 });
  });

  it('takes people on the waitlist, says where they stand, invites them and lets them go', async () => {
    const join = (name: string, more = {}) =>
      api<{ entry: { id: string; code: string }; position: number }>('POST', '/waitlist', {
        email: `${name}@people.test`,
        ...more,
      });
    const ann = await join('ann', { name: 'Ann', metadata: { plan: 'pro' } });
    expect(ann).toMatchObject({ status: 201, body: { position: 1, waiting: 1 } });
    expect(await join('ann')).toMatchObject({ status: 200 });
    const bob = await join('bob', { referred_by: ann.body.entry.code });
    expect(await api('POST', '/waitlist/position', { code: ann.body.entry.code })).toMatchObject({
      body: { position: 1, entry: { referrals: 1 } },
    });
    expect(await api('POST', '/waitlist/position', { id: bob.body.entry.id })).toMatchObject({
      body: { position: 2 },
    });
    for (const body of [{}, { id: bob.body.entry.id, code: 'x' }])
      expect(await api('POST', '/waitlist/position', body)).toMatchObject({ status: 422 });
    expect(await api('POST', '/waitlist/position', { code: 'NOBODY22' })).toMatchObject({
      status: 404,
      body: { code: 'waitlist_entry_not_found' },
    });
    const headers = { 'idempotency-key': 'invite' };
    const invite = () =>
      api<Array<{ invitation: { token?: string } }>>(
        'POST',
        '/waitlist/invite',
        { count: 1 },
        { headers },
      );
    const invited = await invite();
    expect(invited).toMatchObject({
      status: 200,
      body: [
        { entry: { email: 'ann@people.test', status: 'invited' }, invitation: { uses_max: 1 } },
      ],
    });
    expect(invited.body[0]!.invitation.token).toMatch(/^\w{16}$/);
    expect((await invite()).body[0]!.invitation.token).toBeUndefined();
    const exported = await api('GET', '/waitlist/export?format=ndjson&status=invited');
    expect(exported.headers.get('content-type')).toBe('application/x-ndjson');
    expect(exported.body).toMatchObject({ email: 'ann@people.test', metadata: { plan: 'pro' } });
    expect((await api('GET', '/waitlist?status=waiting')).body).toMatchObject([
      { email: 'bob@people.test' },
    ]);
    expect((await api('DELETE', `/waitlist/${bob.body.entry.id}`)).status).toBe(204);
    expect((await api('GET', '/waitlist?status=left')).body).toMatchObject([
      { id: bob.body.entry.id, email: null },
    ]);
  });
});

describe('the paths of codes', () => {
  it('keep the overview and the codes apart: neither leads to the other, and no fixed path to an id', () => {
    const paths = apiRoutes.map(({ path }) => path);
    const overview = '/referral-codes/totals';
    expect(paths.indexOf(overview)).toBeGreaterThan(-1);
    expect(paths.indexOf(overview)).toBeLessThan(paths.indexOf('/referral-codes/{id}'));
    for (const [one, other] of [
      ['/referral-codes', '/referrals'],
      ['/referrals', '/referral-codes'],
    ] as const)
      expect(one.startsWith(other)).toBe(false);
  });
});
