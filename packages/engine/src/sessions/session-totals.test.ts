import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { EventType, IncomingEvent } from '../ingest/event.ts';
import { classifySource } from '../sources/classify.ts';
import { undoMerge } from '../visitors/undo-merge.ts';
import { sessionTotals } from './session-totals.ts';

interface Totals {
  from: number;
  seconds: number;
  events: number;
  pageviews: number;
  engaged_ms: bigint;
  conversions: number;
  entry: string | null;
  exit: string | null;
  bounced: boolean;
  engaged: boolean;
}

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
});
afterEach(async () => {
  await assertSound(context, people.workspace);
});

/** Oldest first; `from` in minutes after noon. */
function totals(): Promise<Totals[]> {
  return context.database.run<Totals>(
    {
      name: '',
      text: `select extract(epoch from started_at - to_timestamp(${noon / 1000}))::float8 / 60 as from,
  extract(epoch from last_event_at - started_at)::int as seconds, events, pageviews, engaged_ms, conversions,
  replace(entry_url, 'https://shop.test', '') as entry, replace(exit_url, 'https://shop.test', '') as exit, bounced, engaged
from ${sessionTotals('headwater')} s where workspace_id = $1 order by started_at`,
    },
    [people.workspace.id],
  );
}

function does(type: EventType, at: number, more: Partial<IncomingEvent> = {}): Sighting {
  return { who: 'device:1', at, type, more };
}

function page(at: number, path: string, who = 'device:1', clickId?: string): Sighting {
  const url = `https://shop.test${path}`;
  const source = classifySource({ url, ownHosts: new Set(['shop.test']), landing: true });
  return {
    who,
    at,
    type: 'pageview',
    more: { url, arrival: { source, ...(clickId !== undefined && { clickId }) } },
  };
}

function reads(at: number, seconds: number, who = 'device:1'): Sighting {
  return { who, at, type: 'engagement', more: { properties: { engaged_ms: seconds * 1_000 } } };
}

/** One by one, in the order given. */
async function happen(...sightings: readonly Sighting[]): Promise<string[]> {
  const ids: string[] = [];
  for (const each of sightings) ids.push((await people.see(each.who, each.at, each)).eventId);
  return ids;
}

describe('a visit', () => {
  it('has the page it began on and the page it ended on, its counts and its duration', async () => {
    await happen(page(0, '/'), page(1, '/shoes'), reads(2, 7), page(3, '/cart'));
    expect(await totals()).toEqual([
      {
        from: 0,
        seconds: 180,
        events: 4,
        pageviews: 3,
        engaged_ms: 7_000n,
        conversions: 0,
        entry: '/',
        exit: '/cart',
        bounced: false,
        engaged: true,
      },
    ]);
  });

  it('of one page is a bounce, however long it was read', async () => {
    await happen(page(0, '/'), reads(5, 9));
    expect(await totals()).toMatchObject([{ bounced: true, engaged: false, seconds: 300 }]);
    await happen(reads(6, 1));
    expect(await totals()).toMatchObject([{ bounced: true, engaged: true, seconds: 360 }]);
  });

  it('of two pages is no bounce, and engaged', async () => {
    await happen(page(0, '/'), page(0.5, '/shoes'));
    expect(await totals()).toMatchObject([{ bounced: false, engaged: true, seconds: 30 }]);
  });

  it.each(['identify', 'share', 'custom', 'redemption'] as const)(
    'of one page and a %s is no bounce, and not engaged by it',
    async (type) => {
      await happen(page(0, '/'), does(type, 1));
      expect(await totals()).toMatchObject([{ bounced: false, engaged: false }]);
    },
  );

  it.each(['lead', 'sale', 'registration'] as const)(
    'that begins with a %s is no bounce, engaged, and has a conversion',
    async (type) => {
      await happen(does(type, 0));
      expect(await totals()).toMatchObject([{ bounced: false, engaged: true, conversions: 1 }]);
    },
  );

  it.each(['session_start', 'api_request'] as const)('of a %s stays a bounce', async (type) => {
    await happen(does(type, 0));
    expect(await totals()).toMatchObject([{ bounced: true, engaged: false, pageviews: 0 }]);
  });

  it('counts half an hour of one report of engagement at most, and nothing that is no time', async () => {
    await happen(
      page(0, '/'),
      reads(1, 9_999_999),
      does('engagement', 2, { properties: { engaged_ms: -5 } }),
      does('engagement', 3, { properties: { engaged_ms: 'long' } }),
      does('engagement', 4),
    );
    expect(await totals()).toMatchObject([{ engaged_ms: 1_800_000n, events: 5 }]);
  });

  it('is never begun by a report of engagement, which is kept without a visit', async () => {
    await happen(reads(0, 5), page(1, '/'), reads(32, 5), reads(-500, 5));
    expect(await totals()).toMatchObject([{ from: 1, events: 1, engaged_ms: 0n }]);
    await happen(reads(31, 12));
    expect(await totals()).toMatchObject([{ events: 2, engaged_ms: 12_000n, seconds: 1_800 }]);
  });

  it('has the same measures in whatever order its events come', async () => {
    const events = [page(0, '/'), page(1, '/a'), reads(2, 4), page(3, '/b'), does('sale', 4)];
    const whole = {
      seconds: 240,
      pageviews: 3,
      events: 5,
      engaged_ms: 4_000n,
      conversions: 1,
      entry: '/',
      exit: '/b',
    };
    for (const order of [
      [1, 3, 2, 0, 4],
      [3, 4, 1, 0, 2],
      [4, 0, 3, 1, 2],
    ]) {
      people = await openNewPeople(context);
      await happen(...order.map((index) => events[index]!));
      expect(await totals()).toMatchObject([whole]);
    }
  });

  it('has all of it where its events come at once', async () => {
    await people.seeTogether([...Array(8).keys()].map((index) => page(index / 60, `/${index}`)));
    expect(await totals()).toMatchObject([{ pageviews: 8, entry: '/0', exit: '/7', seconds: 7 }]);
  });

  it('that is over keeps its measures, and what comes late is added', async () => {
    await happen(page(0, '/'), reads(1, 5), page(100, '/again'), reads(2, 6), page(3, '/late'));
    expect(await totals()).toMatchObject([
      { from: 0, events: 4, engaged_ms: 11_000n, exit: '/late', pageviews: 2, seconds: 180 },
      { from: 100, events: 1, exit: '/again' },
    ]);
  });
});

describe('a visit that begins with a click', () => {
  const click = (at: number, who = 'device:go'): Sighting => ({
    who,
    at,
    type: 'link_click',
    more: {
      linkId: context.createId(noon),
      arrival: { source: { kind: 'campaign', confidence: 'certain', rule: 'own_link' } },
    },
  });

  it('and has no page is no bounce: what the link led to is not ours', async () => {
    await happen(click(0));
    expect(await totals()).toMatchObject([{ bounced: false, engaged: false, pageviews: 0 }]);
  });

  it('counts each further click, without another write of its session', async () => {
    const sessions = (): Promise<unknown[]> =>
      context.database.run(
        { name: '', text: 'select xmin::text, * from headwater.session where workspace_id = $1' },
        [people.workspace.id],
      );
    await happen(click(0), click(1));
    const row = await sessions();
    await happen(click(2), click(3));
    expect(await sessions()).toEqual(row);
    const visit = { events: 4, seconds: 180, bounced: false };
    expect(await totals()).toMatchObject([visit]);
    await happen(click(60));
    expect(await totals()).toMatchObject([visit, { events: 1, bounced: false }]);
  });

  it('keeps what happened since then when the landing of an earlier click comes', async () => {
    const [id] = await happen(click(0, 'device:1'), click(1, 'device:1'));
    await happen(page(2, '/', 'device:1', id));
    expect(await totals()).toMatchObject([{ events: 3, pageviews: 1, seconds: 120 }]);
  });

  it('and one page is a bounce', async () => {
    const [id] = await happen(click(0));
    await happen(page(1, '/', 'device:1', id));
    expect(await totals()).toMatchObject([
      { from: 0, bounced: true, events: 2, entry: '/', exit: '/' },
    ]);
  });

  it('adds up what both of its devices did, also when the merge is undone', async () => {
    const [id] = await happen(click(0));
    await happen(page(1, '/', 'device:1', id), page(2, '/cart'), reads(3, 8));
    const whole = [
      { from: 0, events: 4, pageviews: 2, engaged_ms: 8_000n, exit: '/cart', seconds: 180 },
    ];
    expect(await totals()).toMatchObject(whole);
    const [merge] = await context.database.run<{ id: string }>(
      { name: '', text: 'select id from headwater.merge where workspace_id = $1' },
      [people.workspace.id],
    );
    expect(await undoMerge(context, people.workspace, merge!.id)).toMatchObject({ ok: true });
    expect(await totals()).toMatchObject(whole);
  });
});

describe('two people who turn out to be one', () => {
  it('keep the visits of their devices as they were', async () => {
    await happen(page(0, '/'), page(1, '/a'), page(0, '/phone', 'device:2'));
    const before = await totals();
    await happen({ who: 'device:1 device:2 user:ann', at: 2, type: 'lead' });
    expect((await totals()).map(({ from, entry, pageviews }) => [from, entry, pageviews])).toEqual(
      before.map(({ from, entry, pageviews }) => [from, entry, pageviews]),
    );
    expect((await totals()).reduce((sum, visit) => sum + visit.conversions, 0)).toBe(1);
  });
});
