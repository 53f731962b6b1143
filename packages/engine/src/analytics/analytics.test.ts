import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { createApp } from '../http/app.ts';
import { orThrow } from '../kernel/result.ts';
import type { Source } from '../sources/source.ts';
import { dimensions } from './dimension.ts';

interface Report {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

const day = 1_440;
const from = '2026-11-20T12:00:00Z';
const to = '2026-11-21T12:00:00Z';

function page(path: string, more: Partial<IncomingEvent> = {}): Partial<Sighting> {
  return { type: 'pageview', more: { url: `https://shop.example${path}`, ...more } };
}

function cameBy(channel: string, source: string): Partial<IncomingEvent> {
  const arrival: Source = {
    kind: 'campaign',
    source,
    medium: 'test',
    channel,
    confidence: 'certain',
    rule: 'utm',
    rulesVersion: 'test',
  };
  return { arrival: { source: arrival } };
}

const inGermany = { place: { countryCode: 'DE' } } as Partial<IncomingEvent>;
const onPhone = {
  device: { deviceType: 'mobile', browser: 'Safari', system: 'iOS' },
} as Partial<IncomingEvent>;

describe.each(testDatabaseSizes)('analytics on %s', (size) => {
  let context: TestContext;
  let people: People;
  let api: Api;

  const ask = async <Body = Report>(path: string, more = '') =>
    (
      await api<Body>(
        'GET',
        `/analytics/${path}${path.includes('?') ? '&' : '?'}from=${from}&to=${to}${more}`,
      )
    ).body;
  const filters = (list: unknown): string => `&filters=${encodeURIComponent(JSON.stringify(list))}`;

  // Ann reads two pages at noon and buys; Bob looks once from his phone; Cleo came yesterday already; a robot crawls.
  beforeAll(async () => {
    context = await openTestContext(size);
    people = await openNewPeople(context);
    api = await openApi(context, people.workspace, ['read']);
    await people.see('device:cleo', -day, page('/', cameBy('Email', 'letter')));
    await people.see(
      'device:ann',
      0,
      page('/?utm_source=x', { ...cameBy('Paid Search', 'google'), ...inGermany }),
    );
    await people.see('device:ann', 2, page('/pricing/'));
    await people.see('user:ann device:ann', 3, { type: 'identify' });
    await people.see('user:ann', 10, {
      type: 'sale',
      more: { amountMinor: '4900', currency: 'USD' },
    });
    await people.see('user:ann', 20, {
      type: 'sale',
      more: { amountMinor: '1000', currency: 'EUR' },
    });
    await people.see(
      'device:bob',
      60,
      page('/pricing', { ...cameBy('Email', 'letter'), ...onPhone }),
    );
    await people.see('device:cleo', 120, page('/blog', cameBy('Email', 'letter')));
    await people.see('', 130, page('/', { machine: 'Googlebot', createsVisitor: false }));
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('sums a window up', async () => {
    expect(await ask('summary')).toEqual({
      visitors: 3,
      new_visitors: 2,
      people: 3,
      new_people: 2,
      pageviews: 4,
      events: 7,
      identification_rate: 1 / 3,
      sessions: 3,
      bounce_rate: 2 / 3,
      avg_duration: 180 / 3,
      engaged_rate: 1 / 3,
      revenue: 4900,
      revenue_by_currency: [
        { currency: 'EUR', amount: 1000 },
        { currency: 'USD', amount: 4900 },
      ],
      conversions: 2,
      leads: 0,
      sales: 2,
      buyers: 1,
      conversion_rate: 1 / 3,
    });
  });

  it('compares with the same length of time before', async () => {
    expect(await ask('summary', '&compare=previous')).toMatchObject({
      visitors: 3,
      previous: {
        from: '2026-11-19T12:00:00.000Z',
        visitors: 1,
        pageviews: 1,
        sessions: 1,
        sales: 0,
      },
    });
  });

  it('fills the buckets of a time series in which nothing happened', async () => {
    const series = await ask<{
      interval: string;
      points: Array<{ bucket_start: string; value: number }>;
    }>('timeseries?metric=visitors&timezone=Asia/Kathmandu&interval=1h');
    expect(series.points).toHaveLength(25);
    expect(series.points[0]).toMatchObject({ bucket_start: '2026-11-20T11:15:00.000Z', value: 1 });
    expect(series.points.map(({ value }) => value)).toEqual([
      1,
      2,
      1,
      ...Array.from({ length: 22 }, () => 0),
    ]);
  });

  it('counts a person once in each bucket', async () => {
    const series = await ask<{ points: Array<{ value: number }> }>(
      'timeseries?metric=people&interval=12h&timezone=UTC',
    );
    expect(series.points.map(({ value }) => value)).toEqual([3, 0]);
    const sales = await ask<{ points: Array<{ value: number }> }>(
      'timeseries?metric=revenue&interval=12h&timezone=UTC',
    );
    expect(sales.points.map(({ value }) => value)).toEqual([4900, 0]);
  });

  it('breaks down by what a visit was told apart by', async () => {
    const { rows } = await ask(
      'breakdown?dimension=channel&metrics=users,pageviews,sessions,bounce_rate',
    );
    expect(rows).toEqual([
      { value: 'Email', users: 2, pageviews: 2, sessions: 2, bounce_rate: 1 },
      { value: 'Paid Search', users: 1, pageviews: 2, sessions: 1, bounce_rate: 0 },
      { value: '(not set)', users: 1, pageviews: 0, sessions: 0, bounce_rate: null },
    ]);
    expect((await ask('breakdown?dimension=os&metrics=sessions')).rows).toEqual([
      { value: '(not set)', sessions: 2 },
      { value: 'iOS', sessions: 1 },
    ]);
  });

  it('breaks down by page, wherever a query or a slash was added', async () => {
    expect((await ask('breakdown?dimension=page&metrics=pageviews,people')).rows).toEqual([
      { value: '/pricing', pageviews: 2, people: 2 },
      { value: '/', pageviews: 1, people: 1 },
      { value: '/blog', pageviews: 1, people: 1 },
    ]);
    expect((await ask('breakdown?dimension=entry_page&metrics=sessions&order=asc')).rows).toEqual([
      { value: '/', sessions: 1 },
      { value: '/blog', sessions: 1 },
      { value: '/pricing', sessions: 1 },
    ]);
    expect((await ask('breakdown?dimension=exit_page&metrics=sessions')).rows).toEqual([
      { value: '/pricing', sessions: 2 },
      { value: '/blog', sessions: 1 },
    ]);
  });

  it('keeps machines apart', async () => {
    expect((await ask('breakdown?dimension=machine')).rows).toEqual([
      { value: 'Googlebot', events: 1 },
    ]);
    expect((await ask('breakdown?dimension=event_type&metrics=events')).rows).toEqual([
      { value: 'pageview', events: 4 },
      { value: 'sale', events: 2 },
      { value: 'identify', events: 1 },
    ]);
  });

  it('combines filters that include and exclude', async () => {
    const email = [{ dimension: 'channel', values: ['Email'] }];
    expect(await ask('summary', filters(email))).toMatchObject({
      people: 2,
      sessions: 2,
      sales: 0,
    });
    const notPhones = [...email, { dimension: 'device_type', values: ['mobile'], exclude: true }];
    expect(await ask('summary', filters(notPhones))).toMatchObject({ people: 1, new_people: 0 });
    expect(await ask('summary', '&filter=country:DE')).toMatchObject({ people: 1, pageviews: 2 });
    const pricing = [{ dimension: 'page', values: ['/pricing'] }];
    expect(await ask('summary', filters(pricing))).toMatchObject({
      people: 2,
      pageviews: 2,
      sessions: null,
    });
    const phonePricing = [...pricing, { dimension: 'country', values: [null] }];
    expect(await ask('summary', filters(phonePricing))).toMatchObject({ people: 1, pageviews: 1 });
  });

  it.each(dimensions.filter((dimension) => dimension !== 'machine'))(
    'keeps one value of %s by a filter, and leaves it out by another',
    async (dimension) => {
      const breakdown = `breakdown?dimension=${dimension}&metrics=events`;
      const { rows } = await ask(breakdown);
      expect(rows.length).toBeGreaterThan(0);
      for (const { value } of rows) {
        const one = { dimension, values: [value] };
        const own = rows.filter((row) => row['value'] === value && row['events'] !== 0);
        const others = rows.filter((row) => row['value'] !== value);
        const kept = await ask(breakdown, filters([one]));
        expect(kept.rows.filter((row) => row['events'] !== 0)).toEqual(own);
        const left = await ask(breakdown, filters([{ ...one, exclude: true }]));
        expect(left.rows).toEqual(others);
      }
    },
  );

  it('says what each channel sold, by the touch that is credited', async () => {
    expect((await ask('conversions?dimension=channel')).rows[0]).toEqual({
      value: 'Paid Search',
      sales: 2,
      buyers: 1,
      revenue: 4900,
      revenue_by_currency: [
        { currency: 'EUR', amount: 1000 },
        { currency: 'USD', amount: 4900 },
      ],
      conversion_rate: 1,
      leads: 0,
      conversions: 2,
    });
  });

  it('answers at once what a dashboard shows', async () => {
    const body = await ask<{
      summary: Record<string, unknown>;
      timeseries: Array<{ points: Array<{ value: number }> }>;
      breakdowns: Array<{ dimension: string; rows: unknown[] }>;
    }>('overview?dimensions=channel,page&interval=12h&timezone=UTC');
    expect(body.summary).toMatchObject({ people: 3, sessions: 3, previous: { people: 1 } });
    expect(body.timeseries[0]!.points.map(({ value }) => value)).toEqual([3, 0]);
    expect(body.breakdowns).toMatchObject([
      {
        dimension: 'channel',
        rows: [
          { value: 'Email', people: 2 },
          { value: 'Paid Search', people: 1 },
          { value: '(not set)', people: 1 },
        ],
      },
      { dimension: 'page', rows: [{ value: '/pricing', people: 2 }, {}, {}] },
    ]);
  });

  it('exports reports and events as lines, and goes on after one', async () => {
    const window = { from: new Date(from), to: new Date(to) };
    const { key } = await openApi(context, people.workspace, ['read']);
    const app = createApp(context);
    const lines = async (path: string): Promise<string[]> => {
      const headers = { authorization: `Bearer ${key}` };
      const url = `http://api.test/hw/api/analytics/${path}&from=${from}&to=${to}`;
      return (await (await app.request(url, { headers })).text()).trimEnd().split(/\r?\n/);
    };
    expect(await lines('breakdown/export?dimension=page&metrics=pageviews,people')).toEqual([
      'value,pageviews,people',
      '/pricing,2,2',
      '/,1,1',
      '/blog,1,1',
    ]);
    expect(await lines('summary/export?filter=channel:Email')).toHaveLength(2);
    expect(await lines('timeseries/export?metric=people&interval=12h')).toHaveLength(3);
    expect(await lines('retention/export?format=ndjson')).toHaveLength(1);
    const all = (await lines('events/export?format=ndjson')).map(
      (line) => JSON.parse(line) as Record<string, string>,
    );
    expect(all.map(({ type }) => type)).toEqual([
      'pageview',
      'pageview',
      'identify',
      'sale',
      'sale',
      'pageview',
      'pageview',
      'pageview',
    ]);
    const rest = await lines(`events/export?format=ndjson&cursor=${all[5]!['cursor']!}`);
    expect(rest.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([
      all[6]!['id'],
      all[7]!['id'],
    ]);
    expect((await lines('events/export?format=csv'))[0]).toContain('id,type,name,occurred_at');
    const events = await people.hw.analytics.events(window);
    expect(await Array.fromAsync(orThrow(events))).toHaveLength(8);
  });

  it('goes on after a page', async () => {
    const seen: unknown[] = [];
    let path = `/analytics/breakdown?dimension=page&metrics=pageviews&limit=1&from=${from}&to=${to}`;
    for (;;) {
      const { body, headers } = await api<Report>('GET', path);
      seen.push(...body.rows.map((row) => row['value']));
      const next = headers.get('x-next-cursor');
      if (next === null) break;
      path = `${path.replace(/&cursor=.*/, '')}&cursor=${next}`;
    }
    expect(seen).toEqual(['/pricing', '/', '/blog']);
  });

  it('shows who came back in which week', async () => {
    const { body } = await api<{ cohorts: Array<{ people: number[] }> }>(
      'GET',
      '/analytics/retention?timezone=UTC&from=2026-11-16T00:00:00Z&to=2026-11-30T00:00:00Z',
    );
    expect(body.cohorts.map(({ people: counts }) => counts)).toEqual([[3, 0], [0]]);
  });

  it('counts who is there now', async () => {
    context.clock.moveBy(noon + 122 * 60_000 - context.clock.now());
    const { body } = await api('GET', '/analytics/live');
    expect(body).toEqual({
      people_5_minutes: 1,
      people_30_minutes: 1,
      pageviews_30_minutes: 1,
      pages: [{ value: '/blog', people: 1 }],
      channels: [{ value: 'Email', people: 1 }],
    });
  });

  it('answers zeros where nothing has happened', async () => {
    const empty = await openNewPeople(context);
    const other = await openApi(context, empty.workspace, ['read']);
    const { body } = await other('GET', `/analytics/summary?from=${from}&to=${to}`);
    expect(body).toMatchObject({ visitors: 0, revenue: 0, bounce_rate: 0, avg_duration: 0 });
    const { body: none } = await other(
      'GET',
      `/analytics/breakdown?dimension=channel&from=${from}&to=${to}`,
    );
    expect(none).toMatchObject({ rows: [] });
  });

  it.each([
    ['breakdown?dimension=nope', 'dimension'],
    ['breakdown?dimension=page&metrics=sessions', 'metrics'],
    ['breakdown?dimension=channel&metrics=nope', 'metrics'],
    ['breakdown?dimension=channel&sort=sessions', 'sort'],
    ['breakdown?dimension=channel&cursor=x', 'cursor'],
    ['breakdown?dimension=channel&filter=nocolon', 'filter'],
    ['breakdown?dimension=channel&filter=device_type:', 'filter'],
    ['breakdown?dimension=channel&filter=unknown:x', 'filter'],
    ['breakdown?dimension=machine&metrics=people', 'metrics'],
    ['timeseries?metric=nope', 'metric'],
    ['timeseries?metric=toString', 'metric'],
    ['timeseries?metric=people&interval=7m', 'interval'],
    ['timeseries?metric=people&timezone=Not/AZone', 'timezone'],
    ['summary?filters=[1]', 'filters[0]'],
    ['summary?days=0', 'days'],
    ['overview?dimensions=channel,nope', 'dimensions'],
    ['events/export?cursor=x', 'cursor'],
  ])('refuses %s, and names the field', async (path, field) => {
    const { status, body } = await api<{ errors: Record<string, string[]> }>(
      'GET',
      `/analytics/${path}&from=${from}&to=${to}`,
    );
    expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
  });

  it('refuses windows that are none, and more than 1,500 buckets', async () => {
    const status = async (path: string) => (await api('GET', `/analytics/${path}`)).status;
    expect(await status(`summary?from=${to}&to=${from}`)).toBe(422);
    expect(await status('summary?from=yesterday&to=today')).toBe(422);
    expect(
      await status(`timeseries?metric=people&interval=1m&from=2020-01-01T00:00:00Z&to=${to}`),
    ).toBe(422);
  });

  // Last: what follows is another state.
  it('counts two visitors once when they turn out to be one person, and twice again after an undo', async () => {
    await people.see('user:bob device:bob', 70, { type: 'identify' });
    const { identity } = await people.see('user:bob device:cleo', 130, { type: 'identify' });
    expect(identity.outcome).toBe('merged');
    expect(await ask('summary')).toMatchObject({
      people: 2,
      new_people: 1,
      identification_rate: 1,
    });
    const evidence = await people.hw.visitors.evidence((await people.find('device:cleo'))!.rootId);
    if (!evidence.ok) throw new Error(evidence.code);
    const [merge] = evidence.value.merges
      .filter(({ undoneAt }) => undoneAt === undefined)
      .slice(-1);
    expect(await people.hw.visitors.undoMerge(merge!.id)).toMatchObject({ ok: true });
    expect(await ask('summary')).toMatchObject({ people: 3, new_people: 2 });
  });
});
