import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { Arrival } from '../ingest/event.ts';
import { classifySource } from '../sources/classify.ts';

const ownHosts = new Set(['shop.test', 'go.test']);
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
afterEach(async () => {
  await assertSound(context, people.workspace);
});

function page(
  at: number,
  path = '/',
  referrer?: string,
  clickId?: string,
  who = 'device:1',
): Sighting {
  const url = `https://shop.test${path}`;
  const arrival: Arrival = {
    source: classifySource({ url, referrer, ownHosts, landing: true }),
    ...(clickId === undefined ? {} : { clickId }),
  };
  return {
    who,
    at,
    type: 'pageview',
    more: { url, arrival, ...(referrer === undefined ? {} : { referrer }) },
  };
}

function click(at: number, who = 'device:go'): Sighting {
  const source = {
    kind: 'campaign',
    source: 'go.test',
    confidence: 'certain',
    rule: 'own_link',
  } as const;
  return {
    who,
    at,
    type: 'link_click',
    more: { linkId: context.createId(noon), arrival: { source } },
  };
}

/** One by one, in the order given. */
async function view(...pages: readonly Sighting[]): Promise<string[]> {
  const ids: string[] = [];
  for (const each of pages) ids.push((await people.see(each.who, each.at, each)).eventId);
  return ids;
}

/** The visits as minutes of their events, oldest first; and the kinds of their touches. */
async function visits(): Promise<number[][]> {
  const rows = await context.database.run<{ session_id: string; at: Date }>(
    {
      name: '',
      text: 'select session_id, occurred_at as at from headwater.event where workspace_id = $1 and session_id is not null order by occurred_at, id',
    },
    [people.workspace.id],
  );
  const grouped = Map.groupBy(rows, (row) => row.session_id);
  return [...grouped.values()].map((events) =>
    events.map((event) => (event.at.getTime() - noon) / 60_000),
  );
}

async function touches(): Promise<Array<string | null>> {
  const rows = await context.database.run<{ kind: string; source: string | null }>(
    {
      name: '',
      text: 'select kind, source from headwater.touch where workspace_id = $1 order by occurred_at, id',
    },
    [people.workspace.id],
  );
  return rows.map((row) => (row.source === null ? row.kind : `${row.kind} ${row.source}`));
}

describe('a visit', () => {
  it('ends after 30 minutes without an event', async () => {
    await view(page(0), page(29), page(59), page(90));
    expect(await visits()).toEqual([[0, 29, 59], [90]]);
  });

  it('begins anew with another campaign, and each one is a touch', async () => {
    await view(
      page(0, '/?utm_source=google'),
      page(1, '/?utm_source=newsletter'),
      page(2, '/?gclid=abc'),
    );
    expect(await visits()).toEqual([[0], [1], [2]]);
    expect(await touches()).toEqual(['campaign google', 'campaign newsletter', 'campaign google']);
  });

  it('goes on over the own site, a payment provider and a reload of its landing', async () => {
    await view(
      page(0, '/?utm_source=google&gclid=abc'),
      page(1, '/?utm_source=google&gclid=abc'),
      page(2, '/cart', 'https://shop.test/'),
      page(5, '/thanks', 'https://checkout.stripe.com/'),
      page(6, '/', 'https://www.paypal.com/'),
    );
    expect(await visits()).toEqual([[0, 1, 2, 5, 6]]);
    expect(await touches()).toEqual(['campaign google']);
  });

  it('that a payment provider leads back to after an hour has no touch', async () => {
    await view(page(0, '/?utm_source=google'), page(90, '/thanks', 'https://checkout.stripe.com/'));
    expect(await visits()).toEqual([[0], [90]]);
    expect(await touches()).toEqual(['campaign google']);
  });

  it('is one for a device and another for the next, also of one person', async () => {
    await people.see('user:ann device:1 mail:ann', 0, { type: 'pageview' });
    await people.see('user:ann device:2', 1, { type: 'pageview' });
    expect(await visits()).toEqual([[0], [1]]);
  });

  it('of a person whom only the host names happens on that person', async () => {
    await people.see('user:ann', 0);
    await people.see('user:ann', 1, { ...page(1, '/?utm_source=google'), who: 'user:ann' });
    expect(await touches()).toEqual(['campaign google']);
    expect(await visits()).toEqual([[1]]);
  });

  it('ends where somebody else logs in on the device, and theirs goes on', async () => {
    await people.see('user:ann device:1', 0, { type: 'pageview' });
    await people.see('user:bob device:1', 1);
    await people.see('device:1', 2, { type: 'pageview' });
    expect(await visits()).toEqual([[0], [1, 2]]);
  });
});

describe('a late event', () => {
  it('belongs to the earlier visit that was going on', async () => {
    await view(page(0), page(20), page(600), page(610), page(10), page(-5), page(45));
    expect(await visits()).toEqual([
      [-5, 0, 10, 20, 45],
      [600, 610],
    ]);
  });

  it('belongs to the visit before a campaign, and not to what the campaign opened', async () => {
    await view(
      page(0, '/?utm_source=google'),
      page(20, '/?utm_source=newsletter'),
      page(10, '/shoes', 'https://shop.test/'),
    );
    expect(await visits()).toEqual([[0, 10], [20]]);
  });

  it('makes a visit of its own where there was none, and leaves the one that is going on', async () => {
    await view(page(0), page(-3 * day, '/?utm_source=google'), page(5));
    expect(await visits()).toEqual([[-3 * day], [0, 5]]);
    expect(await touches()).toEqual(['campaign google', 'direct direct']);
  });

  it('that came a moment before belongs to the visit that is going on', async () => {
    await view(page(10), page(9), page(11));
    expect(await visits()).toEqual([[9, 10, 11]]);
  });

  it('of a campaign a moment before is a visit of its own, and its touch is kept', async () => {
    await view(page(10, '/cart', 'https://shop.test/'), page(9, '/?utm_source=google'), page(11));
    expect(await touches()).toEqual(['campaign google']);
  });

  it('of a campaign within an earlier visit has a visit and a touch of its own', async () => {
    await view(page(0), page(20), page(600), page(10, '/?utm_source=google'));
    expect(await visits()).toEqual([[0, 20], [10], [600]]);
    expect(await touches()).toEqual(['direct direct', 'campaign google', 'direct direct']);
  });

  it('of the campaign that brought an earlier visit belongs to it', async () => {
    await view(page(0, '/?utm_source=google'), page(600), page(5, '/?utm_source=google'));
    expect(await visits()).toEqual([[0, 5], [600]]);
    expect(await touches()).toEqual(['campaign google', 'direct direct']);
  });

  it('of a campaign within the visit that is going on does not end it early', async () => {
    await view(page(0), page(25), page(5, '/?utm_source=google'), page(50));
    expect(await visits()).toEqual([
      [0, 25],
      [5, 50],
    ]);
  });

  it('comes in a batch in any order', async () => {
    const batch = [
      page(100),
      page(0, '/?utm_source=google'),
      page(20),
      page(-500),
      page(110),
      page(10),
    ];
    await people.seeTogether(batch);
    expect(await visits()).toEqual([[-500], [0, 10, 20], [100, 110]]);
  });
});

describe('a click and its landing', () => {
  it('are one visit with one touch where host and site are one device', async () => {
    const [id] = await view(click(0, 'device:1'));
    await view(
      page(1, '/?utm_source=go.test', undefined, id),
      page(2, '/cart', 'https://shop.test/'),
    );
    expect(await visits()).toEqual([[0, 1, 2]]);
    expect(await touches()).toEqual(['click go.test']);
  });

  it('are one visit with one touch where host and site are two visitors', async () => {
    const [id] = await view(click(0));
    await view(
      page(1, '/', undefined, id),
      page(2, '/cart', 'https://shop.test/'),
      page(3, '/', undefined, id),
    );
    expect(await visits()).toEqual([[0, 1, 2, 3]]);
    expect(await touches()).toEqual(['click go.test']);
  });

  it('are one visit also where the landing says it was before the click', async () => {
    const [id] = await view(click(1));
    await view(page(0, '/', undefined, id), page(2));
    expect(await visits()).toEqual([[0, 1, 2]]);
  });

  it('that comes to light when the device is on its next visit leaves that one alone', async () => {
    const [id] = await view(click(0));
    await view(page(300, '/news'), page(1, '/', undefined, id), page(320));
    expect(await visits()).toEqual([
      [0, 1],
      [300, 320],
    ]);
    expect(await touches()).toEqual(['click go.test', 'direct direct']);
  });

  it('that was handed on is a visit of its own, and a touch of the same link', async () => {
    const [id] = await view(click(0));
    await view(page(1, '/', undefined, id), page(5, '/', undefined, id, 'device:friend'));
    expect(await visits()).toEqual([[0, 1], [5]]);
    expect(await touches()).toEqual(['click go.test', 'campaign go.test']);
  });

  it('of two customers do not share a visit', async () => {
    await people.see('user:ann device:go', -100);
    await people.see('user:bob device:1', -100);
    const [id] = await view(click(0));
    await view(page(1, '/', undefined, id));
    expect((await visits()).filter(([first]) => first! >= 0)).toEqual([[0], [1]]);
    expect(await touches()).toEqual(['click go.test', 'campaign go.test']);
  });
});
