import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';

const day = 24 * 60;

let context: TestContext;
let people: People;
let link: string;
let otherLink: string;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
  [link, otherLink] = [context.createId(noon), context.createId(noon)];
});
afterEach(async () => {
  await assertSound(context, people.workspace);
});

const certain = { confidence: 'certain', rule: 'test' } as const;

function click(who: string, at: number, linkId = link): Promise<unknown> {
  return people.see(who, at, {
    type: 'link_click',
    more: { linkId, arrival: { source: { ...certain, kind: 'campaign', source: 'link' } } },
  });
}

function arrive(
  who: string,
  at: number,
  kind: 'campaign' | 'referrer' | 'direct',
  source: string,
): Promise<unknown> {
  return people.see(who, at, {
    type: 'pageview',
    more: { arrival: { source: { ...certain, kind, source } } },
  });
}

function buy(
  who: string,
  at: number,
  amountMinor = '4900',
  currency = 'EUR',
  more: Partial<Sighting> = {},
) {
  return people.see(who, at, { type: 'sale', ...more, more: { amountMinor, currency } });
}

function refund(
  who: string,
  at: number,
  amountMinor: string | undefined,
  properties: Readonly<Record<string, unknown>> = {},
) {
  return people.see(who, at, {
    type: 'refund',
    more: { ...(amountMinor !== undefined && { amountMinor, currency: 'EUR' }), properties },
  });
}

/** The touches that each conversion is tied to, in the order of the conversions: by their source, and by their link. */
async function credits(): Promise<Array<readonly [source: string | null, byLink: boolean]>> {
  const rows = await context.database.run<{ source: string | null; link_id: string | null }>(
    {
      name: '',
      text: `select t.source, c.link_id from headwater.conversion c
left join headwater.touch t on t.workspace_id = c.workspace_id and t.id = c.touch_id
where c.workspace_id = $1 order by c.occurred_at, c.id`,
    },
    [people.workspace.id],
  );
  return rows.map((row) => [row.source, row.link_id !== null] as const);
}

/** Clicks, leads, sales and the revenue by currency. */
async function statsOf(linkId: string): Promise<Readonly<Record<string, number>>> {
  const [counter] = await context.database.run<Record<string, unknown>>(
    {
      name: '',
      text: 'select clicks, leads, sales from headwater.link_counter where workspace_id = $1 and link_id = $2',
    },
    [people.workspace.id, linkId],
  );
  const revenue = await context.database.run<{ currency: string; amount_minor: bigint }>(
    {
      name: '',
      text: 'select currency, amount_minor from headwater.link_revenue where workspace_id = $1 and link_id = $2 and amount_minor <> 0',
    },
    [people.workspace.id, linkId],
  );
  return Object.fromEntries(
    [
      ...Object.entries(counter ?? {}),
      ...revenue.map((row) => [row.currency, row.amount_minor] as const),
    ].map(([name, number]) => [name, Number(number)]),
  );
}

/** What each refund and removal takes back, in the order of time. */
async function tiesByTime(): Promise<Array<string | null>> {
  const rows = await context.database.run<{ reverses_id: string | null }>(
    {
      name: '',
      text: `select reverses_id from headwater.conversion
where workspace_id = $1 and type in ('refund', 'removal') order by occurred_at, id`,
    },
    [people.workspace.id],
  );
  return rows.map((row) => row.reverses_id);
}

describe('a sale', () => {
  it('is earned by the last touch that is not direct, and by the last link', async () => {
    await click('device:1', 0);
    await arrive('device:1', day, 'campaign', 'newsletter');
    await arrive('device:1', 2 * day, 'direct', 'direct');
    await buy('device:1', 2 * day + 1);
    expect(await credits()).toEqual([['newsletter', true]]);
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 1, EUR: 4_900 });
  });

  it('is earned by a direct visit only where there is nothing else', async () => {
    await arrive('device:1', 0, 'direct', 'direct');
    await buy('device:1', 1);
    expect(await credits()).toEqual([['direct', false]]);
    await arrive('device:1', -60 * day, 'referrer', 'blog.test');
    expect(await credits()).toEqual([['blog.test', false]]);
  });

  it('is earned by nothing where nobody came by anything', async () => {
    await buy('user:ann', 0);
    expect(await credits()).toEqual([[null, false]]);
  });

  it('is not earned by what came after it', async () => {
    await click('device:1', 0);
    await buy('device:1', 10);
    await click('device:1', 11, otherLink);
    expect(await statsOf(link)).toMatchObject({ sales: 1 });
    expect(await statsOf(otherLink)).toEqual({ clicks: 1, leads: 0, sales: 0 });
  });

  it('may be earned by a touch of the same moment', async () => {
    await click('device:1', 0);
    await buy('device:1', 0);
    expect(await statsOf(link)).toMatchObject({ sales: 1 });
  });

  it('is earned by what lies less than 90 days back', async () => {
    await click('device:1', 0);
    await buy('device:1', 90 * day - 1);
    await buy('device:1', 90 * day);
    expect(await credits()).toEqual([
      ['link', true],
      [null, false],
    ]);
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 4_900 });
  });

  it('counts in its own currency, and a lead counts without one', async () => {
    await click('device:1', 0);
    await buy('device:1', 1, '4900', 'EUR');
    await buy('device:1', 2, '500', 'JPY');
    await buy('device:1', 3, '1000', 'EUR');
    await people.see('device:1', 4, { type: 'sale' });
    await people.see('device:1', 5, { type: 'lead', more: { amountMinor: '77', currency: 'EUR' } });
    await people.see('device:1', 6, { type: 'registration' });
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 1, sales: 4, EUR: 5_900, JPY: 500 });
    const { visitors } = orThrow(await people.hw.visitors.list());
    expect(visitors[0]!.lifetimeValue).toEqual([
      { currency: 'EUR', amountMinor: 5_900n },
      { currency: 'JPY', amountMinor: 500n },
    ]);
  });

  it('keeps every minor unit of large amounts', async () => {
    await click('device:1', 0);
    await buy('device:1', 1, '999999999999999');
    await buy('device:1', 2, '1');
    expect(await statsOf(link)).toMatchObject({ EUR: 1_000_000_000_000_000 });
  });

  it('that is taken back leaves the customer less, and the link', async () => {
    await click('device:1', 0);
    await buy('device:1', 1);
    await refund('device:1', 2, '900');
    const { visitors } = orThrow(await people.hw.visitors.list());
    expect(visitors[0]).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ currency: 'EUR', amountMinor: 4_000n }],
    });
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 1, EUR: 4_000 });
  });
});

describe('a refund', () => {
  it('takes from the latest sale of its person that has so much left, in its currency', async () => {
    await click('device:1', 0);
    await buy('device:1', 1, '5000');
    await click('device:1', 2, otherLink);
    await buy('device:1', 3, '1000');
    await buy('device:1', 4, '9000', 'JPY');
    await refund('device:1', 5, '800');
    await refund('device:1', 6, '300');
    expect(await statsOf(otherLink)).toMatchObject({ sales: 2, EUR: 200, JPY: 9_000 });
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 4_700 });
  });

  it('takes from the sale that it names, by key or by id, whoever else bought', async () => {
    await click('device:1', 0);
    const { eventId } = await people.see('device:1', 1, {
      type: 'sale',
      more: { amountMinor: '5000', currency: 'EUR' },
    });
    const key = context.createId(noon);
    await people.see('device:1', 2, {
      type: 'sale',
      more: { key, amountMinor: '7000', currency: 'EUR' },
    });
    await refund('user:support', 3, '100', { refund_of: eventId });
    await refund('user:support', 4, '1000', { refund_of: key });
    expect(await statsOf(link)).toMatchObject({ sales: 2, EUR: 10_900 });
  });

  it('removes a sale once, however often that is told', async () => {
    await click('device:1', 0);
    const { eventId } = await people.see('device:1', 1, {
      type: 'sale',
      more: { amountMinor: '5000', currency: 'EUR' },
    });
    await buy('device:1', 2, '700');
    await refund('user:support', 3, undefined, { refund_of: eventId });
    await refund('user:support', 4, undefined, { refund_of: eventId });
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 700 });
  });

  it('that comes before its sale waits for it', async () => {
    await click('device:1', 0);
    const key = context.createId(noon);
    await refund('user:support', 9, '1000', { refund_of: key });
    await refund('device:1', 10, '500');
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 0 });
    await people.see('device:1', 5, {
      type: 'sale',
      more: { key, amountMinor: '7000', currency: 'EUR' },
    });
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 5_500 });
  });

  it('without an amount removes the conversion, with what is left of it', async () => {
    await click('device:1', 0);
    await people.see('device:1', 1, { type: 'lead' });
    await buy('device:1', 2, '5000');
    await refund('device:1', 3, '2000');
    await refund('device:1', 4, undefined);
    await refund('device:1', 5, undefined, { refund_of_type: 'lead' });
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 0 });
    const { visitors } = orThrow(await people.hw.visitors.list());
    expect(visitors[0]?.lifetimeValue).toEqual([{ currency: 'EUR', amountMinor: 0n }]);
  });

  it('follows its sale to another link, with merges and their undo', async () => {
    await click('device:phone', 0);
    await people.see('user:ann device:laptop', 10);
    await buy('user:ann', 20, '4900');
    await refund('user:ann', 25, '900');
    expect(await statsOf(link)).toMatchObject({ sales: 0 });
    const login = await people.see('user:ann device:phone', 30);
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 4_000 });
    await click('device:phone', 15, otherLink);
    expect(await statsOf(otherLink)).toMatchObject({ sales: 1, EUR: 4_000 });
    const evidence = orThrow(await people.hw.visitors.evidence(login.personId!));
    const merge = evidence.merges.find(({ eventId }) => eventId === login.eventId);
    orThrow(await people.hw.visitors.undoMerge(merge!.id));
    expect(await statsOf(otherLink)).toEqual({ clicks: 1, leads: 0, sales: 0 });
  });

  it('stays where it was when somebody else takes back from the same sale, as far as there is something', async () => {
    await click('device:1', 0);
    await buy('device:1', 1, '9000', 'EUR');
    const { eventId } = await buy('device:1', 2, '10000');
    await refund('device:1', 3, '8000');
    await refund('user:shop', 4, '5000', { refund_of: eventId });
    await refund('user:shop', 5, '2000', { refund_of: eventId });
    const stats = { clicks: 1, leads: 0, sales: 2, EUR: 9_000 };
    expect(await statsOf(link)).toEqual(stats);
    const tied = await tiesByTime();
    expect(tied).toEqual([eventId, null, eventId]);
    // Everything of the person is looked at again.
    await refund('device:1', 6, '0');
    expect(await statsOf(link)).toEqual(stats);
    expect((await tiesByTime()).slice(0, 3)).toEqual(tied);
  });

  it('of a whole conversion takes it from the link once, whoever says so again', async () => {
    await click('device:1', 0);
    const { eventId } = await buy('device:1', 1);
    await refund('device:1', 2, undefined, { refund_of: eventId });
    await refund('user:shop', 3, undefined, { refund_of: eventId });
    await refund('device:1', 4, undefined, { refund_of: eventId });
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 0 });
  });

  it('of another currency than its sale takes nothing from the link', async () => {
    await click('device:1', 0);
    const { eventId } = await people.see('device:1', 1, {
      type: 'sale',
      more: { amountMinor: '5000', currency: 'EUR' },
    });
    await people.see('device:1', 2, {
      type: 'refund',
      more: { amountMinor: '10', currency: 'JPY', properties: { refund_of: eventId } },
    });
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 1, EUR: 5_000 });
  });
});

describe('credit moves', () => {
  it('to a click that is told after the sale it brought', async () => {
    await click('device:1', 0, otherLink);
    await buy('device:1', 100);
    await buy('device:1', 200);
    expect(await statsOf(otherLink)).toMatchObject({ sales: 2, EUR: 9_800 });
    await click('device:1', 150);
    expect(await statsOf(otherLink)).toMatchObject({ sales: 1, EUR: 4_900 });
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 4_900 });
  });

  it('also where click and sale come in one batch, whichever is first', async () => {
    const source = { ...certain, kind: 'campaign', source: 'link' } as const;
    await people.seeTogether([
      { who: 'device:1', at: 10, type: 'sale', more: { amountMinor: '100', currency: 'EUR' } },
      { who: 'device:1', at: 5, type: 'link_click', more: { linkId: link, arrival: { source } } },
    ]);
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 1, EUR: 100 });
  });

  it('with a merge that brings the click of another device, and back with its undo', async () => {
    await click('device:phone', 0);
    await people.see('user:ann device:laptop', 10);
    await buy('user:ann', 20);
    expect(await statsOf(link)).toMatchObject({ sales: 0 });

    const login = await people.see('user:ann device:phone', 30);
    expect(await statsOf(link)).toMatchObject({ sales: 1, EUR: 4_900 });

    const evidence = orThrow(await people.hw.visitors.evidence(login.personId!));
    const merge = evidence.merges.find(({ eventId }) => eventId === login.eventId);
    orThrow(await people.hw.visitors.undoMerge(merge!.id));
    expect(await statsOf(link)).toEqual({ clicks: 1, leads: 0, sales: 0 });
  });

  it('with a merge of two who both bought: each sale to the last click before it', async () => {
    await click('mail:a', 0);
    await buy('mail:a', 10);
    await click('mail:b', 20, otherLink);
    await buy('mail:b', 30);
    await buy('mail:a', 40);
    await people.see('mail:a mail:b', 50);
    expect(await statsOf(link)).toMatchObject({ sales: 1 });
    expect(await statsOf(otherLink)).toMatchObject({ sales: 2 });
  });

  it("to a late touch after a merge, although the newest sale is the merged one's", async () => {
    await people.see('mail:a', 0);
    await people.see('mail:b', 1);
    await buy('mail:b', 100);
    await people.see('mail:a mail:b', 110);
    await click('mail:a', 90);
    expect(await statsOf(link)).toMatchObject({ sales: 1 });
  });

  it('with a rebuild that joins people otherwise', async () => {
    await people.see('user:bob device:till', 10);
    // It happened before bob's login: canonically the device, and its click, are ann's.
    await click('device:till', 1);
    await people.see('user:ann device:till', 2);
    await buy('user:ann', 20);
    await buy('user:bob', 30);
    await people.hw.visitors.rebuild();
    expect(await credits()).toEqual([
      ['link', true],
      [null, false],
    ]);
    expect(await statsOf(link)).toMatchObject({ sales: 1 });
  });
});
