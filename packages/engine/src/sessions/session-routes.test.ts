import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';
import { classifySource } from '../sources/classify.ts';

interface WireSession {
  readonly id: string;
  readonly started_at: string;
  readonly [field: string]: unknown;
}

describe('the sessions of the REST API', () => {
  let context: TestContext;
  let api: Api;
  let people: People;
  let visitorId: string;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    const workspace = await context.workspaces.first();
    api = await openApi(context, workspace, ['read', 'write']);
    people = await openPeople(context, workspace);
    const url = 'https://shop.test/?utm_source=google&utm_medium=cpc';
    const arrival = { source: classifySource({ url, ownHosts: new Set(), landing: true }) };
    ({ visitorId = '' } = await people.see('device:1', 0, {
      type: 'pageview',
      more: { url, arrival, device: { deviceType: 'mobile', browser: 'Safari', system: 'iOS' } },
    }));
    await people.see('device:1', 1, {
      type: 'engagement',
      more: { properties: { engaged_ms: 12_345 } },
    });
    await people.see('device:1 user:ann', 2, { type: 'sale' });
    await people.see('device:2 user:ann', 5, { type: 'pageview' });
    for (const at of [100, 200, 300]) await people.see('device:1', at, { type: 'pageview' });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const list = (query = '') => api<WireSession[]>('GET', `/visitors/${visitorId}/sessions${query}`);

  it('list the visits of a person on all devices, newest first', async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.map((session) => session.started_at.slice(11, 16))).toEqual([
      '17:00',
      '15:20',
      '13:40',
      '12:05',
      '12:00',
    ]);
    expect(body.at(-1)).toMatchObject({
      visitor_id: visitorId,
      duration_seconds: 120,
      events: 3,
      pageviews: 1,
      engaged_seconds: 12,
      conversions: 1,
      is_bounce: false,
      is_engaged: true,
      entry_url: 'https://shop.test/?utm_source=google&utm_medium=cpc',
      source: { source: 'google', medium: 'cpc', channel: 'Paid Search' },
      device: { device_type: 'mobile', browser: 'Safari', os: 'iOS' },
    });
    expect(body[0]).toMatchObject({ is_bounce: true, is_engaged: false, source: null });
  });

  it('go on from page to page, by cursor and by offset', async () => {
    const all = (await list()).body.map(({ id }) => id);
    const first = await list('?limit=2');
    const cursor = first.headers.get('x-next-cursor');
    const second = await list(`?limit=2&cursor=${cursor}`);
    const third = await list('?limit=2&offset=4');
    expect([...first.body, ...second.body, ...third.body].map(({ id }) => id)).toEqual(all);
    expect(third.headers.get('x-next-cursor')).toBeNull();
  });

  it('show one visit with its events, newest first, page by page', async () => {
    const id = (await list()).body.at(-1)!.id;
    const types = (session: WireSession): string[] =>
      (session['timeline'] as Array<{ event_type: string }>).map((event) => event.event_type);
    const whole = await api<WireSession>('GET', `/sessions/${id}`);
    expect(whole).toMatchObject({ status: 200, body: { id, events: 3 } });
    expect(types(whole.body)).toEqual(['sale', 'engagement', 'pageview']);
    const page = await api<WireSession>('GET', `/sessions/${id}?limit=2`);
    expect(types(page.body)).toEqual(['sale', 'engagement']);
    const rest = await api<WireSession>(
      'GET',
      `/sessions/${id}?cursor=${page.headers.get('x-next-cursor')}`,
    );
    expect(types(rest.body)).toEqual(['pageview']);
  });

  it.each([
    ['/visitors/0198a2d4-0000-7000-8000-000000000001/sessions', 404, 'visitor_not_found'],
    ['/sessions/0198a2d4-0000-7000-8000-000000000001', 404, 'session_not_found'],
  ])('refuse %s with %i', async (path, status, code) => {
    expect(await api('GET', path)).toMatchObject({ status, body: { code } });
  });

  it('refuse a cursor of another list', async () => {
    expect(await list('?cursor=nonsense')).toMatchObject({
      status: 422,
      body: { code: 'invalid_query' },
    });
  });

  it('are seen by the library as by the API, and by no other workspace', async () => {
    const { sessions } = orThrow(await people.hw.sessions.list(visitorId));
    expect(sessions.map(({ id }) => id)).toEqual((await list()).body.map(({ id }) => id));
    const other = orThrow(await people.hw.workspaces.create({ name: 'Other' }));
    const elsewhere = { workspaceId: other.id };
    expect(await people.hw.sessions.list(visitorId, {}, elsewhere)).toMatchObject({ ok: false });
    expect(await people.hw.sessions.get(sessions[0]!.id, {}, elsewhere)).toMatchObject({
      ok: false,
      code: 'session_not_found',
    });
  });
});
