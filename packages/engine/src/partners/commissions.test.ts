import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

type Json = Record<string, unknown>;

let hw: TestHeadwater;
let key: string;
beforeEach(async () => {
  hw = await createTestHeadwater({ links: { domains: ['go.test'] }, ownHosts: ['shop.test'] });
  key = await hw.fixtures.apiKey('admin');
}, 60_000);
afterEach(() => hw.close());

async function call<Body = Json>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await hw.handler(
    new Request(`https://go.test/hw/api${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
  expect(response.ok).toBe(true);
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

async function follow(link: string, visitor: string, userAgent = chrome): Promise<void> {
  const response = await hw.handler(
    new Request(`https://go.test/${link}`, {
      headers: { host: 'go.test', 'user-agent': userAgent, cookie: `_hw_visitor=${visitor}` },
    }),
    { remoteAddress: '203.0.113.7' },
  );
  expect(response.status).toBe(302);
}

async function openProgram(...rules: Json[]): Promise<string> {
  return (await call<{ id: string }>('POST', '/partner-programs', { name: 'Friends', rules })).id;
}

/** A partner with a link of the same key. */
async function join(partner: string, programId: string, more: Json = {}): Promise<string> {
  const body = { key: partner, name: partner, program_id: programId, ...more };
  const { id } = await call<{ id: string }>('POST', '/partners', body);
  const link = { domain: 'go.test', key: partner, url: 'https://shop.test/' };
  await call('POST', '/links', { ...link, link_type: 'referral', partner_id: id });
  return id;
}

/** A new customer of a partner buys for 100 dollars. */
async function buy(partnerId: string, customer: string): Promise<void> {
  orThrow(await hw.visitors.identify({ externalId: customer }));
  await call('POST', '/events', {
    event_type: 'sale',
    currency: 'USD',
    amount_cents: 10_000,
    person_external_id: customer,
    partner_id: partnerId,
    idempotency_key: `sale-${customer}`,
  });
  await hw.partners.commissions.settle();
}

async function balanceOf(partnerId: string): Promise<bigint> {
  const balances = orThrow(await hw.ledger.balances(['partner', partnerId]));
  return balances.find(({ unit }) => unit === 'USD')?.balanceMinor ?? 0n;
}

const share = { name: 'sales', trigger: 'sale', percent: 20, times_max: null };

describe('a rule for a group', () => {
  it('pays the partners who are in it when they earn, and the others by the rule for everybody', async () => {
    const gold = { ...share, name: 'gold', percent: 30, group: 'gold' };
    const programId = await openProgram(share, gold);
    const ada = await join('ada', programId, { group: 'gold' });
    const bob = await join('bob', programId);
    await buy(ada, 'c1');
    await buy(bob, 'c2');
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([3_000n, 2_000n]);
    await call('PATCH', `/partners/${ada}`, { group: null });
    await call('PATCH', `/partners/${bob}`, { group: 'gold' });
    await buy(ada, 'c3');
    await buy(bob, 'c4');
    // What was earned before stays as it was.
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([5_000n, 5_000n]);
    const earned = await call<Json[]>('GET', `/commissions?partner_id=${ada}`);
    expect(earned.map(({ rule, granted }) => [rule, granted])).toEqual([
      ['sales', 2_000],
      ['gold', 3_000],
    ]);
  });
});

describe('caps of a rule', () => {
  it('leave in the ledger what they have room for, and a refund makes room again', async () => {
    const caps = { per_partner: { amount: 3_000 }, total: { amount: 4_000 } };
    const programId = await openProgram({ ...share, caps });
    const [ada, bob] = [await join('ada', programId), await join('bob', programId)];
    for (const customer of ['c1', 'c2', 'c3']) await buy(ada, customer);
    await buy(bob, 'c4');
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([3_000n, 1_000n]);
    const earned = await call<Json[]>('GET', '/commissions');
    expect(earned.map(({ status, granted, capped }) => [status, granted, capped])).toEqual([
      ['available', 1_000, 1_000],
      ['capped', 0, 2_000],
      ['available', 1_000, 1_000],
      ['available', 2_000, 0],
    ]);
    await call('POST', '/events', {
      event_type: 'refund',
      person_external_id: 'c1',
      refund_of_key: 'sale-c1',
    });
    await hw.partners.commissions.settle();
    expect(await balanceOf(ada)).toBe(1_000n);
    await buy(ada, 'c5');
    expect(await balanceOf(ada)).toBe(3_000n);
    expect(await hw.partners.commissions.settle({ all: true })).toMatchObject({ entries: 0 });
  });

  it('count commissions too, of each partner and of all', async () => {
    const caps = { per_partner: { commissions: 1 }, total: { commissions: 2 } };
    const programId = await openProgram({ ...share, caps });
    const partners = [];
    for (const name of ['ada', 'bob', 'cem']) partners.push(await join(name, programId));
    for (const [nth, partner] of partners.entries())
      for (const customer of [`a${nth}`, `b${nth}`]) await buy(partner, customer);
    expect(await Promise.all(partners.map(balanceOf))).toEqual([2_000n, 2_000n, 0n]);
  });
});

describe('a commission for clicks', () => {
  it('is earned once by each person, by nobody who is a machine, and up to its cap', async () => {
    const clicks = { name: 'clicks', trigger: 'click', amount: 7, unit: 'USD' };
    const programId = await openProgram({ ...clicks, caps: { total: { commissions: 2 } } });
    const ada = await join('ada', programId);
    const [first, second, third] = ['a', 'b', 'c'].map((end) => `abcdefghijklmnopqrstu${end}`);
    await follow('ada', first!);
    hw.clock.advance({ hours: 1 });
    await follow('ada', first!);
    await follow('ada', second!, 'Mozilla/5.0 (compatible; Googlebot/2.1)');
    await hw.partners.commissions.settle();
    expect(await balanceOf(ada)).toBe(7n);
    for (const visitor of [second!, third!]) await follow('ada', visitor);
    await hw.partners.commissions.settle();
    expect(await balanceOf(ada)).toBe(14n);
    expect(await call('GET', '/commissions?status=capped')).toMatchObject([{ trigger: 'click' }]);
  });
});

it('a sale made before its programme ended earns, also where it is settled afterwards', async () => {
  const programId = await openProgram(share);
  const ada = await join('ada', programId);
  const sale = { event_type: 'sale', currency: 'USD', amount_cents: 10_000, partner_id: ada };
  for (const externalId of ['c1', 'c2']) orThrow(await hw.visitors.identify({ externalId }));
  await call('POST', '/events', { ...sale, person_external_id: 'c1' });
  hw.clock.advance({ seconds: 1 });
  await call('DELETE', `/partner-programs/${programId}`);
  await call('POST', '/events', { ...sale, person_external_id: 'c2' });
  await hw.partners.commissions.settle();
  expect(await balanceOf(ada)).toBe(2_000n);
});

it('the audit log has every change of partners, programmes, coupons, decisions, payouts and codes, and nothing of who they are', async () => {
  const programId = await openProgram(share);
  await call('PATCH', `/partner-programs/${programId}`, { window_days: 30 });
  const ada = await join('secretkey', programId, { external_id: 'u-7', email: 'ada@people.test' });
  await call('PATCH', `/partners/${ada}`, { group: 'gold' });
  const coupon = await call<{ id: string }>('POST', `/partners/${ada}/coupons`, { code: 'ADA10' });
  for (let time = 0; time < 2; time += 1)
    await call('DELETE', `/partners/${ada}/coupons/${coupon.id}`);
  await buy(ada, 'c1');
  const [commission] = await call<Array<{ id: string }>>('GET', '/commissions');
  await call('POST', `/commissions/${commission!.id}/decision`, { decision: 'approved' });
  const batch = await call<{ payouts: Array<{ id: string }> }>('POST', '/payout-batches');
  await call('PATCH', `/payouts/${batch.payouts[0]!.id}`, { status: 'paid' });
  await call('DELETE', `/partners/${ada}/tokens`);
  await call('DELETE', `/partners/${ada}`);
  await call('DELETE', `/partner-programs/${programId}`);
  const code = orThrow(await hw.referrals.createCode({ code: 'FRIENDS' }));
  orThrow(await hw.referrals.updateCode(code.id, { active: false }));
  orThrow(await hw.referrals.archiveCode(code.id));

  const log = (await call<Json[]>('GET', '/audit?limit=200')).toReversed();
  const actions = log.map(({ action }) => String(action));
  expect(actions.filter((action) => /^(partner|commission|payout|referral)/.test(action))).toEqual([
    'partner_program.created',
    'partner_program.updated',
    'partner.created',
    'partner.updated',
    'partner_coupon.created',
    'partner_coupon.archived',
    'commission.decided',
    'payout_batch.created',
    'payout.updated',
    'partner.tokens_ended',
    'partner.archived',
    'partner_program.archived',
    'referral_code.created',
    'referral_code.updated',
    'referral_code.archived',
  ]);
  expect(log.find(({ action }) => action === 'partner.updated')).toMatchObject({
    subject_id: ada,
    actor: expect.any(String),
    changes: { group: { to: 'gold' } },
  });
  const told = log.filter(({ action }) => !String(action).startsWith('link.'));
  expect(JSON.stringify(told)).not.toMatch(/people\.test|u-7|secretkey/);
});
