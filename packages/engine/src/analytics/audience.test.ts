/** What GoodAnalytics' audience breakdown promises (goodanalytics.md, 8.3 and 12), asked of `breakdown`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import type { BreakdownInput } from './breakdown.ts';
import { rollUp } from './roll-up.ts';

const hour = 3_600_000;
const window = { from: new Date(noon), to: new Date(noon + 6 * hour) };

describe.each(testDatabaseSizes)('the audience on %s', (size) => {
  let context: TestContext;
  let people: People;
  let linkId: string;

  const view = (path: string, more: Partial<IncomingEvent> = {}): Partial<Sighting> => ({
    type: 'pageview',
    more: { url: `https://shop.example${path}`, ...more },
  });
  const from = (deviceType: string, countryCode: string, linkOf?: string) =>
    ({
      device: {
        deviceType,
        browser: deviceType === 'desktop' ? 'Firefox' : 'Safari',
        language: deviceType === 'desktop' ? 'de' : 'fr',
      },
      place: { countryCode },
      ...(linkOf !== undefined && {
        linkId: linkOf,
        arrival: {
          source: {
            kind: 'campaign',
            source: 'news',
            medium: 'email',
            campaign: '50%',
            channel: 'Email',
            confidence: 'certain',
            rule: 'test',
          },
        },
      }),
    }) as unknown as Partial<IncomingEvent>;

  // Dora reads for half a minute on her desktop and buys twice later; Max looks once on a phone; Tess by something unknown.
  beforeAll(async () => {
    context = await openTestContext(size);
    context.clock.moveBy(noon + 24 * hour - context.clock.now());
    people = await openNewPeople(context);
    const link = orThrow(
      await people.hw.links.create({
        domain: `go-${size}.example`,
        key: 'news',
        url: 'https://shop.example/',
      }),
    );
    linkId = link.id;
    await people.see('device:dora', 0, view('/', from('desktop', 'DE', linkId)));
    await people.see('device:dora', 0.5, view('/50%25', from('desktop', 'DE')));
    await people.see('device:max', 10, view('/', from('mobile', 'FR')));
    await people.see('device:tess', 20, view('/'));
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function rowsOf(input: Omit<BreakdownInput, 'from' | 'to'>, of = people) {
    const { rows } = orThrow(await of.hw.audience.breakdown({ ...window, ...input }));
    return rows.map(({ value, numbers }) => [value, ...Object.values(numbers)]);
  }

  it('is counted by device, and what has none is not left out', async () => {
    expect(
      await rowsOf({ dimension: 'device_type', metrics: ['events', 'pageviews', 'users'] }),
    ).toEqual([
      ['desktop', 2, 2, 1],
      ['mobile', 1, 1, 1],
      [null, 1, 1, 1],
    ]);
  });

  it('is counted by language', async () => {
    expect(await rowsOf({ dimension: 'language', metrics: ['people', 'sessions'] })).toEqual([
      ['de', 1, 1],
      ['fr', 1, 1],
      [null, 1, 1],
    ]);
    const german = { dimension: 'language', values: ['de'] };
    expect(
      await rowsOf({ dimension: 'device_type', metrics: ['people'], filters: [german] }),
    ).toEqual([['desktop', 1]]);
  });

  it('counts people and events where nothing is said', async () => {
    expect(await rowsOf({ dimension: 'device_type' })).toEqual([
      ['desktop', 1, 2],
      ['mobile', 1, 1],
      [null, 1, 1],
    ]);
  });

  it('is measured by visits beside events, also by country', async () => {
    const metrics = ['sessions', 'bounce_rate', 'avg_duration', 'engaged_rate', 'users'];
    expect(await rowsOf({ dimension: 'country', metrics })).toEqual([
      ['DE', 1, 0, 30, 1, 1],
      ['FR', 1, 1, 0, 0, 1],
      [null, 1, 1, 0, 0, 1],
    ]);
    const { numbers } = orThrow(
      await people.hw.analytics.summary({
        ...window,
        filters: [{ dimension: 'country', values: ['DE', 'FR'] }],
      }),
    );
    expect(numbers).toMatchObject({ bounceRate: 0.5, averageSeconds: 15, engagedRate: 0.5 });
  });

  it('knows people, not visitors: they do not add up over values, and merge', async () => {
    const two = await openNewPeople(context);
    await two.see('device:a', 0, view('/', from('desktop', 'DE')));
    await two.see('device:b', 1, view('/', from('desktop', 'DE')));
    await two.see('device:b', 60, view('/', from('mobile', 'DE')));
    const devices = { dimension: 'device_type', metrics: ['users'] };
    expect(await rowsOf(devices, two)).toEqual([
      ['desktop', 2],
      ['mobile', 1],
    ]);
    const inAll = orThrow(await two.hw.analytics.summary(window));
    expect(inAll.numbers.people).toBe(2);
    // The hours are kept, and were read by a report, before the two become one.
    await rollUp(context, two.workspace.id);
    expect(await rowsOf(devices, two)).toHaveLength(2);
    await two.see('user:ann device:a', 2 * 60);
    await two.see('user:ann device:b', 2 * 60 + 1);
    expect(await rowsOf(devices, two)).toContainEqual(['desktop', 1]);
    expect(orThrow(await two.hw.analytics.summary(window)).numbers.people).toBe(1);
  });

  it('has zeros where only visits or only events are in the window, and no rate of nothing', async () => {
    const late = await openNewPeople(context);
    await late.see('device:a', -5, view('/', from('desktop', 'DE')));
    await late.see('device:a', 5, view('/', from('desktop', 'DE')));
    expect(
      await rowsOf({ dimension: 'country', metrics: ['events', 'sessions', 'bounce_rate'] }, late),
    ).toEqual([['DE', 1, 0, null]]);
  });

  it('is filtered by value and by link, literally', async () => {
    const by = async (dimension: string, value: string) =>
      rowsOf({
        dimension: 'device_type',
        metrics: ['users'],
        filters: [{ dimension, values: [value] }],
      });
    expect(await by('device_type', 'desktop')).toEqual([['desktop', 1]]);
    expect(await by('link', linkId)).toEqual([['desktop', 1]]);
    expect(await by('source_campaign', '50%')).toEqual([['desktop', 1]]);
    expect(await by('source_campaign', '5')).toEqual([]);
    expect(await by('source_campaign', '%')).toEqual([]);
  });

  it('has aliases for the names of GoodAnalytics', async () => {
    for (const [dimension, value] of [
      ['source_platform', 'news'],
      ['source_medium', 'email'],
      ['source_campaign', '50%'],
      ['browser', 'Firefox'],
    ] as const)
      expect(await rowsOf({ dimension, metrics: ['pageviews'] })).toContainEqual([value, 2]);
    expect(await rowsOf({ dimension: 'os', metrics: ['pageviews'] })).toEqual([[null, 4]]);
  });

  it('comes in the order and number of rows that was asked for', async () => {
    const pages = { dimension: 'page', metrics: ['pageviews'] };
    expect(await rowsOf({ ...pages, limit: 1 })).toEqual([['/', 3]]);
    expect(await rowsOf({ ...pages, limit: 1, order: 'asc' })).toEqual([['/50%25', 1]]);
  });

  it('is empty where nothing happened, and refuses unknown names', async () => {
    const { breakdown } = people.hw.analytics;
    const empty = { from: new Date(noon + 7 * hour), to: new Date(noon + 8 * hour) };
    expect(orThrow(await breakdown({ ...empty, dimension: 'country' })).rows).toEqual([]);
    expect(await breakdown({ ...window, dimension: 'shoe' })).toMatchObject({
      ok: false,
      errors: { dimension: [expect.stringContaining('must be one of')] },
    });
    expect(await breakdown({ ...window, dimension: 'country', metrics: ['shoes'] })).toMatchObject({
      ok: false,
      errors: { metrics: [expect.any(String)] },
    });
  });

  it('converts where it was', async () => {
    const buyers = await openNewPeople(context);
    const desktop = from('desktop', 'DE');
    await buyers.see('device:a', 0, view('/', desktop));
    for (const at of [1, 2])
      await buyers.see('device:a', at, {
        type: 'sale',
        more: { ...desktop, amountMinor: '2000', currency: 'USD' },
      });
    const metrics = ['sales', 'buyers', 'revenue', 'conversion_rate'];
    expect(await rowsOf({ dimension: 'device_type', metrics }, buyers)).toEqual([
      ['desktop', 2, 1, [{ currency: 'USD', amountMinor: 4_000n }], 1],
    ]);
  });

  it('is at a glance who came, who is new and who is known', async () => {
    const two = await openNewPeople(context);
    await two.see('device:old', -24 * 60, view('/'));
    await two.see('device:old', 0, view('/'));
    await two.see('user:new device:new', 5, view('/'));
    await two.see('device:new', 6, view('/more'));
    await two.see('device:new', 7, {
      type: 'sale',
      more: { amountMinor: '5000', currency: 'USD' },
    });
    expect(orThrow(await two.hw.analytics.summary(window)).numbers).toMatchObject({
      people: 2,
      newPeople: 1,
      pageviews: 3,
      identificationRate: 0.5,
      conversions: { revenue: [{ currency: 'USD', amountMinor: 5_000n }] },
    });
  });
});
