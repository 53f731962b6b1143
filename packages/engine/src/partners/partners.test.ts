import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

type Json = Record<string, unknown>;

let hw: TestHeadwater;
let key: string;
beforeEach(async () => {
  hw = await createTestHeadwater({
    links: { domains: ['go.test'] },
    ownHosts: ['shop.test'],
  });
  key = await hw.fixtures.apiKey('read', 'write');
}, 60_000);
afterEach(() => hw.close());

async function call(method: string, path: string, body?: unknown) {
  const response = await hw.handler(
    new Request(`https://go.test/hw/api${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, body: (isJson ? JSON.parse(text) : { text }) as Json };
}

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

function follow(link: string, cookie = ''): Promise<Response> {
  return hw.handler(
    new Request(`https://go.test/${link}`, {
      headers: { host: 'go.test', 'user-agent': chrome, cookie },
    }),
    { remoteAddress: '203.0.113.7' },
  );
}

/** A programme that pays a fifth of every sale after two weeks, a partner in it, and a link of theirs. */
async function openProgram(rules?: readonly Json[]) {
  const program = await call('POST', '/partner-programs', {
    name: 'Friends',
    rules: rules ?? [
      { name: 'sales', trigger: 'sale', percent: 20, hold_days: 14, times_max: null },
    ],
  });
  const partner = await call('POST', '/partners', {
    key: 'ada',
    name: 'Ada',
    program_id: program.body['id'],
  });
  const link = await call('POST', '/links', {
    domain: 'go.test',
    key: 'ada',
    url: 'https://shop.test/',
    link_type: 'referral',
    partner_id: partner.body['id'],
  });
  expect([program.status, partner.status, link.status]).toEqual([201, 201, 201]);
  return {
    programId: String(program.body['id']),
    partnerId: String(partner.body['id']),
    linkId: String(link.body['id']),
  };
}

/** Follows the link and lands on the shop; answers the cookie of the shop's visitor. */
async function arrive(link: string, visitor: string): Promise<void> {
  const clicked = await follow(link);
  const location = clicked.headers.get('location') ?? '';
  expect(clicked.status).toBe(302);
  await land(location, visitor);
}

async function land(url: string, visitor: string): Promise<Response> {
  return hw.handler(
    new Request('https://shop.test/hw/t/event', {
      method: 'POST',
      headers: {
        host: 'shop.test',
        'user-agent': chrome,
        cookie: `_hw_visitor=${visitor}`,
      },
      body: JSON.stringify({ url }),
    }),
    { remoteAddress: '203.0.113.7' },
  );
}

const sell = (more: Json) =>
  call('POST', '/events', { event_type: 'sale', currency: 'USD', amount_cents: 10_000, ...more });

const visitorA = 'abcdefghijklmnopqrstua';

async function balance(partnerId: string) {
  const { body } = await call('GET', `/partners/${partnerId}/overview`);
  return body['balances'];
}

describe('partners over HTTP', () => {
  it('are made, changed and listed; the key is unique, and free again when they are archived', async () => {
    const made = await call('POST', '/partners', {
      key: 'valid_Key-123',
      name: 'Ada',
      external_id: 'u1',
      email: 'ada@partners.test',
      metadata: { tier: 'one' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { key: 'valid_Key-123', status: 'active', external_id: 'u1', archived_at: null },
    });
    const id = String(made.body['id']);
    expect(await call('POST', '/partners', { key: 'VALID_key-123', name: 'B' })).toMatchObject({
      status: 409,
      body: { code: 'partner_key_taken' },
    });
    expect(
      await call('POST', '/partners', { key: 'other', name: 'B', external_id: 'u1' }),
    ).toMatchObject({ status: 409, body: { code: 'external_id_taken' } });
    for (const bad of ['a key', '!@#', ''])
      expect(await call('POST', '/partners', { key: bad, name: 'B' })).toMatchObject({
        status: 422,
        body: { errors: { key: ['must have 1 to 255 letters, digits, - or _'] } },
      });
    expect(await call('PATCH', `/partners/${id}`, { status: 'disabled' })).toMatchObject({
      status: 200,
      body: { status: 'disabled', email: 'ada@partners.test' },
    });
    expect(await call('PATCH', `/partners/${id}`, { key: 'new' })).toMatchObject({
      status: 422,
      body: { errors: { key: ['cannot be changed'] } },
    });
    const { body: gold } = await call('POST', '/partners', { key: 'g', name: 'G', group: 'gold' });
    expect((await call('GET', '/partners?group=gold')).body).toMatchObject([{ id: gold['id'] }]);
    expect((await call('DELETE', `/partners/${String(gold['id'])}`)).status).toBe(204);
    // Whoever has the ids wants the names, of archived partners too.
    expect((await call('GET', `/partners?ids=${String(gold['id'])},${id}`)).body).toMatchObject([
      { id: gold['id'], status: 'archived' },
      { id },
    ]);
    expect(await call('GET', `/partners?ids=${id},nobody`)).toMatchObject({
      status: 422,
      body: { errors: { ids: ['must be at most 200 UUIDs'] } },
    });
    expect((await call('DELETE', `/partners/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/partners/${id}`)).status).toBe(204);
    expect((await call('GET', '/partners')).body).toEqual([]);
    expect((await call('GET', '/partners?status=archived')).body).toMatchObject([
      { id: gold['id'] },
      { id },
    ]);
    expect(await call('PUT', `/partners/${id}`, { name: 'C' })).toMatchObject({
      status: 409,
      body: { code: 'partner_archived' },
    });
    expect(
      (await call('POST', '/partners', { key: 'valid_Key-123', name: 'C', external_id: 'u1' }))
        .status,
    ).toBe(201);
    const other = orThrow(await hw.workspaces.create({ name: 'Other' }));
    expect(await hw.partners.get(id, { workspaceId: other.id })).toBeUndefined();
  });

  it('have links only while they are active in the workspace', async () => {
    const link = { url: 'https://shop.test/', link_type: 'referral', key: 'x' };
    const refusal = {
      status: 422,
      body: {
        errors: { partner_id: ['must reference an active partner in the same workspace'] },
      },
    };
    expect(
      await call('POST', '/links', { ...link, partner_id: crypto.randomUUID() }),
    ).toMatchObject(refusal);
    const { partnerId, linkId } = await openProgram();
    await call('PATCH', `/partners/${partnerId}`, { status: 'disabled' });
    expect(await call('POST', '/links', { ...link, partner_id: partnerId })).toMatchObject(refusal);
    expect((await call('PATCH', `/links/${linkId}`, { utm_source: 'x' })).status).toBe(200);
    expect((await follow('ada')).status).toBe(404);
    await call('PATCH', `/partners/${partnerId}`, { status: 'active' });
    expect((await follow('ada')).status).toBe(302);
  });
});

describe('a sale after a partner has brought the customer', () => {
  it('earns a held commission, follows a partial refund, and is paid out when the hold is over', async () => {
    const { partnerId } = await openProgram();
    await arrive('ada', visitorA);
    expect((await sell({ anonymous_id: visitorA, idempotency_key: 'order-1' })).status).toBe(201);
    expect(await hw.partners.commissions.settle()).toMatchObject({ entries: 1 });
    const { body: listed } = await call('GET', `/commissions?partner_id=${partnerId}`);
    expect(listed).toMatchObject([
      { status: 'held', granted: 2000, net: 2000, unit: 'USD', trigger: 'sale', flags: [] },
    ]);
    expect(await balance(partnerId)).toMatchObject([{ balance: 2000, held: 2000, available: 0 }]);

    await call('POST', '/events', {
      event_type: 'refund',
      anonymous_id: visitorA,
      amount_cents: 2_500,
      currency: 'USD',
      refund_of_key: 'order-1',
    });
    expect(await hw.partners.commissions.settle()).toMatchObject({ entries: 1 });
    expect(await hw.partners.commissions.settle({ all: true })).toMatchObject({ entries: 0 });
    expect(await balance(partnerId)).toMatchObject([{ balance: 1500, held: 1500 }]);
    expect((await call('POST', '/payout-batches')).body).toMatchObject({ payouts: [] });

    hw.clock.advance({ days: 15 });
    const batch = await call('POST', '/payout-batches', { note: 'January' });
    expect(batch).toMatchObject({
      status: 201,
      body: { payouts: [{ partner_id: partnerId, amount: 1500, status: 'pending' }] },
    });
    const [payout] = batch.body['payouts'] as Json[];
    const csv = await call('GET', `/payout-batches/${String(batch.body['id'])}/export`);
    expect(csv.body['text']).toBe(
      'payout_id,partner_id,partner_key,partner_name,partner_external_id,partner_email,currency,amount,amount_minor,status,reference\r\n' +
        `${String(payout!['id'])},${partnerId},ada,Ada,,,USD,15.00,1500,pending,\r\n`,
    );
    expect(await balance(partnerId)).toMatchObject([{ balance: 0, available: 0, paid: 1500 }]);
    const paid = { status: 'paid', reference: 'wire 7' };
    expect(await call('PATCH', `/payouts/${String(payout!['id'])}`, paid)).toMatchObject({
      status: 200,
      body: paid,
    });
    expect(
      await call('PATCH', `/payouts/${String(payout!['id'])}`, { status: 'failed' }),
    ).toMatchObject({ status: 409, body: { code: 'payout_settled' } });
    // What is refunded after it was paid is owed.
    await call('POST', '/events', {
      event_type: 'refund',
      anonymous_id: visitorA,
      refund_of_key: 'order-1',
    });
    await hw.partners.commissions.settle();
    expect(await balance(partnerId)).toMatchObject([{ balance: -1500, available: -1500 }]);
  });

  it('can be simulated by a draft of the programme, and nothing is written', async () => {
    const { partnerId, programId } = await openProgram();
    const from = new Date(hw.clock.now() - 1_000).toISOString();
    await arrive('ada', visitorA);
    await sell({ anonymous_id: visitorA, idempotency_key: 'order-1' });
    await call('POST', '/events', {
      event_type: 'refund',
      anonymous_id: visitorA,
      amount_cents: 5_000,
      currency: 'USD',
      refund_of_key: 'order-1',
    });
    await hw.partners.commissions.settle();
    const to = new Date(hw.clock.now() + 1_000).toISOString();
    const simulate = (more: Json) =>
      call('POST', `/partner-programs/${programId}/simulation`, { from, to, ...more });
    const row = { partner_id: partnerId, unit: 'USD', actual: 1000 };
    expect(await simulate({})).toEqual({
      status: 200,
      body: [{ ...row, commissions: 1, simulated: 1000 }],
    });
    const rules = [
      { name: 'clicks', trigger: 'click', amount: 7, unit: 'USD' },
      { name: 'sales', trigger: 'sale', percent: 50, caps: { total: { amount: 3_000 } } },
    ];
    expect((await simulate({ rules })).body).toEqual([{ ...row, commissions: 2, simulated: 1507 }]);
    expect((await simulate({ to: from })).status).toBe(422);
    expect(await hw.partners.programs.versions(programId)).toHaveLength(1);
    expect(await hw.partners.commissions.settle({ all: true })).toMatchObject({ entries: 0 });
  });

  it('gives a payout that failed back to the balance, once', async () => {
    const { partnerId } = await openProgram();
    await arrive('ada', visitorA);
    await sell({ anonymous_id: visitorA });
    await hw.partners.commissions.settle();
    expect((await call('GET', '/payouts/due')).body).toEqual([]);
    hw.clock.advance({ days: 15 });
    const due = [{ partner_id: partnerId, unit: 'USD', amount: 2000, held: 0 }];
    expect((await call('GET', '/payouts/due?unit=USD&minimum=2000')).body).toEqual(due);
    expect((await call('GET', '/payouts/due?minimum=2001')).body).toEqual([]);
    expect(await call('GET', '/payouts/due?unit=beans')).toMatchObject({
      status: 422,
      body: { code: 'invalid_query', errors: { unit: ['must be a currency (ISO 4217)'] } },
    });
    const { payouts } = orThrow(await hw.partners.payouts.make());
    expect((await call('GET', '/payouts/due')).body).toEqual([]);
    for (let time = 0; time < 2; time += 1)
      orThrow(await hw.partners.payouts.mark(payouts[0]!, { status: 'failed' }));
    expect(await balance(partnerId)).toMatchObject([{ balance: 2000, available: 2000, paid: 0 }]);
  });

  it('is theirs across devices once the customer is known, and says so on visitor and report', async () => {
    const { partnerId, linkId } = await openProgram();
    await arrive('ada', visitorA);
    orThrow(await hw.visitors.identify({ anonymousId: visitorA, externalId: 'c1' }));
    const sold = await sell({ person_external_id: 'c1' });
    await hw.partners.commissions.settle();
    expect(await balance(partnerId)).toMatchObject([{ balance: 2000 }]);
    const visitor = String(sold.body['visitor_id']);
    expect((await call('GET', `/visitors/${visitor}/partners`)).body).toMatchObject({
      first: { partner_id: partnerId, link_id: linkId },
      last: { partner_id: partnerId },
    });
    const report = orThrow(await hw.attribution.report({ dimension: 'partner' }));
    expect(
      JSON.stringify(report, (_key, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      ),
    ).toContain(partnerId);
    const broken = orThrow(
      await hw.analytics.breakdown({
        dimension: 'partner',
        from: new Date(hw.clock.now() - 86_400_000),
        to: new Date(hw.clock.now() + 1_000),
      }),
    );
    expect(
      JSON.stringify(broken, (_key, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      ),
    ).toContain(partnerId);
  });
});
