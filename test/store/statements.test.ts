import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { migrations } from '../../packages/engine/src/store/migrations/index.ts';
import { listOperations, requestsTo } from '../support/openapi-requests.ts';
import type { OpenApiDocument } from '../support/openapi-requests.ts';
import { openTestPool } from '../support/pool.ts';
import { fc } from '../support/properties.ts';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };

/** Every statement that an engine sends while it does everything once. */
const statements = new Set<string>();
let end: () => Promise<void>;

beforeAll(async () => {
  const application = await openTestPool();
  const { pool } = application;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...values: unknown[]) => unknown;
    client.query = ((config: string | { text: string }, ...more: unknown[]) => {
      const text = typeof config === 'string' ? config : config.text;
      // A step of a migration: what those make is held to its form in citus-form.test.ts.
      if (!/^\s*begin;/.test(text)) statements.add(text);
      return query(config, ...more);
    }) as typeof client.query;
  });
  end = async () => application[Symbol.asyncDispose]();
  await doEverything(pool);
}, 60_000);
afterAll(() => end());

async function doEverything(pool: pg.Pool): Promise<void> {
  await using hw = await createTestHeadwater({
    database: { pool },
    links: { domains: ['go.test'] },
  });
  const key = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Everything', scopes: ['admin'] }),
  );
  const page = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Page' }));
  let calls = 0;
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await hw.handler(
      new Request(`https://app.test/hw/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key.key}`,
          ...(method === 'GET' ? {} : { 'idempotency-key': `call-${(calls += 1)}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await answer.text();
    expect({
      path,
      status: answer.status < 400 ? 'ok' : answer.status,
      text: answer.status < 400 ? '' : text,
    }).toEqual({ path, status: 'ok', text: '' });
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const follow = (path: string, more: Record<string, string> = {}): Promise<Response> =>
    hw.handler(new Request(`https://go.test${path}`, { headers: { ...browser, ...more } }));
  const beacon = (event: unknown): Promise<Response> =>
    hw.handler(
      new Request(`https://app.test/hw/t/event?key=${page.key}`, {
        method: 'POST',
        headers: { ...browser, 'content-type': 'text/plain', origin: 'https://shop.test' },
        body: JSON.stringify(event),
      }),
    );

  const link = (await api('POST', '/links', {
    key: 'launch',
    url: 'https://shop.test/',
    external_id: 'campaign_1',
  })) as { id: string };
  await api('PATCH', `/links/${link.id}`, { external_id: 'campaign_2', tags: ['a'] });
  for (const path of [
    '/links?tag=a&search=launch&domain=go.test',
    '/links?sort=revenue&order=asc',
    `/links?sort=clicks&cursor=clicks_7_${link.id}`,
    `/links/${link.id}`,
    `/links/${link.id}/stats`,
    `/links/${link.id}/clicks`,
  ])
    await api('GET', path);
  await hw.links.getByKey('go.test', 'launch');
  await hw.links.getByExternalId('campaign_2');

  const landed = new URL((await follow('/launch?gclid=g-1')).headers.get('location')!);
  const prefetched = new URL(
    (await follow('/launch', { 'sec-purpose': 'prefetch' })).headers.get('location')!,
  );
  await follow('/launch', { 'user-agent': 'Googlebot/2.1' });
  await follow('/nothing');
  await hw.events.flush();
  for (const [index, url] of [landed, prefetched].entries()) {
    await beacon({
      event_type: 'pageview',
      url: url.href,
      anonymous_id: `page-${index}`,
      event_id: crypto.randomUUID(),
    });
  }

  const one = orThrow(
    await hw.visitors.identify({
      anonymousId: 'page-0',
      externalId: 'cust_1',
      email: 'ada@example.com',
      name: 'Ada',
    }),
  );
  await hw.visitors.identify({ anonymousId: 'page-0', externalId: 'cust_2' });
  await hw.visitors.identify({ anonymousId: 'page-1', externalId: 'cust_2' });
  await api('POST', '/events', {
    person_external_id: 'cust_1',
    event_type: 'sale',
    amount_cents: 100,
    idempotency_key: 'order-1',
  });
  await api('POST', '/events/batch', {
    events: [
      { person_external_id: 'cust_1', event_type: 'lead' },
      {
        person_external_id: 'cust_1',
        event_type: 'sale',
        amount_cents: 100,
        idempotency_key: 'order-1',
      },
    ],
  });
  hw.clock.advance({ hours: 1 });
  const late = new Date(hw.clock.now() - 5 * 86_400_000);
  await hw.events.track({
    type: 'pageview',
    externalId: 'cust_1',
    url: 'https://shop.test/?utm_source=news',
    occurredAt: late,
  });
  await api('POST', '/visitors/resolve', { anonymous_id: 'somebody-new' });
  await api('POST', '/visitors/identify', {
    anonymous_id: 'somebody-new',
    person_email: 'new@example.com',
  });
  const { id } = one.visitor!;
  for (const path of [
    '/visitors',
    `/visitors/${id}`,
    '/visitors/by-external-id/cust_1',
    `/visitors/${id}/timeline`,
    `/visitors/${id}/attribution`,
    `/visitors/${id}/evidence`,
    `/visitors/${id}/sessions`,
  ]) {
    await api('GET', path);
  }
  const other = orThrow(
    await hw.visitors.identify({ anonymousId: 'second-device', email: 'second@example.com' }),
  );
  orThrow(await hw.visitors.merge({ visitorId: id, otherVisitorId: other.visitor!.id }));
  const evidence = orThrow(await hw.visitors.evidence(id));
  const undone = evidence.merges.at(-1)!;
  orThrow(await hw.visitors.undoMerge(undone.id));
  await hw.visitors.rebuild();
  const [visit] = (await api('GET', `/visitors/${id}/sessions`)) as Array<{ id: string }>;
  await api('GET', `/sessions/${visit!.id}`);
  await hw.rebuild();

  const steps = [
    { filters: [{ kind: 'url', value: '/' }] },
    { filters: [{ kind: 'source', medium: 'cpc' }] },
  ];
  const filters = [{ dimension: 'country', values: ['DE'], exclude: true }];
  const funnel = (await api('POST', '/funnels', { name: 'Sale', steps, filters })) as {
    id: string;
  };
  await api('PATCH', `/funnels/${funnel.id}`, { name: 'Sales', scope: 'session' });
  const period = 'from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z';
  for (const path of [
    '/funnels',
    `/funnels/${funnel.id}`,
    `/funnels/${funnel.id}/report?${period}&dimension=channel`,
    `/funnels/${funnel.id}/people?${period}&step=2&outcome=dropped_off`,
  ])
    await api('GET', path);
  await api('DELETE', `/funnels/${funnel.id}`);

  const code = orThrow(await hw.referrals.createCode({ creatorId: 'cust_1' }));
  const rule = (await api('POST', '/referrals/reward-rules', {
    name: 'Friends',
    trigger: 'payment',
    referrer: { percent: 20, caps: { per_account: { rewards: 2 }, per_code: { amount: 500 } } },
    referee: { amount: 5, unit: 'credits' },
  })) as { id: string };
  orThrow(
    await hw.referrals.rewards.createRule({
      name: 'Active',
      trigger: 'activation',
      referee: { amountMinor: 1n, unit: 'credits' },
    }),
  );
  const friend = 'friend_1';
  orThrow(await hw.referrals.redeem(code, { entity: ['user', friend] }));
  await hw.events.sale({ externalId: friend, amountMinor: 500n, idempotencyKey: 'rewarded' });
  await hw.referrals.rewards.settle();
  await hw.events.track({ type: 'refund', externalId: friend, refundOfKey: 'rewarded' });
  await hw.referrals.rewards.settle();
  await api('PATCH', `/referrals/reward-rules/${rule.id}`, { hold_days: 3 });
  for (const path of [
    '/referrals/rewards?status=held&side=referrer',
    '/referrals/rewards/totals',
    `/referrals/reward-rules/${rule.id}/versions`,
    '/referrals/reward-rules',
    '/ledger/balances?account_id=cust_1',
    '/ledger/entries?account_id=cust_1&unit=USD',
  ])
    await api('GET', path);
  const adjusted = (await api('POST', '/ledger/adjustments', {
    account: { type: 'user', id: 'cust_1' },
    unit: 'USD',
    amount: 500,
    idempotency_key: 'thanks',
  })) as { entry: { id: string } };
  await api('POST', '/ledger/payouts', {
    account: { type: 'user', id: 'cust_1' },
    unit: 'USD',
    amount: 100,
    idempotency_key: 'paid',
  });
  await api('POST', `/ledger/entries/${adjusted.entry.id}/reverse`, {});
  for await (const entries of orThrow(await hw.ledger.export()))
    expect(entries.length).toBeGreaterThan(0);

  const client = await pool.connect();
  await client.query('begin');
  await hw.events.lead({ externalId: 'cust_1' }, { tx: client });
  await client.query('commit');
  client.release();
  await hw.events.flush();

  await hw.events.sale({ externalId: 'cust_1', amountMinor: 500n, idempotencyKey: 'attributed' });
  await hw.events.track({ type: 'refund', externalId: 'cust_1', refundOfKey: 'attributed' });
  const asked = { models: ['w_shaped', 'markov'], dimension: 'link' } as const;
  for (const asOf of [undefined, new Date()]) {
    orThrow(await hw.attribution.report({ ...asked, ...(asOf && { asOf }) }));
    orThrow(
      await hw.attribution.report({ dimension: 'country', rules: { sale: { count: 'first' } } }),
    );
  }
  const credited = orThrow(await hw.attribution.visitor(id));
  orThrow(await hw.attribution.explain(credited.conversions[0]!.conversion.id));

  orThrow(await hw.privacy.export({ visitorId: id }));
  for (const path of ['forget', 'forget', 'lift'])
    await api('POST', `/privacy/${path}`, { person_email: 'second@example.com' });
  // Older than click ids are kept from now on.
  orThrow(
    await hw.events.track(
      {
        type: 'pageview',
        anonymousId: 'from-an-advertisement',
        url: 'https://shop.test/?gclid=g-2',
        occurredAt: new Date(hw.clock.now() - 60 * 86_400_000),
      },
      { createsVisitor: true },
    ),
  );
  await api('PATCH', '/workspace', {
    settings: {
      retention_days: 300,
      retention: { machine_events: 30, visits: 30, attribution: 30, click_ids: 30, evidence: 30 },
    },
  });
  expect((await hw.privacy.applyRetention()).rows).toMatchObject({ visits: 1, clickIds: 3 });

  await inviteEverybody(hw);

  const tenant = orThrow(await hw.workspaces.create({ name: 'Tenant' }));
  orThrow(await hw.workspaces.list());
  await api('PATCH', '/workspace', { name: 'Renamed' });
  orThrow(await hw.workspaces.claimDomain({ host: 'go.tenant.test' }, { workspaceId: tenant.id }));
  orThrow(await hw.workspaces.listDomains({}, { workspaceId: tenant.id }));
  await hw.workspaces.removeDomain({ host: 'go.tenant.test' }, { workspaceId: tenant.id });
  orThrow(await hw.apiKeys.list());
  const rotated = orThrow(await hw.apiKeys.rotate({ id: page.id }));
  orThrow(await hw.apiKeys.revoke({ id: rotated.id }));
  await api('DELETE', `/links/${link.id}`);
  await api('POST', `/links/${link.id}/restore`);
  await api('POST', '/domains', { host: 'go.test' });
  await api('PATCH', '/domains/go.test', { case_sensitive: false });
  await api('POST', '/domains/go.test/verify');
  await api('DELETE', '/domains/go.test');
  await reachTheRest(hw, api, page.key);
  await askEverything(hw, key.key);
  const guess = new Request('https://app.test/hw/api/links', {
    headers: { authorization: 'Bearer hw_sk_guessed' },
  });
  expect((await hw.handler(guess, { remoteAddress: '203.0.113.7' })).status).toBe(401);
  await hw.start();
  await hw.ready();
}

/** Tables of which the rest says nothing. */
async function reachTheRest(
  hw: TestHeadwater,
  api: (method: string, path: string, body?: unknown) => Promise<unknown>,
  pageKey: string,
): Promise<void> {
  await api('POST', '/projects', { name: 'Shop', slug: 'shop' });
  await api('POST', '/payment-sources', { provider: 'stripe', name: 'Shop' });
  const folder = (await api('POST', '/folders', { name: 'Autumn' })) as { id: string };
  const few = (await api('POST', '/links', {
    key: 'few',
    url: 'https://shop.test/',
    folder_id: folder.id,
    health_check: true,
    routing: { version: 1, limits: { clicks: { max: 2 } } },
  })) as { id: string };
  await api('GET', `/links/${few.id}/health`);
  await hw.handler(new Request('https://go.test/few', { headers: browser }));

  const terms = { rules: [{ name: 'sales', trigger: 'sale', percent: 10 }] };
  const program = (await api('POST', '/partner-programs', { name: 'Friends', ...terms })) as {
    id: string;
  };
  const partner = orThrow(
    await hw.partners.create({ key: 'ada', name: 'Ada', programId: program.id }),
  );
  await hw.partners.coupons.add(partner, 'ADA10');
  const person = { externalId: 'partnered' };
  orThrow(await hw.visitors.identify(person));
  orThrow(await hw.events.sale({ ...person, amountMinor: 9_000n, coupon: 'ADA10' }));
  await hw.partners.commissions.settle();
  const batch = orThrow(await hw.partners.payouts.make({ unit: 'USD', minimumMinor: 1n }));
  expect(batch.payouts).toHaveLength(1);
  await hw.partners.payouts.mark(batch.payouts[0]!, { status: 'failed' });

  await api('PATCH', '/workspace', { settings: { cookieless: true } });
  await hw.handler(
    new Request(`https://app.test/hw/t/event?key=${pageKey}`, {
      method: 'POST',
      headers: { ...browser, 'content-type': 'text/plain', origin: 'https://shop.test' },
      body: JSON.stringify({ event_type: 'pageview', url: 'https://shop.test/' }),
    }),
  );
  await api('PATCH', '/workspace', { settings: { cookieless: false } });
}

/** What goes on, and what would end the key that asks or send something away. */
const leftOut = new Set(['GET /live', 'POST /api-keys/{id}/rotate', 'DELETE /api-keys/{id}']);

/** Every operation of the API, with what its description allows: no statement is left out because nobody thought of it. */
async function askEverything(hw: TestHeadwater, key: string): Promise<void> {
  const path = join(import.meta.dirname, '../../openapi.json');
  const document = JSON.parse(readFileSync(path, 'utf8')) as OpenApiDocument;
  const { links } = orThrow(await hw.links.list({ limit: 5 }));
  const { visitors } = orThrow(await hw.visitors.list({ limit: 5 }));
  const ids = fc.constantFrom(...[...links, ...visitors].map(({ id }) => id));
  for (const operation of listOperations(document)) {
    if (leftOut.has(`${operation.method} ${operation.path}`)) continue;
    for (const request of fc.sample(requestsTo(document, operation, ids), 1)) {
      const query = new URLSearchParams(request.query.map(([name, value]) => [name, value]));
      const answer = await hw.handler(
        new Request(`https://app.test/hw/api${request.path}?${query.toString()}`, {
          method: operation.method.toUpperCase(),
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        }),
      );
      expect({ request, fault: answer.status >= 500 }).toEqual({ request, fault: false });
      await answer.text();
    }
  }
}

/** Invitations, codes, the gate, the waitlist, and what comes from other systems. */
async function inviteEverybody(hw: TestHeadwater): Promise<void> {
  const email = 'invited@example.com';
  const entity = ['user', 'invited_1'] as const;
  const { invitations, referrals, gate, waitlist } = hw;
  orThrow(await hw.workspaces.update({ settings: { referrals: { required: true } } }));
  const account = { entity, email };
  await gate.check(account);
  const link = { url: 'https://shop.test/signup' };
  const invitation = orThrow(
    await invitations.create({ emails: [email], owner: ['user', 'host_1'], usesMax: 5, link }),
  );
  await gate.check(account);
  orThrow(await invitations.validate(invitation.token));
  orThrow(await invitations.list({ email, owner: ['user', 'host_1'], search: 'a' }));
  orThrow(await invitations.track(invitation.token, { entity, action: 'visited' }));
  const input = { entity, email, action: 'registered', idempotencyKey: 'sign-up' };
  const { redemption } = orThrow(await invitations.redeem(invitation, input));
  orThrow(await invitations.redeem(invitation, input));
  orThrow(await invitations.release(redemption));
  for (const action of [undefined, 'visited']) {
    orThrow(await invitations.usages(invitation, { entity, action }));
    orThrow(await invitations.usagesByEntity(invitation, { action }));
  }
  await invitations.wasUsedBy(invitation, entity);
  orThrow(await invitations.funnel(invitation));
  orThrow(await invitations.breakdown(invitation, { by: 'metadata.plan' }));
  orThrow(await invitations.extend(invitation, { days: 1 }));
  orThrow(await invitations.renew(invitation));
  orThrow(await invitations.archive(invitation));
  await invitations.create({ link: { url: 'no address' } });
  orThrow(await invitations.cleanUp());

  const code = orThrow(await referrals.createCode({ code: 'FRIENDS', creatorId: 'host_1', link }));
  await referrals.createCode({ link: { url: 'no address' } });
  orThrow(await referrals.listCodes({ valid: true, creatorId: 'host_1', search: 'a' }));
  await referrals.countCodesOf('host_1');
  orThrow(await referrals.check({ code: 'friends' }));
  orThrow(await gate.redeem({ account: { entity: ['user', 'gate_1'] }, code: 'friends' }));
  orThrow(await gate.admit({ entity: ['user', 'host_1'] }));
  await gate.check({ entity: ['user', 'host_1'] });
  const used = orThrow(await referrals.redeem(code, { entity }));
  orThrow(await referrals.reverse(used.redemption));
  orThrow(await referrals.redemptions({ codeId: code.id, entity }));
  orThrow(await referrals.list({ referrer: ['user', 'host_1'], referee: entity }));
  orThrow(await referrals.stats(code));
  await referrals.hasRedeemed(entity, code.id);
  await referrals.totals();
  await referrals.topCodes();
  await referrals.leaderboard();
  orThrow(await referrals.archiveCode(code));

  const first = orThrow(await waitlist.join({ email: 'waits@example.com' }));
  orThrow(await waitlist.join({ email: 'too@example.com', referredBy: first.entry.code }));
  orThrow(await waitlist.position({ email: 'too@example.com' }));
  orThrow(await waitlist.position({ code: first.entry.code }));
  orThrow(await waitlist.invite({ count: 1 }));
  orThrow(await waitlist.invite({ ids: [first.entry.id] }));
  const { entries, nextCursor } = orThrow(await waitlist.list({ limit: 1 }));
  orThrow(await waitlist.list({ cursor: nextCursor, status: 'waiting' }));
  orThrow(await waitlist.leave({ id: entries[0]!.id }));
  orThrow(await waitlist.join({ email: 'waits@example.com' }));

  const dump = (row: object) => ({
    format: 'ndjson' as const,
    stream: Readable.from([Buffer.from(JSON.stringify(row))]),
  });
  const at = '2026-01-01T00:00:00Z';
  const usher = { id: 'u1', token: 'imported', inserted_at: at };
  const usage = { id: 'u2', invitation_id: 'u1', entity_type: 'user', entity_id: 'e1' };
  orThrow(
    await hw.imports.usher({
      invitations: dump(usher),
      usages: dump({ ...usage, action: 'visited', inserted_at: at }),
    }),
  );
  orThrow(await hw.imports.usher({ invitations: dump({ ...usher, id: 'u3' }) }));
  orThrow(
    await hw.imports.phoenixKit({
      codes: dump({ uuid: 'c1', code: 'IMPORTED', max_uses: 5, beneficiary_uuid: 'host_1' }),
      usages: dump({ uuid: 'c2', code_uuid: 'c1', used_by_uuid: 'e1', date_used: at }),
    }),
  );
  orThrow(await hw.workspaces.update({ settings: { referrals: null } }));
}

const distributed = migrations.flatMap((migration) => migration.distributed);
const reference = migrations.flatMap((migration) => migration.reference);

/** The tables that a statement reads or writes, by its `"schema"."table"`. */
function tablesOf(statement: string): string[] {
  return [...statement.matchAll(/"headwater"\."?(\w+)"?/g)].map((match) => match[1]!);
}

/** Several inserts may share a statement. */
function insertsNameTheWorkspace(statement: string): boolean {
  const inserts = [...statement.matchAll(/insert into "headwater"\."?\w+"? \(([^)]*)\)/gi)];
  return inserts.length > 0 && inserts.every(([, columns]) => /\bworkspace_id\b/.test(columns!));
}

/** Every table that a statement reads or writes, each time, with the name that it has there. */
function usesOf(statement: string): Array<{ readonly table: string; readonly alias?: string }> {
  const words =
    'where|on|join|left|order|group|limit|set|using|for|union|cross|returning|values|inner|default';
  const use = new RegExp(
    `(?<!into )"headwater"\\."?(\\w+)(?:"|\\b)(?!"?\\.)(?: as)?(?: "?(?!(?:${words})\\b)([a-z]\\w*)"?)?`,
    'gi',
  );
  return [...statement.matchAll(use)].map(([, table, alias]) => ({
    table: table!,
    ...(alias !== undefined && { alias }),
  }));
}

describe('the statements of an engine', () => {
  it('reach every table', () => {
    const reached = new Set([...statements].flatMap(tablesOf));
    expect([...distributed, ...reference].filter((table) => !reached.has(table))).toEqual([]);
  });

  it('name the workspace, but for the directory, the bookkeeping and what serves every workspace', () => {
    const nameless = [...statements].filter(
      (statement) =>
        tablesOf(statement).some((table) => distributed.includes(table)) &&
        !/^\s*(?:create|alter)\b/i.test(statement) &&
        !/\bworkspace_id"?\s*=\s*\$\d/.test(statement) &&
        !insertsNameTheWorkspace(statement),
    );
    const mayBe = [
      // Processes learn of every workspace's changes (law 16).
      /^select s\.snapshot.*left join "headwater"\.change c/s,
      /^delete from "headwater"\.change\n/,
      // Which workspaces have something to take in.
      /^select distinct "workspace_id" from "headwater"\."inbox" where "refused_code" is null/,
      // Which workspaces have rules of rewards.
      /^select "workspace_id" from "headwater"\."reward_progress" order by/,
    ];
    expect(
      nameless.filter((statement) => !mayBe.some((known) => known.test(statement.trim()))),
    ).toEqual([]);
  });

  it('join distributed tables by workspace and nothing else', () => {
    for (const statement of statements) {
      const joins = [
        ...statement.matchAll(
          /join "headwater"\."?(\w+)"?(?: as)? "?(\w+)"? on ([\s\S]*?)(?=\b(?:left|join|where|group|order|\)|limit)\b|$)/gi,
        ),
      ];
      for (const [, table, alias, condition] of joins) {
        if (!distributed.includes(table!)) continue;
        expect({
          statement,
          names: new RegExp(`"?${alias}"?\\."?workspace_id`).test(condition!),
        }).toEqual({ statement, names: true });
      }
    }
  });

  it('never change the workspace of a row, nor the visitor that it was stamped with', () => {
    for (const statement of statements) {
      for (const [, assignments] of statement.matchAll(
        /\bset\b([\s\S]*?)(?=\bwhere\b|\bfrom\b|\breturning\b|$)/gi,
      )) {
        expect({
          statement,
          changes: /(?<![\w.])"?(?:workspace_id|visitor_id)"?\s*=/.test(assignments!),
        }).toEqual({ statement, changes: false });
      }
    }
  });

  it('name the workspace of every distributed table that they read beside another one', () => {
    const nameless = [...statements].flatMap((statement) => {
      const uses = usesOf(statement).filter(({ table }) => distributed.includes(table));
      const isNamed = (name: string): boolean =>
        new RegExp(`\\b${name}"?\\."?workspace_id\\b`).test(statement);
      const unnamed = uses.filter(({ table, alias }) => !isNamed(alias ?? table));
      const bare = statement.match(/(?<![.\w"])"?workspace_id"?\s*(?:=|,|\))/g)?.length ?? 0;
      const wrong = bare < unnamed.length;
      return uses.length > 1 && wrong ? [statement] : [];
    });
    expect(nameless).toEqual([]);
  });

  it('have the workspace in the target of every conflict', () => {
    const targets = [...statements].flatMap((statement) =>
      [
        ...statement.matchAll(
          /insert into "headwater"\."?(\w+)"?(?:(?!insert into)[\s\S])*?on conflict \(([^)]*)\)/gi,
        ),
      ].map(([, table, target]) => ({ table: table!, target: target! })),
    );
    expect(targets.length).toBeGreaterThan(20);
    expect(
      targets.filter(
        ({ table, target }) => distributed.includes(table) && !target.includes('workspace_id'),
      ),
    ).toEqual([]);
  });
});
