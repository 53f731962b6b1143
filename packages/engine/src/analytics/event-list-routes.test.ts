import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import { day } from '../kernel/clock.ts';
import { classifySource } from '../sources/classify.ts';

type Listed = Readonly<Record<string, unknown>>;

describe('GET /events', () => {
  let context: TestContext;
  let api: Api;
  let personId: string;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    context.clock.moveBy(noon + day / 2 - context.clock.now());
    const people = await openNewPeople(context);
    api = await openApi(context, people.workspace, ['read']);
    const url = 'https://shop.test/pricing?utm_source=news&utm_campaign=may';
    const arrival = { source: classifySource({ url, ownHosts: new Set(), landing: true }) };
    await people.see('device:ann', 0, { type: 'pageview', more: { url, arrival } });
    ({ personId = '' } = await people.see('device:ann user:ann', 1));
    await people.see('user:ann', 2, {
      type: 'sale',
      more: { amountMinor: '4900', currency: 'USD' },
    });
    await people.see('device:ben', 3, { type: 'custom', more: { name: 'trial, extended' } });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const list = (query: Readonly<Record<string, string>> = {}) =>
    api<Listed[]>('GET', `/events?${new URLSearchParams(query)}`);
  const types = async (query: Readonly<Record<string, string>>) =>
    (await list(query)).body.map((event) => event['event_type']);

  it('lists events of the last 30 days, newest first', async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.map((event) => event['event_type'])).toEqual([
      'custom',
      'sale',
      'identify',
      'pageview',
    ]);
    expect(body[1]).toMatchObject({
      event_type: 'sale',
      amount_cents: 4_900,
      currency: 'USD',
      person_id: personId,
      machine: null,
    });
    expect(body[3]).toMatchObject({ source_platform: 'news', source_campaign: 'may' });
  });

  it('finds them by type, name, page, source and person, with and without', async () => {
    expect(await types({ filter: 'event_type:sale' })).toEqual(['sale']);
    expect(await types({ filter: 'page:/pricing' })).toEqual(['pageview']);
    expect(await types({ filter: 'event_name:trial, extended' })).toEqual(['custom']);
    expect(await types({ visitor_id: personId })).toEqual(['sale', 'identify', 'pageview']);
    expect(await types({ search: 'trial' })).toEqual(['custom']);
    const filters = [
      { dimension: 'event_type', values: ['sale', 'custom', 'pageview'] },
      { dimension: 'event_type', values: ['sale', 'pageview'] },
      { dimension: 'event_type', values: ['pageview'], exclude: true },
    ];
    expect(await types({ filters: JSON.stringify(filters) })).toEqual(['sale']);
  });

  it('goes on page by page', async () => {
    const first = await list({ limit: '3' });
    const cursor = first.headers.get('x-next-cursor');
    expect((await list({ limit: '3', cursor: cursor! })).body).toMatchObject([
      { event_type: 'pageview' },
    ]);
  });

  it.each([
    [{ filter: 'shoe_size:43' }, 'filter'],
    [{ filter: 'event_type:nonsense' }, 'filter'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-11-31' }, 'from'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ days: '0' }, 'days'],
    [{ visitor_id: 'ann' }, 'visitor_id'],
  ])('refuses %o', async (query, field) => {
    const { status, body } = await api<{ errors: Record<string, unknown> }>(
      'GET',
      `/events?${new URLSearchParams(query)}`,
    );
    expect(status).toBe(422);
    expect(Object.keys(body.errors).join()).toContain(field);
  });
});
