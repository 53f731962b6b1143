import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { callApp } from '../../../../test/support/text-api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';

const page = { kind: 'url', value: '/pricing' };
const sale = { kind: 'event', type: 'sale' };
const steps = [{ label: 'Looks at prices', filters: [page] }, { filters: [sale] }];
const period = 'from=2026-11-20T12:00:00Z&to=2026-11-20T13:00:00Z';
const inBody = { from: '2026-11-20T12:00:00Z', to: '2026-11-20T13:00:00Z' };

interface Problem {
  readonly code: string;
  readonly errors: Readonly<Record<string, readonly string[]>>;
}

describe.each(testDatabaseSizes)('the REST API of funnels on %s', (size) => {
  let context: TestContext;
  let people: People;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    api = await openApi(context, people.workspace);
  });

  const create = async (name: string, more: object = {}) =>
    (await api<{ id: string }>('POST', '/funnels', { name, steps, ...more })).body.id;

  it('stores, shows, changes and archives a funnel', async () => {
    const { status, body } = await api('POST', '/funnels', {
      name: ' Sales ',
      description: 'How people come to buy',
      steps,
      filters: [{ dimension: 'country', values: ['DE', null] }],
    });
    expect([status, body]).toMatchObject([
      201,
      {
        name: 'Sales',
        description: 'How people come to buy',
        conversion_window_days: 7,
        scope: 'person',
        archived_at: null,
        steps: [
          {
            label: 'Looks at prices',
            combine: 'all',
            filters: [{ kind: 'url', scope: 'path', match: 'equals', value: '/pricing' }],
          },
          { combine: 'all', filters: [sale] },
        ],
        filters: [{ dimension: 'country', values: ['DE', null], exclude: false }],
      },
    ]);
    const id = String(body['id']);
    expect(await api('GET', `/funnels/${id}`)).toMatchObject({ status: 200, body });
    const changed = await api('PATCH', `/funnels/${id}`, {
      description: null,
      conversion_window_days: 90,
      scope: 'session',
      filters: [],
    });
    expect(changed.body).toMatchObject({
      name: 'Sales',
      description: null,
      conversion_window_days: 90,
      scope: 'session',
      filters: [],
      steps: body['steps'],
    });
    expect((await api('DELETE', `/funnels/${id}`)).status).toBe(204);
    expect((await api('DELETE', `/funnels/${id}`)).status).toBe(204);
    expect(await api('PATCH', `/funnels/${id}`, { name: 'Other' })).toMatchObject({
      status: 409,
      body: { code: 'funnel_archived' },
    });
    expect((await api('GET', `/funnels/${id}/report?${period}`)).status).toBe(200);
  });

  it('keeps names unique among the live funnels of a workspace', async () => {
    const first = await create('Sales');
    const taken = { status: 409, body: { code: 'funnel_name_taken' } };
    expect(await api('POST', '/funnels', { name: 'Sales', steps })).toMatchObject(taken);
    const other = await create('Leads');
    expect(await api('PATCH', `/funnels/${other}`, { name: 'Sales' })).toMatchObject(taken);
    await api('DELETE', `/funnels/${first}`);
    expect((await api('PATCH', `/funnels/${other}`, { name: 'Sales' })).status).toBe(200);
    const elsewhere = await openApi(context, (await openNewPeople(context)).workspace);
    expect((await elsewhere('POST', '/funnels', { name: 'Sales', steps })).status).toBe(201);
  });

  it('stores one funnel for one idempotency key', async () => {
    const call = { headers: { 'idempotency-key': 'funnel-1' } };
    const once = await api('POST', '/funnels', { name: 'Sales', steps }, call);
    const again = await api('POST', '/funnels', { name: 'Sales', steps }, call);
    expect(again).toMatchObject({ status: 201, body: once.body });
  });

  it('lists funnels newest first, page by page, the archived ones when asked', async () => {
    const ids = [await create('One'), await create('Two'), await create('Three')];
    await api('DELETE', `/funnels/${ids[1]}`);
    const list = async (query: string) => {
      const answer = await api<Array<{ name: string }>>('GET', `/funnels${query}`);
      return [answer.body.map(({ name }) => name), answer.headers.get('x-next-cursor')] as const;
    };
    expect(await list('')).toEqual([['Three', 'One'], null]);
    expect(await list('?archived=with')).toEqual([['Three', 'Two', 'One'], null]);
    expect(await list('?archived=only')).toEqual([['Two'], null]);
    const [names, cursor] = await list('?limit=1');
    expect(names).toEqual(['Three']);
    expect((await list(`?limit=1&cursor=${cursor}`))[0]).toEqual(['One']);
  });

  it('answers 404 for funnels that are not there', async () => {
    const missing = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'x' }],
      ['DELETE', ''],
      ['GET', `/report?${period}`],
      ['GET', `/people?${period}`],
    ] as Array<[string, string, unknown?]>)
      expect(await api(method, `/funnels/${missing}${path}`, body)).toMatchObject({
        status: 404,
        body: { code: 'funnel_not_found' },
      });
  });

  it('reports a stored funnel and one that is not stored alike, and lists the people', async () => {
    await people.see('device:a', 1, {
      type: 'pageview',
      more: { url: 'https://acme.com/pricing?utm=x' },
    });
    await people.see('device:a', 3, { type: 'sale' });
    await people.see('device:b', 2, {
      type: 'pageview',
      more: { url: 'https://acme.com/pricing' },
    });
    const id = await create('Sales');
    const stored = await api('GET', `/funnels/${id}/report/export?${period}&dimension=country`);
    expect(stored).toMatchObject({
      status: 200,
      body: {
        from: '2026-11-20T12:00:00.000Z',
        complete: false,
        entered: 2,
        converted: 1,
        conversion_rate: 0.5,
        seconds_to_convert: { median: 120, p90: 120 },
        steps: [
          { label: 'Looks at prices', people: 2, dropped_off: 1, seconds_from_previous: null },
          { label: 'sale', people: 1, rate_of_previous: 0.5, dropped_off: 0 },
        ],
        breakdown: {
          dimension: 'country',
          groups: [{ value: '(not set)', entered: 2, converted: 1 }],
          others: [0, 0],
        },
      },
    });
    const asked = await api('POST', '/funnels/report', { steps, ...inBody, dimension: 'country' });
    expect(asked).toMatchObject({ status: 200, body: stored.body });

    const a = (await people.find('device:a'))!.rootId;
    const list = await api('GET', `/funnels/${id}/people?${period}&step=2`);
    expect(list.body).toEqual([
      {
        visitor_id: a,
        steps_reached: 2,
        reached_at: ['2026-11-20T12:01:00.000Z', '2026-11-20T12:03:00.000Z'],
      },
    ]);
    const same = await api('POST', '/funnels/people', { steps, ...inBody, step: 2 });
    expect(same.body).toEqual(list.body);
    const nobody = await api('GET', `/funnels/${id}/report?${period}&filter=country:DE`);
    expect(nobody.body).toMatchObject({ entered: 0, conversion_rate: null });
    const filters = encodeURIComponent(
      JSON.stringify([{ dimension: 'country', values: ['DE'], exclude: true }]),
    );
    const all = await api('GET', `/funnels/${id}/report?${period}&filters=${filters}`);
    expect(all.body).toMatchObject({ entered: 2 });
  });

  const wrong = (filter: object) => [{ filters: [filter] }, { filters: [sale] }];
  it.each<[object, string]>([
    [{ steps: steps.slice(0, 1) }, 'steps'],
    [{ steps: Array.from({ length: 9 }, () => steps[1]) }, 'steps'],
    [{ conversion_window_days: 0 }, 'conversion_window_days'],
    [{ conversion_window_days: 91 }, 'conversion_window_days'],
    [{ conversion_window_days: 1.5 }, 'conversion_window_days'],
    [{ name: ' ' }, 'name'],
    [{ scope: 'visit' }, 'scope'],
    [{ steps: [{ filters: [] }, steps[1]] }, 'steps[0].filters'],
    [
      { steps: [{ filters: Array.from({ length: 11 }, () => sale) }, steps[1]] },
      'steps[0].filters',
    ],
    [{ steps: [{ combine: 'none', filters: [sale] }, steps[1]] }, 'steps[0].combine'],
    [{ steps: wrong({ kind: 'page' }) }, 'steps[0].filters[0].kind'],
    [{ steps: wrong({ kind: 'event', type: 'purchase' }) }, 'steps[0].filters[0].type'],
    [{ steps: wrong({ ...page, key: 'plan' }) }, 'steps[0].filters[0].key'],
    [{ steps: wrong({ ...page, value: 'pricing' }) }, 'steps[0].filters[0].value'],
    [{ steps: wrong({ ...page, value: `/${'x'.repeat(2_000)}` }) }, 'steps[0].filters[0].value'],
    [{ steps: wrong({ ...page, values: ['/a'] }) }, 'steps[0].filters[0].values'],
    [{ steps: wrong({ ...page, match: 'in', values: ['/a'] }) }, 'steps[0].filters[0].value'],
    [{ steps: wrong({ kind: 'url', match: 'in', values: [] }) }, 'steps[0].filters[0].values'],
    [
      { steps: wrong({ kind: 'url', match: 'in', values: Array(51).fill('/a') }) },
      'steps[0].filters[0].values',
    ],
    [{ steps: wrong({ kind: 'url', match: 'regex', value: '[' }) }, 'steps[0].filters[0].value'],
    [
      { steps: wrong({ kind: 'url', match: 'regex', value: 'a'.repeat(201) }) },
      'steps[0].filters[0].value',
    ],
    [
      { steps: wrong({ kind: 'url', match: 'regex', value: '(a)\\1' }) },
      'steps[0].filters[0].value',
    ],
    [
      { steps: wrong({ kind: 'url', match: 'regex', value: '(?=a)' }) },
      'steps[0].filters[0].value',
    ],
    [
      { steps: wrong({ kind: 'url', match: 'regex', value: '(?:(?:a{99}){99}){99}' }) },
      'steps[0].filters[0].value',
    ],
    [{ steps: wrong({ kind: 'property', key: '', value: 'x' }) }, 'steps[0].filters[0].key'],
    [{ steps: wrong({ kind: 'property', key: 'plan' }) }, 'steps[0].filters[0].value'],
    [
      { steps: wrong({ kind: 'property', key: 'plan', op: 'in', values: Array(101).fill('x') }) },
      'steps[0].filters[0].values',
    ],
    [{ steps: wrong({ kind: 'source' }) }, 'steps[0].filters[0]'],
    [{ steps: wrong({ kind: 'link', ids: ['launch'] }) }, 'steps[0].filters[0].ids'],
    [{ filters: [{ dimension: 'shoe_size', values: ['42'] }] }, 'filters[0].dimension'],
    [{ filters: [{ dimension: 'country', values: [] }] }, 'filters[0].values'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses %j and names the field', async (more, field) => {
    const stored = await api<Problem>('POST', '/funnels', { name: 'Sales', steps, ...more });
    expect([stored.status, stored.body.code]).toEqual([422, 'validation_failed']);
    expect(Object.keys(stored.body.errors)).toEqual([field]);
    if ('name' in more) return;
    const asked = await api<Problem>('POST', '/funnels/report', { steps, ...inBody, ...more });
    expect([asked.status, Object.keys(asked.body.errors)]).toEqual([422, [field]]);
  });

  it('exports a report as a row for each step, of everybody and of each group', async () => {
    const id = await create('Sales');
    const look = { url: 'https://acme.com/pricing', place: { countryCode: 'DE' } as never };
    await people.see('device:export', 1, { type: 'pageview', more: look });
    const { key } = await openApi(context, people.workspace);
    const path = `/funnels/${id}/report/export?${period}&dimension=country`;
    const csv = await callApp(context, key, `${path}&format=csv`);
    const rows = parse<Record<string, string>>(csv, { columns: true });
    expect(rows.map(({ of, value, step, people: count }) => [of, value, step, count])).toEqual([
      ['all', '', '1', '1'],
      ['all', '', '2', '0'],
      ['group', 'DE', '1', '1'],
      ['group', 'DE', '2', '0'],
      ['others', '', '1', '0'],
      ['others', '', '2', '0'],
    ]);
    const lines = (await callApp(context, key, `${path}&format=ndjson`)).trim().split('\n');
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines[0]!)).toMatchObject({ of: 'all', label: 'Looks at prices', people: 1 });
    const asked = await api('POST', '/funnels/report/export', { steps, ...inBody });
    expect(asked.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  });

  it('refuses a regular expression that only the database cannot read', async () => {
    const pattern = { kind: 'url', match: 'regex', value: 'a[^]' };
    await people.see('device:a', 1, { type: 'pageview', more: { url: 'https://acme.com/a' } });
    const asked = { ...inBody, steps: wrong(pattern) };
    expect(await api('POST', '/funnels/report', asked)).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: { steps: [expect.any(String)] } },
    });
  });

  it.each([
    ['report?from=yesterday&to=2026-11-20T13:00:00Z', 'from'],
    ['report?from=2026-11-20T13:00:00Z&to=2026-11-20T13:00:00Z', 'from'],
    ['report?from=2020-11-20T13:00:00Z&to=2026-11-20T13:00:00Z', 'to'],
    [`report?${period}&dimension=shoe_size`, 'dimension'],
    [`report?${period}&limit=101`, 'limit'],
    [`report?${period}&filter=nocolon`, 'filter'],
    [`report?${period}&filter=device_type:`, 'filter'],
    [`report?${period}&filter=unknown:x`, 'filter'],
    [`report?${period}&filters=[`, 'filters'],
    [`people?${period}&step=3`, 'step'],
    [`people?${period}&step=0`, 'step'],
    [`people?${period}&outcome=lost`, 'outcome'],
    [`people?${period}&dimension=country`, 'value'],
    [`people?${period}&cursor=here`, 'cursor'],
    [`people?${period}&limit=201`, 'limit'],
  ])('refuses %s and names the parameter', async (path, field) => {
    const id = await create('Sales');
    const { status, body } = await api<Problem>('GET', `/funnels/${id}/${path}`);
    expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
  });
});
