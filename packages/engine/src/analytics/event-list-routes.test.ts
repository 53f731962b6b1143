import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface Listed {
  readonly id: string;
  readonly event_type: string;
}

describe('the list of events of the REST API', () => {
  let context: TestContext;
  let api: Api;
  let visitorId: string;

  beforeAll(async () => {
    context = await openTestContext('pglite');
    api = await openApi(context, await context.workspaces.first(), ['read', 'write']);
    const resolved = await api<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
      anonymous_id: 'a-device',
    });
    visitorId = resolved.body.visitor.id;
    await api('POST', '/events', {
      visitor_id: visitorId,
      event_type: 'pageview',
      url: 'https://shop.example/pricing?a=1',
    });
    await api('POST', '/events', {
      visitor_id: visitorId,
      event_type: 'sale',
      amount_cents: 4_900,
      currency: 'EUR',
      properties: { plan: 'pro' },
    });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('is newest first, with who it was and what it was worth', async () => {
    const { status, body } = await api<Listed[]>('GET', '/events');
    expect(status).toBe(200);
    expect(body[0]).toMatchObject({
      event_type: 'sale',
      amount_cents: 4_900,
      currency: 'EUR',
      properties: { plan: 'pro' },
      visitor_id: visitorId,
      person_id: visitorId,
      machine: null,
    });
    expect(body[1]).toMatchObject({ event_type: 'pageview' });
  });

  it('is narrowed by type, path, person and a part of the address', async () => {
    const found = async (query: string) =>
      (await api<Listed[]>('GET', `/events?${query}`)).body.map((event) => event.event_type);
    expect(await found('event_type=sale')).toEqual(['sale']);
    expect(await found('url=/pricing')).toEqual(['pageview']);
    expect(await found('search=PRICING')).toEqual(['pageview']);
    expect(await found(`visitor_id=${visitorId}&event_type=lead`)).toEqual([]);
  });

  it('names the field that cannot be asked', async () => {
    expect(await api('GET', '/events?event_type=nonsense')).toMatchObject({
      status: 422,
      body: { errors: { event_type: [expect.any(String)] } },
    });
  });
});
