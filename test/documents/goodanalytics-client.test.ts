/**
 * A client as somebody writes it who has GoodAnalytics' readme and nothing else: its operations, its fields, its base path.
 * Only the host is another one.
 */
import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createServer } from '../../packages/server/src/server.ts';

class GoodAnalyticsClient {
  private readonly host: string;
  private readonly headers: Record<string, string>;

  constructor(host: string, headers: Record<string, string>) {
    this.host = host;
    this.headers = headers;
  }

  recordEvent(event: object) {
    return this.send<{ event_id: string }>('POST', '/ga/api/events', event);
  }
  recordEvents(events: object[]) {
    return this.send<{
      results: { index: number; status: 'ok' | 'error'; event_id?: string; error?: string }[];
    }>('POST', '/ga/api/events/batch', { events });
  }
  createLink(link: { domain: string; key: string; url: string } & Record<string, unknown>) {
    return this.send<{ id: string; domain: string; key: string }>('POST', '/ga/api/links', link);
  }
  listLinks({ limit = 10, offset = 0 } = {}) {
    return this.send<{ id: string }[]>('GET', `/ga/api/links?limit=${limit}&offset=${offset}`);
  }
  getLink(id: string) {
    return this.send<Record<string, unknown>>('GET', `/ga/api/links/${id}`);
  }
  updateLink(id: string, changes: object) {
    return this.send<Record<string, unknown>>('PATCH', `/ga/api/links/${id}`, changes);
  }
  archiveLink(id: string) {
    return this.send<undefined>('DELETE', `/ga/api/links/${id}`);
  }
  linkStats(id: string) {
    return this.send<Record<string, number>>('GET', `/ga/api/links/${id}/stats`);
  }
  linkClicks(id: string, limit = 20) {
    return this.send<object[]>('GET', `/ga/api/links/${id}/clicks?limit=${limit}`);
  }
  listVisitors({ limit = 20, offset = 0 } = {}) {
    return this.send<{ id: string }[]>('GET', `/ga/api/visitors?limit=${limit}&offset=${offset}`);
  }
  getVisitor(id: string) {
    return this.send<Record<string, unknown>>('GET', `/ga/api/visitors/${id}`);
  }
  getVisitorByExternalId(id: string) {
    return this.send<{ id: string }>('GET', `/ga/api/visitors/by-external-id/${id}`);
  }
  timeline(id: string) {
    return this.send<{ event_type: string }[]>('GET', `/ga/api/visitors/${id}/timeline`);
  }
  attribution(id: string) {
    return this.send<{ attribution_path: object[]; first_source: object; last_source: object }>(
      'GET',
      `/ga/api/visitors/${id}/attribution`,
    );
  }

  private async send<T>(
    method: string,
    path: string,
    body?: unknown,
    parse = (text: string): T => JSON.parse(text) as T,
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(this.host + path, {
      method,
      headers: { ...this.headers, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text === '' ? 'null' : text) };
  }
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const hw = await createTestHeadwater({
  basePath: '/ga',
  links: { domains: ['mybrand.link'] },
  ownHosts: ['app.example.com'],
});
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const server = createServer(hw, { basePath: '/ga', logger: quiet });
let host: string;
let client: GoodAnalyticsClient;

beforeAll(async () => {
  host = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Their client' }));
  client = new GoodAnalyticsClient(host, { Authorization: `Bearer ${key}` });
});
afterAll(async () => {
  await server.stop(0);
  await hw.close();
});

describe('a client of GoodAnalytics', () => {
  it('goes from a link by a click and a landing to leads and sales, and reads all of it', async () => {
    const { status, body: link } = await client.createLink({
      domain: 'mybrand.link',
      key: 'promo',
      url: 'https://example.com/sale',
      link_type: 'campaign',
      utm_source: 'twitter',
      utm_campaign: 'launch-2026',
      tags: ['launch'],
      external_id: 'campaign_123',
      metadata: { owner: 'growth' },
    });
    expect([status, link.domain]).toEqual([201, 'mybrand.link']);

    const click = await hw.handler(
      new Request('https://mybrand.link/promo', { headers: { 'user-agent': browser } }),
    );
    const landing = new URL(click.headers.get('location')!);
    expect([click.status, landing.origin]).toEqual([302, 'https://example.com']);
    const beacon = (body: object) =>
      hw.handler(
        new Request('https://app.example.com/ga/t/event', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'User-Agent': browser },
          body: JSON.stringify({ anonymous_id: 'browser-1', ...body }),
        }),
      );
    const viewed = await beacon({ event_type: 'pageview', url: landing.href });
    expect(await viewed.json()).toMatchObject({ status: 'ok' });
    orThrow(await hw.visitors.identify({ anonymousId: 'browser-1', externalId: 'cust_123' }));

    const { body: visitor } = await client.getVisitorByExternalId('cust_123');
    const sale = {
      visitor_id: visitor.id,
      event_type: 'sale',
      amount_cents: 4999,
      currency: 'USD',
    };
    expect(await client.recordEvent(sale)).toMatchObject({ status: 201 });
    const order = { ...sale, idempotency_key: 'order-123' };
    expect([await client.recordEvent(order), await client.recordEvent(order)]).toMatchObject([
      { status: 201 },
      { status: 200 },
    ]);
    expect(
      await client.recordEvents([
        { person_external_id: 'cust_123', event_type: 'lead' },
        { person_external_id: 'nobody', event_type: 'lead' },
      ]),
    ).toMatchObject({ status: 207, body: { results: [{ status: 'ok' }, { status: 'error' }] } });

    expect((await client.linkStats(link.id)).body).toMatchObject({
      total_clicks: 1,
      unique_clicks: 1,
      total_leads: 1,
      total_sales: 2,
      total_revenue_cents: 9998,
    });
    expect((await client.linkClicks(link.id)).body).toHaveLength(1);
    expect((await client.listVisitors()).body.map(({ id }) => id)).toContain(visitor.id);
    expect((await client.getVisitor(visitor.id)).body).toMatchObject({
      id: visitor.id,
      person_external_id: 'cust_123',
      status: 'customer',
    });
    expect((await client.timeline(visitor.id)).body.map((event) => event.event_type)).toEqual(
      expect.arrayContaining(['link_click', 'pageview', 'sale', 'lead']),
    );
    const { body: attribution } = await client.attribution(visitor.id);
    expect(attribution.attribution_path).not.toHaveLength(0);
    expect(attribution).toMatchObject({
      first_source: { campaign: 'launch-2026' },
      last_source: { campaign: 'launch-2026' },
    });
  });

  it('changes, lists and archives links, and reads the errors that the readme names', async () => {
    const { body: link } = await client.createLink({
      domain: 'mybrand.link',
      key: 'other',
      url: 'https://example.com/',
    });
    expect((await client.updateLink(link.id, { url: 'https://new.com' })).body).toMatchObject({
      url: expect.stringContaining('https://new.com'),
    });
    expect((await client.getLink(link.id)).body).toMatchObject({ key: 'other' });
    expect((await client.listLinks({ limit: 1 })).body).toHaveLength(1);
    expect((await client.archiveLink(link.id)).status).toBe(204);
    expect(
      (await client.createLink({ domain: 'mybrand.link', key: 'other', url: 'https://a.com' }))
        .status,
    ).toBe(201);

    const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'By header' }));
    const byHeader = new GoodAnalyticsClient(host, { 'X-Api-Key': key });
    expect((await byHeader.listLinks()).status).toBe(200);
    expect((await client.getVisitorByExternalId('nobody')).status).toBe(404);
    const lead = { visitor_id: link.id, event_type: 'lead' };
    expect((await client.recordEvent(lead)).status).toBe(404);
    const stranger = new GoodAnalyticsClient(host, { Authorization: 'Bearer wrong' });
    expect((await stranger.listLinks()).status).toBe(401);
  });
});
