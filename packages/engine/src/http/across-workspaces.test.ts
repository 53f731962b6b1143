import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { apiRoutes } from './api-routes.ts';

describe('one workspace and another', () => {
  let context: TestContext;
  let owner: Api;
  let stranger: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    owner = await openApi(context, orThrow(await createWorkspace(context, { name: 'Owner' })));
    stranger = await openApi(
      context,
      orThrow(await createWorkspace(context, { name: 'Stranger' })),
    );
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('do not see or change what belongs to the other, on any route', async () => {
    const { body: link } = await owner<{ id: string }>('POST', '/links', {
      domain: 'go.test',
      url: 'https://example.com/',
    });
    const { body: key } = await owner<{ id: string }>('POST', '/api-keys', { name: 'mine' });
    await owner('POST', '/domains', { host: 'links.test' });
    const resolve = async (body: object) =>
      (await owner<{ visitor: { id: string } }>('POST', '/visitors/resolve', body)).body.visitor.id;
    const visitor = await resolve({ person_external_id: 'cust_1' });
    const other = await resolve({ anonymous_id: 'device' });
    await owner('POST', `/visitors/${visitor}/merge`, { other_visitor_id: other });
    const { body: evidence } = await owner<{ merges: Array<{ id: string }> }>(
      'GET',
      `/visitors/${visitor}/evidence`,
    );
    const merge = evidence.merges[0]!.id;
    const own = await stranger<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
      anonymous_id: 'own',
    });

    const steps = [
      { filters: [{ kind: 'event', type: 'pageview' }] },
      { filters: [{ kind: 'event', type: 'sale' }] },
    ];
    const { body: funnel } = await owner<{ id: string }>('POST', '/funnels', {
      name: 'Sale',
      steps,
    });
    const period = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';

    const { body: folder } = await owner<{ id: string }>('POST', '/folders', { name: 'Mine' });
    const { body: template } = await owner<{ id: string }>('POST', '/utm-templates', { name: 'M' });
    const { body: versions } = await owner<Array<{ id: string }>>(
      'GET',
      `/links/${link.id}/versions`,
    );

    const url = 'https://example.com/stolen';
    const sale = { visitor_id: visitor, event_type: 'sale', amount_cents: 1 };
    for (const [method, path, body] of [
      ['GET', `/links/${link.id}`],
      ['PATCH', `/links/${link.id}`, { url }],
      ['PUT', `/links/${link.id}`, { url }],
      ['DELETE', `/links/${link.id}`],
      ['POST', `/links/${link.id}/restore`],
      ['GET', `/links/${link.id}/qr`],
      ['GET', `/links/${link.id}/stats`],
      ['GET', `/links/${link.id}/clicks`],
      ['POST', `/links/${link.id}/qr`, {}],
      ['POST', `/links/${link.id}/duplicate`],
      ['GET', `/links/${link.id}/health`],
      ['GET', `/links/${link.id}/versions`],
      ['POST', `/links/${link.id}/versions/${versions[0]!.id}/restore`],
      ['PATCH', `/folders/${folder.id}`, { name: 'stolen' }],
      ['DELETE', `/folders/${folder.id}`],
      ['PATCH', `/utm-templates/${template.id}`, { name: 'stolen' }],
      ['DELETE', `/utm-templates/${template.id}`],
      ['GET', `/funnels/${funnel.id}`],
      ['PATCH', `/funnels/${funnel.id}`, { name: 'stolen' }],
      ['DELETE', `/funnels/${funnel.id}`],
      ['GET', `/funnels/${funnel.id}/report?${period}`],
      ['GET', `/funnels/${funnel.id}/people?${period}`],
      ['PATCH', `/api-keys/${key.id}`, { name: 'stolen' }],
      ['POST', `/api-keys/${key.id}/rotate`],
      ['DELETE', `/api-keys/${key.id}`],
      ['PATCH', '/domains/links.test', { case_sensitive: false }],
      ['DELETE', '/domains/links.test'],
      ['GET', `/visitors/${visitor}`],
      ['GET', '/visitors/by-external-id/cust_1'],
      ['GET', `/visitors/${visitor}/timeline`],
      ['GET', `/visitors/${visitor}/attribution`],
      ['GET', `/visitors/${visitor}/evidence`],
      ['POST', `/visitors/${visitor}/merge`, { other_visitor_id: own.body.visitor.id }],
      ['POST', `/visitors/${own.body.visitor.id}/merge`, { other_visitor_id: visitor }],
      ['POST', `/visitors/merges/${merge}/undo`],
      ['POST', '/visitors/identify', { visitor_id: visitor, person_email: 'thief@example.com' }],
      ['POST', '/events', sale],
      ['POST', '/events', { ...sale, visitor_id: undefined, person_external_id: 'cust_1' }],
    ] as Array<[string, string, unknown?]>) {
      const answer = await stranger(method, path, body);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    const batch = await stranger('POST', '/events/batch', { events: [sale] });
    expect(batch).toMatchObject({
      status: 207,
      body: { results: [{ status: 'error', code: 'visitor_not_found' }] },
    });

    expect(await owner('GET', `/links/${link.id}`)).toMatchObject({
      status: 200,
      body: { url: 'https://example.com/', archived_at: null },
    });
    expect(await owner('GET', `/visitors/${visitor}`)).toMatchObject({
      status: 200,
      body: { person_email: null, ltv_cents: 0 },
    });
  });

  it('do not see, change or use the invitations, codes and visits of the other, on any route', async () => {
    const entity = { type: 'user', id: 'u1' };
    const { body: invitation } = await owner<{ id: string; token: string }>(
      'POST',
      '/invitations',
      {},
    );
    const { body: code } = await owner<{ id: string }>('POST', '/referral-codes', { code: 'MINE' });
    const redeemed = await owner<{ redemption: { id: string } }>('POST', '/referral-codes/redeem', {
      code: 'mine',
      entity,
    });
    const seat = await owner<{ redemption: { id: string } }>('POST', '/invitations/redeem', {
      invitation_id: invitation.id,
      entity,
    });
    const { body: mine } = await owner<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
      anonymous_id: 'visits',
    });
    await owner('POST', '/events', { visitor_id: mine.visitor.id, event_type: 'pageview' });
    const { body: visits } = await owner<Array<{ id: string }>>(
      'GET',
      `/visitors/${mine.visitor.id}/sessions`,
    );
    const { body: waits } = await owner<{ entry: { id: string; code: string } }>(
      'POST',
      '/waitlist',
      { email: 'waits@people.test' },
    );
    const idOf: Array<[prefix: string, id: string]> = [
      ['/waitlist/', waits.entry.id],
      ['/invitations/redemptions/', seat.body.redemption.id],
      ['/invitations/', invitation.id],
      ['/referral-codes/redemptions/', redeemed.body.redemption.id],
      ['/referral-codes/', code.id],
      ['/sessions/', visits[0]!.id],
      ['/visitors/{id}/sessions', mine.visitor.id],
    ];
    const bodies: Readonly<Record<string, object>> = {
      updateInvitation: { name: 'stolen' },
      changeInvitationExpiry: { extend_by: { days: 1 } },
      updateReferralCode: { active: false },
    };
    const tried: string[] = [];
    for (const { method, path, operationId } of apiRoutes) {
      const id = idOf.find(([prefix]) => path.startsWith(prefix))?.[1];
      if (id === undefined || !path.includes('{id}')) continue;
      tried.push(operationId);
      const query = operationId === 'getInvitationBreakdown' ? '?by=action' : '';
      const answer = await stranger(
        method.toUpperCase(),
        path.replace('{id}', id) + query,
        bodies[operationId],
      );
      expect([operationId, answer.status]).toEqual([operationId, 404]);
    }
    expect(tried.length).toBeGreaterThan(18);

    const other = { entity: { type: 'user', id: 'u2' } };
    for (const [path, body] of [
      ['/invitations/validate', { token: invitation.token }],
      ['/invitations/redeem', { token: invitation.token, ...other }],
      ['/invitations/redeem', { invitation_id: invitation.id, ...other }],
      ['/invitations/usages', { invitation_id: invitation.id, action: 'visited', ...other }],
      ['/referral-codes/redeem', { code: 'MINE', ...other }],
      ['/waitlist/position', { id: waits.entry.id }],
      ['/waitlist/position', { code: waits.entry.code }],
    ] as const)
      expect([path, (await stranger('POST', path, body)).status]).toEqual([path, 404]);
    expect(await stranger('POST', '/referral-codes/check', { code: 'MINE' })).toMatchObject({
      body: { code: 'code_unusable' },
    });
    for (const list of [
      '/invitations?archived=with',
      '/referral-codes?archived=with',
      '/referral-codes/top',
      '/referral-codes/redemptions',
      `/referral-codes/redemptions?invitation_id=${invitation.id}`,
      `/referral-codes/redemptions?code_id=${code.id}`,
      '/referrals',
      '/referrals/leaderboard',
      '/waitlist',
    ])
      expect([list, (await stranger('GET', list)).body]).toEqual([list, []]);
    expect(await owner('GET', `/invitations/${invitation.id}`)).toMatchObject({
      body: { status: 'active', uses: 1, archived_at: null },
    });
    expect(await owner('GET', `/referral-codes/${code.id}`)).toMatchObject({
      body: { active: true, uses: 1, archived_at: null },
    });
    // Both may have a code of the same text.
    expect((await stranger('POST', '/referral-codes', { code: 'MINE' })).status).toBe(201);
  });

  it('do not see or change the rewards and the ledger of the other', async () => {
    const { body: rule } = await owner<{ id: string }>('POST', '/referrals/reward-rules', {
      name: 'Friends',
      trigger: 'redemption',
      referrer: { amount: 5, unit: 'credits' },
    });
    const account = { type: 'user', id: 'u1' };
    const { body: made } = await owner<{ entry: { id: string } }>('POST', '/ledger/adjustments', {
      account,
      unit: 'USD',
      amount: 500,
      idempotency_key: 'thanks',
    });
    for (const [method, path, body] of [
      ['GET', `/referrals/reward-rules/${rule.id}`],
      ['GET', `/referrals/reward-rules/${rule.id}/versions`],
      ['PATCH', `/referrals/reward-rules/${rule.id}`, { active: false }],
      ['DELETE', `/referrals/reward-rules/${rule.id}`],
      ['GET', `/ledger/entries/${made.entry.id}`],
      ['POST', `/ledger/entries/${made.entry.id}/reverse`, {}],
    ] as Array<[string, string, unknown?]>)
      expect([path, (await stranger(method, path, body)).status]).toEqual([path, 404]);
    for (const list of [
      '/referrals/reward-rules?archived=true',
      '/referrals/rewards',
      '/referrals/rewards/totals',
      '/ledger/entries',
      '/ledger/balances?account_id=u1',
    ])
      expect([list, (await stranger('GET', list)).body]).toEqual([list, []]);
    const payout = { account, unit: 'USD', amount: 1, idempotency_key: 'stolen' };
    expect((await stranger('POST', '/ledger/payouts', payout)).status).toBe(409);
    // The same key is another one there.
    const own = { account, unit: 'USD', amount: 1, idempotency_key: 'thanks' };
    expect((await stranger('POST', '/ledger/adjustments', own)).status).toBe(201);
  });

  it('list only their own', async () => {
    for (const path of ['/links', '/domains']) {
      expect(await stranger('GET', path)).toMatchObject({ status: 200, body: [] });
    }
    const { body: keys } = await stranger<unknown[]>('GET', '/api-keys');
    const { body: visitors } = await stranger<unknown[]>('GET', '/visitors');
    expect([keys.length, visitors.length]).toEqual([1, 1]);
    expect(await stranger('GET', '/workspace')).toMatchObject({ body: { name: 'Stranger' } });
  });
});
