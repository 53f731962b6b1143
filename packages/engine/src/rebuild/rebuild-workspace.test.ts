import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { rollUp } from '../analytics/roll-up.ts';
import { orThrow } from '../kernel/result.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import { classifySource } from '../sources/classify.ts';
import type { RebuildProgress } from './rebuild-workspace.ts';

const day = 24 * 60;

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
});

function page(at: number, path = '/', who = 'device:1', clickId?: string): Sighting {
  const url = `https://shop.test${path}`;
  const source = classifySource({ url, ownHosts: new Set(['shop.test']), landing: true });
  const arrival = { source, ...(clickId !== undefined && { clickId }) };
  return { who, at, type: 'pageview', more: { url, arrival } };
}

function click(at: number, id?: string, linkId = context.createId(noon)): Sighting {
  const source = {
    kind: 'campaign',
    source: 'go.test',
    confidence: 'certain',
    rule: 'own_link',
  } as const;
  return {
    who: 'device:go',
    at,
    type: 'link_click',
    ...(id !== undefined && { id }),
    more: { linkId, arrival: { source } },
  };
}

async function happen(...sightings: readonly Sighting[]): Promise<void> {
  for (const each of sightings) await people.see(each.who, each.at, each);
}

async function rows<Row>(text: string): Promise<Row[]> {
  return context.database.run<Row>({ name: '', text }, [people.workspace.id]);
}

async function write(text: string): Promise<void> {
  await rows(text);
}

/** The visits as minutes of their events, oldest first. */
async function visits(): Promise<number[][]> {
  const found = await rows<{ session_id: string; at: Date }>(
    'select session_id, occurred_at as at from headwater.event where workspace_id = $1 and session_id is not null order by occurred_at, id',
  );
  return [...Map.groupBy(found, (row) => row.session_id).values()].map((events) =>
    events.map((event) => (event.at.getTime() - noon) / 60_000),
  );
}

async function touches(): Promise<string[]> {
  const found = await rows<{ kind: string; source: string | null }>(
    'select kind, source from headwater.touch where workspace_id = $1 order by occurred_at, id',
  );
  return found.map((row) => (row.source === null ? row.kind : `${row.kind} ${row.source}`));
}

describe('a rebuild', () => {
  it('splits a visit that a late campaign falls into, and the campaign has its touch already', async () => {
    await happen(page(0), page(9), page(20), page(600), page(10, '/?utm_source=google'));
    expect(await touches()).toEqual(['direct direct', 'campaign google', 'direct direct']);
    expect(await visits()).toEqual([[0, 9, 20], [10], [600]]);
    await people.hw.rebuild();
    expect(await visits()).toEqual([[0, 9], [10, 20], [600]]);
    await assertSound(context, people.workspace);
  });

  it('gives a campaign that came to light a moment late the visit that it brought', async () => {
    await happen(page(10), page(9, '/?utm_source=google'), page(12));
    expect(await touches()).toEqual(['campaign google', 'direct direct']);
    await people.hw.rebuild();
    expect(await visits()).toEqual([[9, 10, 12]]);
    expect(await touches()).toEqual(['campaign google']);
    await assertSound(context, people.workspace);
  });

  it('brings a landing together with its click, which was recorded later', async () => {
    const id = context.createId(noon);
    await happen(page(1, '/?utm_source=go.test', 'device:1', id), page(2, '/cart'), click(0, id));
    await happen({ who: 'device:1', at: 5, type: 'sale', more: sale });
    expect(await visits()).toEqual([[0], [1, 2, 5]]);
    const report = await people.hw.rebuild();
    expect(report.changed).toMatchObject({ lateClicks: 1, identities: 1 });
    expect(await visits()).toEqual([[0, 1, 2, 5]]);
    expect(await touches()).toEqual(['click go.test']);
    expect(await people.partition(['device:1', 'device:go'])).toEqual(['device:1 device:go']);
    const [link] = await rows<{ sales: bigint }>(
      'select sales from headwater.link_counter where workspace_id = $1',
    );
    expect(link).toMatchObject({ sales: 1n });
    await assertSound(context, people.workspace);
    expect((await people.hw.rebuild()).changed).toMatchObject({ lateClicks: 0, visits: 0 });
  });

  it('adds to the visit of a click what came late to it on the other device', async () => {
    const id = context.createId(noon);
    await happen(click(0, id), page(300, '/news'), page(1, '/', 'device:1', id), page(2, '/cart'));
    expect(await visits()).toEqual([[0, 1], [2], [300]]);
    await people.hw.rebuild();
    expect(await visits()).toEqual([[0, 1, 2], [300]]);
    await assertSound(context, people.workspace);
  });

  it('counts engagement that was reported before its page was recorded', async () => {
    await happen(
      { who: 'device:1', at: 1, type: 'engagement', more: { properties: { engaged_ms: 11_000 } } },
      page(0),
    );
    const engaged = `select engaged_ms, engaged from ${sessionTotals('headwater')} s where workspace_id = $1`;
    expect(await rows(engaged)).toEqual([{ engaged_ms: 0n, engaged: false }]);
    await people.hw.rebuild();
    expect(await rows(engaged)).toEqual([{ engaged_ms: 11_000n, engaged: true }]);
  });

  it('mends counters, sums, measures and credit that are wrong', async () => {
    await happen(click(0), page(1), { who: 'device:1', at: 5, type: 'sale', more: sale });
    await happen({ who: 'device:1', at: 6, type: 'identify' }, page(200));
    for (const wrong of [
      'update headwater.visitor set events = 77, pageviews = 77, sessions = 77, session_source = $$x$$, revision = revision + 1 where workspace_id = $1',
      'update headwater.session set pageviews = 0, conversions = 9, interactions = 9 where workspace_id = $1',
      'update headwater.link_counter set clicks = 9, sales = 9, unique_clicks = 9 where workspace_id = $1',
      'update headwater.visitor_revenue set amount_minor = 1 where workspace_id = $1',
      'delete from headwater.conversion where workspace_id = $1',
    ])
      await write(wrong);
    await expect(assertSound(context, people.workspace)).rejects.toThrow('Broken');
    const { changed } = await people.hw.rebuild();
    expect(changed).toMatchObject({ conversions: 1, visitorRevenue: 1, links: 1 });
    await assertSound(context, people.workspace);
  });

  it('makes sales again with what was taken back of them: some, all, by name, by somebody else', async () => {
    const [first, second, third] = [0, 1, 2].map(() => context.createId(noon));
    const taking = (who: string, at: number, more: Sighting['more'] = {}): Sighting => ({
      who,
      at,
      type: 'refund',
      more,
    });
    // The first refund is told before its sale; the sale goes by a key of the shop's.
    await happen(
      taking('device:2', 30, { ...euros('300'), properties: { refund_of: second } }),
      click(0),
      page(1),
      { who: 'device:go device:1', at: 2 },
      { who: 'device:1', at: 3, type: 'lead' },
      { who: 'device:1', at: 4, type: 'sale', id: first!, more: sale },
      { who: 'device:1', at: 5, type: 'sale', more: { ...euros('7000'), key: second! } },
      { who: 'device:1', at: 6, type: 'sale', id: third!, more: euros('900') },
      taking('device:1', 7, euros('1000')),
      taking('device:2', 8, euros('4999')),
      taking('device:1', 9, { properties: { refund_of: first } }),
      taking('device:1', 10, { properties: { refund_of_type: 'lead' } }),
      taking('device:2', 11, { properties: { refund_of: third } }),
    );
    const counted = [{ leads: 0n, sales: 1n, amount: 5_700n }];
    const counters = `select k.leads, k.sales, r.amount_minor as amount from headwater.link_counter k
join headwater.link_revenue r on r.workspace_id = k.workspace_id and r.link_id = k.link_id where k.workspace_id = $1`;
    expect(await rows(counters)).toEqual(counted);
    const before = await dumpTables(context);
    for (const lost of [
      'delete from headwater.conversion where workspace_id = $1',
      "delete from headwater.conversion where workspace_id = $1 and type = 'sale'",
      "delete from headwater.conversion where workspace_id = $1 and type in ('refund', 'removal')",
      'update headwater.visitor_revenue set amount_minor = 1 where workspace_id = $1',
      'update headwater.link_counter set sales = 9, leads = 9 where workspace_id = $1',
      'update headwater.link_revenue set amount_minor = 9 where workspace_id = $1',
    ]) {
      await write(lost);
      await people.hw.rebuild();
      expect(await rows(counters)).toEqual(counted);
      await assertSound(context, people.workspace);
      const { conversion, visitor_revenue: revenue } = await dumpTables(context);
      expect({ conversion, revenue }).toEqual({
        conversion: before['conversion'],
        revenue: before['visitor_revenue'],
      });
    }
  });

  it('takes no refund for the newest conversion', async () => {
    await happen(page(0), { who: 'device:1', at: 5, type: 'sale', more: sale });
    await happen({ who: 'device:1', at: 50, type: 'refund', more: euros('1') });
    const before = await dumpTables(context);
    await people.hw.rebuild();
    expect(await dumpTables(context)).toEqual(before);
    expect(
      await rows('select last_conversion_at as at from headwater.visitor where workspace_id = $1'),
    ).toEqual([{ at: new Date(noon + 5 * 60_000) }]);
  });

  it('leaves reports that say what the visits are now, also where their hours were made', async () => {
    await happen(page(10), page(9, '/?utm_source=google'), page(12), page(13, '/x', 'device:2'));
    const asked = { from: new Date(noon), to: new Date(noon + day * 60_000) };
    const report = async () => {
      const summary = orThrow(await people.hw.analytics.summary(asked));
      const { rows: sources } = orThrow(
        await people.hw.analytics.breakdown({
          ...asked,
          dimension: 'source',
          metrics: ['sessions'],
        }),
      );
      const { sessions, pageviews, bounceRate } = summary.numbers;
      const bySource = sources.map(({ value, numbers }) => [value, numbers.sessions]);
      return { sessions, pageviews, bounceRate, bySource };
    };
    expect((await rollUp(context, people.workspace.id)).made).toBeGreaterThan(0);
    expect(await report()).toMatchObject({ sessions: 3, pageviews: 4 });
    await people.hw.rebuild();
    const rebuilt = await report();
    expect(rebuilt).toMatchObject({ sessions: 2, pageviews: 4, bounceRate: 0.5 });
    expect(rebuilt.bySource).toContainEqual(['google', 1]);
    expect((await rollUp(context, people.workspace.id)).made).toBeGreaterThan(0);
    expect(await report()).toEqual(rebuilt);
  });

  it('makes touches again that are gone', async () => {
    await happen(page(0, '/?utm_source=google&gclid=abc'), page(1, '/a'));
    await happen({ who: 'device:1', at: 5, type: 'sale', more: sale });
    await write('delete from headwater.touch where workspace_id = $1');
    expect((await people.hw.rebuild()).changed).toMatchObject({ touches: 1 });
    expect(
      await rows('select kind, source, signals from headwater.touch where workspace_id = $1'),
    ).toEqual([{ kind: 'campaign', source: 'google', signals: { gclid: 'abc' } }]);
    expect(
      await rows(
        'select t.source from headwater.conversion c join headwater.touch t on t.id = c.touch_id where c.workspace_id = $1',
      ),
    ).toEqual([{ source: 'google' }]);
  });

  it('keeps what a page knew that turns out to be no arrival', async () => {
    const [first, second] = [page(10), page(12, '/?utm_source=bing')];
    const told = (
      { more, ...sighting }: Sighting,
      signals: Readonly<Record<string, string>>,
      consent: Readonly<Record<string, string>>,
    ): Sighting => ({
      ...sighting,
      more: { ...more, arrival: { ...more!.arrival!, signals }, consent },
    });
    await happen(
      told(first, { _fbp: 'fb.1.2.3', gclid: 'later' }, { ads: 'denied', analytics: 'granted' }),
      told(page(9, '/?utm_source=google'), { gclid: 'abc' }, { ads: 'granted' }),
      second,
    );
    await people.hw.rebuild();
    expect(
      await rows(
        'select source, signals, consent from headwater.touch where workspace_id = $1 order by occurred_at',
      ),
    ).toEqual([
      {
        source: 'google',
        signals: { gclid: 'abc', _fbp: 'fb.1.2.3' },
        consent: { ads: 'denied', analytics: 'granted' },
      },
      { source: 'bing', signals: null, consent: null },
    ]);
  });

  it('gives a click the consent of a landing that was recorded before it', async () => {
    const id = context.createId(noon);
    const landing = page(1, '/?utm_source=go.test', 'device:1', id);
    const { arrival } = landing.more!;
    await happen(
      {
        ...landing,
        more: {
          ...landing.more,
          arrival: { ...arrival!, signals: { _fbp: 'fb.1.2.3' } },
          consent: { ads: 'denied' },
        },
      },
      click(0, id),
    );
    await people.hw.rebuild();
    expect(
      await rows('select kind, signals, consent from headwater.touch where workspace_id = $1'),
    ).toEqual([{ kind: 'click', signals: { _fbp: 'fb.1.2.3' }, consent: { ads: 'denied' } }]);
  });

  it('keeps device and place of a visit, also where it is split', async () => {
    const device = { deviceType: 'mobile', browser: 'Safari' } as const;
    const [first, last] = [page(0), page(20)];
    await happen({ ...first, more: { ...first.more, device } }, last, page(600));
    await happen(page(10, '/?utm_source=google'));
    await people.hw.rebuild();
    expect(
      await rows(
        'select browser from headwater.session where workspace_id = $1 order by started_at',
      ),
    ).toEqual([{ browser: 'Safari' }, { browser: null }, { browser: null }]);
  });

  it('leaves what retention has taken events from as it is, and totals too', async () => {
    await happen(page(-10 * day), page(-10 * day + 1), page(0), page(1));
    await write(
      `delete from headwater.event where workspace_id = $1 and occurred_at < '${new Date(noon - 5 * day * 60_000).toISOString()}'`,
    );
    const all = `select id, events, pageviews, entry_url from ${sessionTotals('headwater')} s where workspace_id = $1 order by id`;
    const before = await rows(all);
    const counts =
      'select events, pageviews, sessions from headwater.visitor where workspace_id = $1';
    const counted = await rows(counts);
    expect(await people.hw.rebuild()).toMatchObject({ isComplete: false });
    expect(await rows(all)).toEqual(before);
    expect(await rows(counts)).toEqual(counted);
  });

  it('brings nobody back who was erased', async () => {
    await happen(page(0), { who: 'device:1 user:ann', at: 1, type: 'sale', more: sale }, page(50));
    const { rootId } = (await people.find('user:ann'))!;
    orThrow(await people.hw.privacy.forget({ visitorId: rootId }));
    const report = await people.hw.rebuild();
    expect(report).toMatchObject({ people: 0, isComplete: false });
    for (const table of ['session', 'touch', 'conversion', 'visitor_revenue'])
      expect(await rows(`select * from headwater.${table} where workspace_id = $1`)).toEqual([]);
  });

  it('tells how far it is, and goes through everybody', async () => {
    await people.seeTogether(
      [...Array(230).keys()].map((index) => page(index, '/', `device:${index}`)),
    );
    const told: RebuildProgress[] = [];
    const report = await people.hw.rebuild({ onProgress: (progress) => void told.push(progress) });
    expect(report.people).toBe(230);
    expect(told).toContainEqual({ step: 'people', done: 100, total: 230 });
    expect(told).toContainEqual({ step: 'people', done: 230, total: 230 });
  });
});

describe('a rebuild on PostgreSQL', () => {
  it(
    'loses no event that comes meanwhile, and leaves everything sound',
    { timeout: 90_000 },
    async () => {
      await using server = await openTestContext('postgres');
      const shop = await openNewPeople(server);
      const visitors = 40;
      const pages = (round: number): Sighting[] =>
        [...Array(visitors).keys()].map((index) => ({
          ...page(round * 3, `/${round}`, `device:${index}`),
          type: round % 4 === 3 ? 'sale' : 'pageview',
          ...(round % 4 === 3 && { more: sale, who: `device:${index} mail:${index % 10}` }),
        }));
      await shop.seeTogether(pages(0));
      const coming = (async () => {
        for (let round = 1; round < 12; round += 1)
          for (const outcome of await shop.seeTogether(pages(round)))
            expect(outcome.outcome).toBe('accepted');
      })();
      for (let times = 0; times < 4; times += 1) await shop.hw.rebuild();
      await coming;
      await assertSound(server, shop.workspace);
      await shop.hw.rebuild();
      await assertSound(server, shop.workspace);
      const [events] = await server.database.run<{ count: number }>(
        {
          name: '',
          text: 'select count(*)::int as count from headwater.event where workspace_id = $1',
        },
        [shop.workspace.id],
      );
      expect(events!.count).toBe(visitors * 12);
    },
  );
});

const euros = (amountMinor: string) => ({ amountMinor, currency: 'EUR' });
const sale = euros('4999');
