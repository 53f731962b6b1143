import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface LinkBody {
  readonly id: string;
  readonly key: string;
}

describe('the links of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const everything = {
    domain: 'mybrand.link',
    key: 'gw-launch',
    url: 'https://example.com/pricing',
    link_type: 'campaign',
    utm_source: 'twitter',
    utm_medium: 'social',
    utm_campaign: 'launch-2026',
    utm_content: 'hero-link',
    utm_term: 'analytics',
    expires_at: '2026-12-31T23:59:59Z',
    tags: ['launch', 'social'],
    external_id: 'campaign_123',
    metadata: { owner: 'growth' },
    geo_targeting: { DE: 'https://example.de/pricing' },
    og_title: 'Launch',
  };

  it('creates a link with every field and says whether its domain is verified', async () => {
    const { status, body } = await api('POST', '/links', everything);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...everything,
      id: expect.any(String),
      expires_at: '2026-12-31T23:59:59.000Z',
      short_url: 'https://mybrand.link/gw-launch',
      domain_verified: false,
      partner_id: null,
      ios_url: null,
      archived_at: null,
      total_clicks: 0,
      unique_clicks: 0,
      total_leads: 0,
      total_sales: 0,
      total_revenue_cents: 0,
      revenue: [],
      inserted_at: '2026-11-21T09:00:00.000Z',
    });
    const served = await api('POST', '/links', { domain: 'go.test', url: 'https://example.com/' });
    expect(served.body).toMatchObject({
      domain_verified: true,
      key: expect.stringMatching(/^\w{7}$/),
    });
  });

  it('refuses a key and an external id that are taken with 409', async () => {
    const sameKey = { ...everything, external_id: null };
    expect(await api('POST', '/links', sameKey)).toMatchObject({
      status: 409,
      body: { code: 'link_key_taken' },
    });
    expect(await api('POST', '/links', { ...everything, key: 'other' })).toMatchObject({
      status: 409,
      body: { code: 'external_id_taken', errors: { external_id: [expect.any(String)] } },
    });
  });

  it.each(['PATCH', 'PUT'])('changes by %s what is named, and null clears', async (method) => {
    const { body: link } = await api<LinkBody>('POST', '/links', {
      url: 'https://example.com/',
      utm_source: 'x',
      tags: ['a'],
    });
    const changed = await api(method, `/links/${link.id}`, {
      url: 'https://new.com',
      utm_source: null,
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { url: 'https://new.com', utm_source: null, tags: ['a'], key: link.key },
    });
    expect(await api('GET', `/links/${link.id}`)).toMatchObject({
      status: 200,
      body: changed.body,
    });
    const path = `/links/${link.id}`;
    expect(await api(method, path, { domain: 'go.test', key: link.key })).toMatchObject({
      status: 200,
    });
    expect(await api(method, path, { key: 'new' })).toMatchObject({
      status: 422,
      body: { errors: { key: ['cannot be changed'] } },
    });
  });

  it('archives with 204, keeps the link readable and frees its key', async () => {
    const body = { domain: 'go.test', key: 'again', url: 'https://example.com/' };
    const { body: link } = await api<LinkBody>('POST', '/links', body);
    expect(await api('DELETE', `/links/${link.id}`)).toMatchObject({
      status: 204,
      body: undefined,
    });
    expect(await api('GET', `/links/${link.id}`)).toMatchObject({
      status: 200,
      body: { archived_at: expect.any(String) },
    });
    expect(await api('PATCH', `/links/${link.id}`, { url: 'https://new.com' })).toMatchObject({
      status: 409,
      body: { code: 'link_archived' },
    });
    const { body: links } = await api<LinkBody[]>('GET', '/links?limit=200');
    expect(links.map(({ id }) => id)).not.toContain(link.id);
    expect(await api('POST', '/links', body)).toMatchObject({ status: 201 });
  });

  it('lists in pages, by offset and by cursor', async () => {
    const { body: all } = await api<LinkBody[]>('GET', '/links?limit=200');
    const byOffset = await api<LinkBody[]>('GET', '/links?limit=2&offset=2');
    expect(byOffset.body).toEqual(all.slice(2, 4));
    const seen: LinkBody[] = [];
    let path = '/links?limit=2';
    for (;;) {
      const { body, headers } = await api<LinkBody[]>('GET', path);
      seen.push(...body);
      const cursor = headers.get('x-next-cursor');
      const next = /^<\/hw\/api(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      if (cursor === null) break;
      expect(next).toBe(`/links?limit=2&cursor=${cursor}`);
      path = next!;
    }
    expect(seen).toEqual(all);
    expect(all.length).toBeGreaterThan(4);
    expect((await api<LinkBody[]>('GET', '/links?tag=launch')).body).toHaveLength(1);
    expect(
      (await api<LinkBody[]>('GET', '/links?link_type=campaign&archived=with')).body,
    ).toHaveLength(1);
  });

  it('shows counters and clicks', async () => {
    const { body: link } = await api<LinkBody>('POST', '/links', { url: 'https://example.com/' });
    expect(await api('GET', `/links/${link.id}/stats`)).toMatchObject({
      status: 200,
      body: {
        total_clicks: 0,
        unique_clicks: 0,
        total_leads: 0,
        total_sales: 0,
        total_revenue_cents: 0,
        revenue: [],
        machine_clicks: 0,
      },
    });
    expect(await api('GET', `/links/${link.id}/clicks?limit=20&machines=true`)).toMatchObject({
      status: 200,
      body: [],
    });
  });

  it('answers 404 for a link that is not there', async () => {
    const path = '/links/00000000-0000-0000-0000-000000000000';
    for (const [method, at, body] of [
      ['GET', path],
      ['PATCH', path, { url: 'https://new.com' }],
      ['DELETE', path],
      ['GET', `${path}/stats`],
      ['GET', `${path}/clicks`],
    ] as Array<[string, string, unknown?]>) {
      expect(await api(method, at, body)).toMatchObject({
        status: 404,
        body: { code: 'link_not_found' },
      });
    }
  });
});
