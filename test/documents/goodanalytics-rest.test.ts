/** Every request of GoodAnalytics' readme, in its order, under its base path. */
import { orThrow } from 'headwater';
import { createTestHeadwater, type TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const nobody = '00000000-0000-4000-8000-000000000000';

let hw: TestHeadwater;
let TOKEN: string;
let visitorId: string;

beforeAll(async () => {
  hw = await createTestHeadwater({ basePath: '/ga', links: { domains: ['mybrand.link'] } });
  TOKEN = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'The readme' })).key;
  const { visitor } = orThrow(
    await hw.visitors.identify({ externalId: 'cust_123', email: 'alice@example.com' }),
  );
  visitorId = visitor!.id;
}, 30_000);
afterAll(() => hw.close());

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As curl: `curl('-X POST', '/ga/api/events', {…})` with the token of the shell. */
async function curl(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await hw.handler(
    new Request(`https://app.example.com${path}`, {
      method,
      headers: {
        ...(headers ?? { authorization: `Bearer ${TOKEN}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
}

const uuid = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
) as string;

describe('Events', () => {
  it('Record a single event => 201 {"event_id": "uuid"}', async () => {
    const answer = await curl('POST', '/ga/api/events', {
      visitor_id: visitorId,
      event_type: 'sale',
      amount_cents: 4999,
      currency: 'USD',
    });

    expect(answer).toMatchObject({ status: 201, body: { event_id: uuid } });
  });

  it('Idempotent submission (returns 200 if key already used)', async () => {
    const sale = { visitor_id: visitorId, event_type: 'sale', idempotency_key: 'order-123' };

    const first = await curl('POST', '/ga/api/events', sale);
    const again = await curl('POST', '/ga/api/events', sale);

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body['event_id']).toBe(first.body['event_id']);
    expect(await curl('POST', '/ga/api/events', { ...sale, amount_cents: 1 })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
  });

  it('Batch events => 201 {"results": [{"index": 0, "status": "ok", "event_id": "..."}, ...]}', async () => {
    const answer = await curl('POST', '/ga/api/events/batch', {
      events: [
        { visitor_id: visitorId, event_type: 'sale', amount_cents: 100 },
        { person_external_id: 'cust_123', event_type: 'lead' },
      ],
    });

    expect(answer).toMatchObject({
      status: 201,
      body: {
        results: [
          { index: 0, status: 'ok', event_id: uuid },
          { index: 1, status: 'ok', event_id: uuid },
        ],
      },
    });
  });

  it('up to 100, partial success returns 207', async () => {
    const lead = { person_external_id: 'cust_123', event_type: 'lead' };

    const answer = await curl('POST', '/ga/api/events/batch', {
      events: [
        lead,
        { visitor_id: nobody, event_type: 'sale' },
        { ...lead, event_type: 'no_such_type' },
        lead,
      ],
    });
    const tooMany = await curl('POST', '/ga/api/events/batch', {
      events: Array.from({ length: 101 }, () => lead),
    });

    expect(answer).toMatchObject({
      status: 207,
      body: {
        results: [
          { index: 0, status: 'ok' },
          { index: 1, status: 'error', code: 'visitor_not_found' },
          { index: 2, status: 'error', errors: { event_type: expect.any(Array) as unknown } },
          { index: 3, status: 'ok' },
        ],
      },
    });
    expect(tooMany).toMatchObject({
      status: 422,
      body: { errors: { events: ['must have at most 100 events'] } },
    });
  });

  it('If both are provided, visitor_id takes precedence', async () => {
    const other = orThrow(await hw.visitors.identify({ externalId: 'cust_other' })).visitor!;

    const answer = await curl('POST', '/ga/api/events', {
      visitor_id: visitorId,
      person_external_id: 'cust_other',
      event_type: 'custom',
      event_name: 'both',
    });

    expect(answer).toMatchObject({ status: 201, body: { visitor_id: visitorId } });
    expect(
      orThrow(await hw.visitors.timeline(other.id)).events.map(({ name }) => name),
    ).not.toContain('both');
  });

  it('Returns 404 if the visitor is not found: server-side events never create visitors implicitly', async () => {
    const before = orThrow(await hw.visitors.list({ limit: 100 }));

    expect(
      await curl('POST', '/ga/api/events', { visitor_id: nobody, event_type: 'lead' }),
    ).toMatchObject({
      status: 404,
      body: { error: 'Visitor not found', code: 'visitor_not_found' },
    });
    expect(
      (
        await curl('POST', '/ga/api/events', {
          person_external_id: 'cust_unknown',
          event_type: 'lead',
        })
      ).status,
    ).toBe(404);
    expect(orThrow(await hw.visitors.list({ limit: 100 }))).toEqual(before);
  });
});

describe('Links', () => {
  let id: string;

  it('Create a link => 201 {"id": "uuid", "domain": "mybrand.link", ...}', async () => {
    const answer = await curl('POST', '/ga/api/links', {
      domain: 'mybrand.link',
      key: 'promo',
      url: 'https://example.com/sale',
    });

    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: uuid,
        domain: 'mybrand.link',
        key: 'promo',
        url: 'https://example.com/sale',
        link_type: 'short',
      },
    });
    id = String(answer.body['id']);
    expect(
      await curl('POST', '/ga/api/links', {
        domain: 'mybrand.link',
        key: 'promo',
        url: 'https://example.com/',
      }),
    ).toMatchObject({
      status: 409,
    });
  });

  it('List links (paginated)', async () => {
    const answer = await curl('GET', '/ga/api/links?limit=10&offset=0');

    expect(answer.status).toBe(200);
    expect(rowsOf(answer)).toMatchObject([{ id, key: 'promo' }]);
    expect(rowsOf(await curl('GET', '/ga/api/links?limit=10&offset=1'))).toEqual([]);
  });

  it('Get a link', async () => {
    expect(await curl('GET', `/ga/api/links/${id}`)).toMatchObject({
      status: 200,
      body: { id, key: 'promo' },
    });
    expect(await curl('GET', `/ga/api/links/${nobody}`)).toMatchObject({
      status: 404,
      body: { code: 'link_not_found' },
    });
  });

  it('Update a link', async () => {
    expect(await curl('PATCH', `/ga/api/links/${id}`, { url: 'https://new.com' })).toMatchObject({
      status: 200,
      body: { id, url: 'https://new.com' },
    });
  });

  it('Link analytics => {"total_clicks": 42, "unique_clicks": 38, "total_leads": 5, "total_sales": 2, "total_revenue_cents": 9800}', async () => {
    for (let click = 0; click < 3; click += 1) {
      await hw.handler(
        new Request('https://mybrand.link/promo', {
          headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
        }),
      );
    }
    await hw.events.flush();
    const [click] = orThrow(await hw.links.clicks(id)).clicks;
    await curl('POST', '/ga/api/events', { visitor_id: click!.visitorId, event_type: 'lead' });
    await curl('POST', '/ga/api/events', {
      visitor_id: click!.visitorId,
      event_type: 'sale',
      amount_cents: 9800,
      currency: 'USD',
    });

    const answer = await curl('GET', `/ga/api/links/${id}/stats`);

    expect(answer).toMatchObject({
      status: 200,
      body: {
        total_clicks: 3,
        unique_clicks: 3,
        total_leads: 1,
        total_sales: 1,
        total_revenue_cents: 9800,
      },
    });
  });

  it('recent clicks of a link', async () => {
    const answer = await curl('GET', `/ga/api/links/${id}/clicks?limit=20`);

    expect(answer.status).toBe(200);
    expect(rowsOf(answer)).toHaveLength(3);
    expect(rowsOf(answer)[0]).toMatchObject({ id: uuid, visitor_id: uuid });
  });

  it('Archive a link => 204 (soft delete)', async () => {
    expect(await curl('DELETE', `/ga/api/links/${id}`)).toEqual({ status: 204, body: {} });
    expect(rowsOf(await curl('GET', '/ga/api/links?limit=10&offset=0'))).toEqual([]);
    expect((await hw.handler(new Request('https://mybrand.link/promo'))).status).toBe(404);
    expect(
      await curl('POST', '/ga/api/links', {
        domain: 'mybrand.link',
        key: 'promo',
        url: 'https://example.com/again',
      }),
    ).toMatchObject({
      status: 201,
    });
  });
});

describe('Visitors', () => {
  it('List visitors (excludes merged, paginated)', async () => {
    const merged = orThrow(await hw.visitors.resolve({ anonymousId: 'second-device' })).visitor!;
    orThrow(await hw.visitors.identify({ visitorId: merged.id, externalId: 'cust_123' }));

    const answer = await curl('GET', '/ga/api/visitors?limit=20&offset=0');

    expect(answer.status).toBe(200);
    const ids = rowsOf(answer).map((visitor) => visitor['id']);
    expect(ids).toContain(visitorId);
    expect(ids).not.toContain(merged.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(rowsOf(await curl('GET', '/ga/api/visitors?limit=1&offset=1'))).toMatchObject([
      { id: ids[1] },
    ]);
  });

  it('Get by ID or external ID', async () => {
    const byId = await curl('GET', `/ga/api/visitors/${visitorId}`);
    const byExternalId = await curl('GET', '/ga/api/visitors/by-external-id/cust_123');

    expect(byId).toMatchObject({
      status: 200,
      body: {
        id: visitorId,
        status: 'customer',
        person_external_id: 'cust_123',
        person_email: 'alice@example.com',
        ltv_cents: 5099,
      },
    });
    expect(byExternalId).toEqual(byId);
    expect(await curl('GET', '/ga/api/visitors/by-external-id/cust_unknown')).toMatchObject({
      status: 404,
      body: { code: 'visitor_not_found' },
    });
  });

  it('Timeline', async () => {
    const answer = await curl('GET', `/ga/api/visitors/${visitorId}/timeline`);

    expect(answer.status).toBe(200);
    expect(rowsOf(answer).map((event) => event['event_type'])).toEqual(
      expect.arrayContaining(['sale', 'lead', 'custom', 'identify']),
    );
  });

  it('Attribution => {"attribution_path": [...], "first_source": {...}, "last_source": {...}, ...}', async () => {
    await curl('POST', '/ga/api/events', {
      visitor_id: visitorId,
      event_type: 'pageview',
      url: 'https://example.com/?utm_source=newsletter&utm_medium=email',
    });

    const answer = await curl('GET', `/ga/api/visitors/${visitorId}/attribution`);

    expect(answer).toMatchObject({
      status: 200,
      body: {
        attribution_path: [{ source: 'newsletter', medium: 'email' }],
        first_source: { source: 'newsletter' },
        last_source: { source: 'newsletter' },
      },
    });
  });
});

describe('Authentication', () => {
  const asked = (headers: Record<string, string>) =>
    curl('GET', '/ga/api/links', undefined, headers);

  it('Authorization: Bearer token', async () => {
    expect((await asked({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });

  it('X-Api-Key: API key', async () => {
    expect((await asked({ 'x-api-key': TOKEN })).status).toBe(200);
  });

  it('If both headers are present, Bearer takes precedence', async () => {
    expect((await asked({ authorization: 'Bearer wrong', 'x-api-key': TOKEN })).status).toBe(401);
    expect((await asked({ authorization: `Bearer ${TOKEN}`, 'x-api-key': 'wrong' })).status).toBe(
      200,
    );
  });

  it('401: Missing/invalid credentials', async () => {
    expect(await asked({})).toMatchObject({
      status: 401,
      body: { error: 'Missing authentication credentials', code: 'unauthorized' },
    });
    expect(await asked({ authorization: 'Bearer sk_live_abc123' })).toMatchObject({ status: 401 });
    expect(await asked({ authorization: `Token ${TOKEN}` })).toMatchObject({ status: 401 });
  });

  it('503: neither keys nor an authenticate callback are configured', async () => {
    await using empty = await createTestHeadwater({ basePath: '/ga' });

    const answer = await empty.handler(
      new Request('https://app.example.com/ga/api/links', {
        headers: { authorization: `Bearer ${TOKEN}` },
      }),
    );

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'not_configured' });
  });

  it('The callback receives (token, type) and answers the workspace, unauthorized or forbidden', async () => {
    const calls: Array<[string, string]> = [];
    await using mounted = await createTestHeadwater({
      basePath: '/ga',
      links: { domains: ['mybrand.link'] },
      authenticate: (token, type) => {
        calls.push([token, type]);
        if (token === 'sk_live_abc123') return { ok: true, workspaceId };
        return { ok: false, reason: token === 'suspended' ? 'forbidden' : 'unauthorized' };
      },
    });
    const workspaceId = (await mounted.workspaces.first()).id;
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await mounted.handler(new Request('https://app.example.com/ga/api/links', { headers })))
        .status;

    expect(await status({ authorization: 'Bearer sk_live_abc123' })).toBe(200);
    expect(await status({ 'x-api-key': 'gak_abc123' })).toBe(401);
    expect(await status({ authorization: 'Bearer suspended' })).toBe(403);
    expect(calls).toEqual([
      ['sk_live_abc123', 'bearer'],
      ['gak_abc123', 'api_key'],
      ['suspended', 'bearer'],
    ]);
  });
});

function rowsOf(answer: Answer): ReadonlyArray<Readonly<Record<string, unknown>>> {
  return answer.body as unknown as ReadonlyArray<Readonly<Record<string, unknown>>>;
}
