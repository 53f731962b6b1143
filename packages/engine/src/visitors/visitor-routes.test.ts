import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { minute } from '../kernel/clock.ts';

interface Identified {
  readonly visitor: { readonly id: string; readonly [field: string]: unknown };
  readonly identity: { readonly outcome: string };
}

describe('the visitors of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    api = await openApi(context, await context.workspaces.first(), ['read', 'write']);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const resolve = (body: object) => api<Identified>('POST', '/visitors/resolve', body);
  const identify = (body: object) => api<Identified>('POST', '/visitors/identify', body);

  it('resolves signals to a visitor, and the same signals to the same one', async () => {
    const first = await resolve({ anonymous_id: 'device-a' });
    expect(first).toMatchObject({
      status: 200,
      body: { identity: { outcome: 'created' }, visitor: { status: 'anonymous' } },
    });
    const again = await resolve({ anonymous_id: 'device-a' });
    expect(again.body).toMatchObject({
      identity: { outcome: 'known' },
      visitor: { id: first.body.visitor.id },
    });
  });

  it('finds a person by a whole identifier or an id, whichever of their visitors it is of', async () => {
    const { body } = await identify({
      person_external_id: 'cust_found',
      person_email: 'Found@Example.com',
      person_phone: '+49 30 1234567',
    });
    const { id } = body.visitor;
    const find = async (search: string) => {
      const { body: people } = await api<Array<{ id: string }>>(
        'GET',
        `/visitors?search=${encodeURIComponent(search)}`,
      );
      return people.map((person) => person.id);
    };
    for (const search of ['cust_found', ' found@example.com', '0049301234567', id])
      expect(await find(search)).toEqual([id]);
    expect(await find('found@example')).toEqual([]);
    expect(await find('01900000-0000-7000-8000-00000000dead')).toEqual([]);
  });

  it('narrows people by how far they have come, when they were seen and which way they came', async () => {
    const { id } = (await identify({ person_external_id: 'narrow_1' })).body.visitor;
    for (const event of [
      { event_type: 'pageview', url: 'https://shop.test/?utm_source=news&utm_medium=email' },
      { event_type: 'lead' },
    ])
      expect(await api('POST', '/events', { visitor_id: id, ...event })).toMatchObject({
        status: 201,
      });
    // Another device of the same person, which has come no further than a look.
    await identify({ anonymous_id: 'narrow-b', person_external_id: 'narrow_1' });
    const isFound = async (question: string) => {
      const { status, body } = await api<Array<{ id: string }>>(
        'GET',
        `/visitors?search=narrow_1&${question}`,
      );
      expect(status).toBe(200);
      return body.some((person) => person.id === id);
    };
    expect(await isFound('status=lead')).toBe(true);
    expect(await isFound('status=identified')).toBe(false);
    expect(await isFound('status=customer')).toBe(false);
    expect(await isFound('channel=Email')).toBe(true);
    expect(await isFound('channel=Referral')).toBe(false);
    expect(await isFound('country=DE')).toBe(false);
    expect(await isFound('seen_since=2020-01-01T00:00:00Z')).toBe(true);
    expect(await isFound('seen_since=2099-01-01T00:00:00Z')).toBe(false);
    expect(await api('GET', '/visitors?country=Germany')).toMatchObject({
      status: 422,
      body: { errors: { country: ['must be two capital letters'] } },
    });
  });

  it('identifies a visitor and shows who it is', async () => {
    const { body } = await resolve({ anonymous_id: 'device-b' });
    const identified = await identify({
      visitor_id: body.visitor.id,
      person_external_id: 'cust_b',
      person_email: 'b@example.com',
      person_name: 'Bob',
      person_metadata: { plan: 'pro' },
    });
    expect(identified).toMatchObject({
      status: 200,
      body: {
        event_id: expect.any(String),
        visitor: { id: body.visitor.id, status: 'identified' },
      },
    });
    const shown = await api('GET', '/visitors/by-external-id/cust_b');
    expect(shown).toMatchObject({
      status: 200,
      body: {
        id: body.visitor.id,
        workspace_id: (await context.workspaces.first()).id,
        person_external_id: 'cust_b',
        person_email: 'b@example.com',
        person_phone: null,
        person_name: 'Bob',
        person_metadata: { plan: 'pro' },
        geo: {},
        device: {},
        first_source: null,
        ltv_cents: 0,
        revenue: [],
        total_events: expect.any(Number),
        first_seen_at: expect.any(String),
      },
    });
    expect(await api('GET', `/visitors/${body.visitor.id}`)).toMatchObject({ body: shown.body });
  });

  it('says that two people with different external ids are not joined', async () => {
    const one = await identify({ anonymous_id: 'device-c', person_external_id: 'cust_c' });
    const other = await identify({ anonymous_id: 'device-d', person_external_id: 'cust_d' });
    const merged = await api('POST', `/visitors/${one.body.visitor.id}/merge`, {
      other_visitor_id: other.body.visitor.id,
    });
    expect(merged).toMatchObject({
      status: 409,
      body: { code: 'merge_refused', error: expect.stringContaining('different_external_id') },
    });
    const { body: evidence } = await api<{ refusals: unknown[] }>(
      'GET',
      `/visitors/${one.body.visitor.id}/evidence`,
    );
    expect(evidence.refusals).toMatchObject([{ reason: 'different_external_id' }]);
  });

  it('joins two people, shows the evidence, and undoes it', async () => {
    const one = (await resolve({ anonymous_id: 'device-e' })).body.visitor.id;
    const other = (await resolve({ anonymous_id: 'device-f' })).body.visitor.id;
    const merged = await api<Identified>('POST', `/visitors/${one}/merge`, {
      other_visitor_id: other,
    });
    expect(merged).toMatchObject({ status: 200, body: { identity: { outcome: 'merged' } } });
    const winner = merged.body.visitor.id;
    for (const id of [one, other])
      expect(await api('GET', `/visitors/${id}`)).toMatchObject({ body: { id: winner } });
    const { body: evidence } = await api<{ merges: Array<{ id: string }>; identifiers: unknown[] }>(
      'GET',
      `/visitors/${one}/evidence`,
    );
    expect(evidence.identifiers).toHaveLength(2);
    const undone = await api('POST', `/visitors/merges/${evidence.merges[0]!.id}/undo`);
    expect(undone).toMatchObject({
      status: 200,
      body: { winner: { id: winner }, loser: { id: winner === one ? other : one } },
    });
    expect(await api('GET', `/visitors/${other}`)).toMatchObject({ body: { id: other } });
    expect(await api('POST', `/visitors/merges/${one}/undo`)).toMatchObject({
      status: 404,
      body: { code: 'merge_not_found' },
    });
  });

  it('lists people and pages through a timeline', async () => {
    const id = (await identify({ person_external_id: 'cust_t' })).body.visitor.id;
    for (let index = 0; index < 4; index += 1) {
      context.clock.moveBy(minute);
      await api('POST', '/events', {
        visitor_id: id,
        event_type: 'custom',
        event_name: `step ${index}`,
      });
    }
    const { body: events } = await api<Array<{ id: string; event_name: string | null }>>(
      'GET',
      `/visitors/${id}/timeline`,
    );
    expect(events.map((event) => event.event_name)).toEqual([
      'step 3',
      'step 2',
      'step 1',
      'step 0',
      null,
    ]);
    const first = await api<Array<{ id: string }>>('GET', `/visitors/${id}/timeline?limit=3`);
    const second = await api<Array<{ id: string }>>(
      'GET',
      `/visitors/${id}/timeline?limit=3&cursor=${first.headers.get('x-next-cursor')}`,
    );
    expect([...first.body, ...second.body].map((event) => event.id)).toEqual(
      events.map((event) => event.id),
    );
    expect(second.headers.get('x-next-cursor')).toBeNull();

    const { body: people } = await api<Array<{ id: string }>>('GET', '/visitors?limit=200');
    expect(people[0]).toMatchObject({ id });
    const page = await api<Array<{ id: string }>>('GET', '/visitors?limit=1&offset=1');
    expect(page.body).toEqual(people.slice(1, 2));
    expect(page.headers.get('x-next-cursor')).toBe(people[1]!.id);
  });

  it('shows the way that a person came', async () => {
    const id = (await identify({ person_external_id: 'cust_w' })).body.visitor.id;
    await api('POST', '/events', {
      visitor_id: id,
      event_type: 'pageview',
      url: 'https://shop.test/?utm_source=newsletter&utm_medium=email&utm_campaign=launch',
    });
    expect(await api('GET', `/visitors/${id}/attribution`)).toMatchObject({
      status: 200,
      body: {
        attribution_path: [
          {
            source: 'newsletter',
            medium: 'email',
            campaign: 'launch',
            occurred_at: expect.any(String),
            visitor_id: id,
          },
        ],
        first_source: { source: 'newsletter' },
        last_source: { source: 'newsletter' },
        first_seen_at: expect.any(String),
      },
    });
  });

  it('refuses to resolve or identify nobody', async () => {
    for (const path of ['/visitors/resolve', '/visitors/identify']) {
      expect(await api('POST', path, {})).toMatchObject({
        status: 422,
        body: { code: 'validation_failed', errors: expect.any(Object) },
      });
    }
  });

  it('answers 404 for a visitor that is not there', async () => {
    const path = '/visitors/00000000-0000-0000-0000-000000000000';
    for (const at of [
      path,
      `${path}/timeline`,
      `${path}/attribution`,
      `${path}/evidence`,
      '/visitors/by-external-id/nobody',
    ]) {
      expect(await api('GET', at)).toMatchObject({
        status: 404,
        body: { code: 'visitor_not_found' },
      });
    }
  });
});
