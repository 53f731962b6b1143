import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc, propertySeed } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { describeWorkspace } from '../../../../test/support/describe-workspace.ts';
import { findBroken } from '../../../../test/support/invariants.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { orThrow } from '../kernel/result.ts';
import { classifySource } from '../sources/classify.ts';
import { undoMerge } from '../visitors/undo-merge.ts';

const runs = 12;
const timeLimit = 20_000 + runs * 2_000;
const parameters = { numRuns: runs, interruptAfterTimeLimit: timeLimit };
const timeout = timeLimit + 20_000;

const links = ['0198a2d4-0000-7000-8000-000000000001', '0198a2d4-0000-7000-8000-000000000002'];
/** Nothing can be refused between these, so every order gives the same people. */
const joinable = ['mail:a', 'mail:b', 'device:1', 'device:2', 'device:3', 'app:1', 'crm:1'];
/** Customers who share devices. */
const contested = ['user:ann', 'user:bob', 'device:1', 'device:2', 'app:1', 'mail:a', 'mail:b'];
const addresses = [
  { url: 'https://shop.test/' },
  { url: 'https://shop.test/a', referrer: 'https://shop.test/' },
  { url: 'https://shop.test/b', referrer: 'https://shop.test/a' },
  { url: 'https://shop.test/?utm_source=google&utm_medium=cpc' },
  { url: 'https://shop.test/?utm_source=newsletter' },
  { url: 'https://shop.test/?gclid=abc' },
  { url: 'https://shop.test/c', referrer: 'https://blog.test/' },
  { url: 'https://shop.test/d', referrer: 'https://checkout.stripe.com/' },
];
const ownHosts = new Set(['shop.test']);

function sightings(names: readonly string[], length: number): fc.Arbitrary<Sighting[]> {
  const sighting = fc
    .record({
      id: fc.uuid({ version: 7 }),
      who: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2, size: '-1' }),
      // Within one visit, around its end, days apart; never two at the same moment.
      at: fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 150 }), weight: 4 },
        { arbitrary: fc.integer({ min: -3_000, max: 0 }), weight: 1 },
      ),
      moment: fc.integer({ min: 0, max: 59_999 }),
      type: fc.constantFrom(
        'pageview',
        'pageview',
        'pageview',
        'engagement',
        'identify',
        'link_click',
        'lead',
        'sale',
        'sale',
        'refund',
        'refund',
        'custom',
      ),
      address: fc.constantFrom(...addresses),
      link: fc.constantFrom(...links),
      amount: fc.integer({ min: 0, max: 9_999 }),
      hasKey: fc.boolean(),
    })
    .map(({ who, at, moment, address, link, amount, id, type, hasKey }): Sighting => ({
      id,
      type,
      at: at + moment / 60_000,
      who: who.join(' '),
      more: {
        ...(type === 'link_click' && {
          linkId: link,
          arrival: {
            source: {
              kind: 'campaign',
              source: link === links[0] ? 'one' : 'two',
              confidence: 'certain',
              rule: 'link.utm',
            },
          },
        }),
        ...(type === 'pageview' && {
          ...address,
          arrival: { source: classifySource({ ...address, ownHosts, landing: true }) },
        }),
        ...(type === 'engagement' && { properties: { engaged_ms: amount } }),
        ...((type === 'sale' || type === 'lead') && hasKey && { key: otherKeyOf(id) }),
        ...(type === 'sale' && { amountMinor: String(amount), currency: 'EUR' }),
        ...(type === 'refund' && { amountMinor: String(amount % 3_000), currency: 'EUR' }),
      },
    }));
  const events = fc.uniqueArray(sighting, {
    minLength: 10,
    maxLength: length,
    size: 'max',
    selector: ({ id, at }) => `${id} ${at}`,
    comparator: (left, right) =>
      left.slice(0, 36) === right.slice(0, 36) || left.slice(37) === right.slice(37),
  });
  const reversal = fc.record({
    of: fc.nat({ max: 1_000 }),
    names: fc.constantFrom('nothing', 'it', 'a lead'),
    takes: fc.constantFrom('some', 'all', 'the conversion'),
  });
  const reversals = fc.array(reversal, { minLength: length, maxLength: length });
  return fc.tuple(events, reversals).map(([all, choices]) => withReversals(all, choices));
}

function otherKeyOf(id: string): string {
  return `${id.slice(0, 14)}4${id.slice(15)}`;
}

interface ReversalChoice {
  readonly of: number;
  readonly names: 'nothing' | 'it' | 'a lead';
  readonly takes: 'some' | 'all' | 'the conversion';
}

/** Refunds take back what anybody bought or signed up for, earlier or later; by the key of its event where it has one. */
function withReversals(
  events: readonly Sighting[],
  choices: readonly ReversalChoice[],
): Sighting[] {
  const conversions = events.filter(({ type }) => type === 'sale' || type === 'lead');
  return events.map((event, index) => {
    if (event.type !== 'refund') return event;
    const { of, names, takes } = choices[index]!;
    const meant = conversions[of % Math.max(conversions.length, 1)];
    const { amountMinor, currency, ...more } = event.more!;
    const amount = takes === 'all' ? meant?.more?.amountMinor : amountMinor;
    return {
      ...event,
      more: {
        ...more,
        ...(takes !== 'the conversion' &&
          amount !== undefined && { amountMinor: amount, currency }),
        properties: {
          ...(names === 'it' && meant !== undefined && { refund_of: meant.more?.key ?? meant.id }),
          ...(names === 'a lead' && { refund_of_type: 'lead' }),
        },
      },
    };
  });
}

const delivery = fc.record({
  order: fc.array(fc.nat({ max: 1_000_000 }), { minLength: 40, maxLength: 40 }),
  chunk: fc.constantFrom(1, 2, 5, 40),
});

async function deliver(
  people: People,
  events: readonly Sighting[],
  { order, chunk }: { readonly order: readonly number[]; readonly chunk: number },
): Promise<void> {
  const ordered = events
    .map((event, index) => ({ event, rank: order[index] ?? 0 }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ event }) => event);
  for (let start = 0; start < ordered.length; start += chunk)
    for (const outcome of await people.seeTogether(ordered.slice(start, start + chunk)))
      expect(outcome).toMatchObject({ outcome: 'accepted' });
}

function inTime(events: readonly Sighting[]): Sighting[] {
  return events.toSorted((left, right) => left.at - right.at || (left.id! < right.id! ? -1 : 1));
}

/** Which page views land a click before them: the first use of its id, or a later one, in time or long after. */
const landings = fc.array(fc.option(fc.nat({ max: 1_000 })), { minLength: 40, maxLength: 40 });

function withLandings(
  events: readonly Sighting[],
  landing: ReadonlyArray<number | null>,
): Sighting[] {
  const clicks: string[] = [];
  return events.map((event, index) => {
    // People click and land in browsers; whoever names only a person keeps no device.
    if (!/device|app/.test(event.who)) return event;
    if (event.type === 'link_click') clicks.push(event.id!);
    const chosen = landing[index] ?? null;
    const arrival = event.more?.arrival;
    if (event.type !== 'pageview' || chosen === null || clicks.length === 0) return event;
    const clickId = clicks.at(-1 - (chosen % Math.min(clicks.length, 2)))!;
    return { ...event, more: { ...event.more, arrival: { ...arrival!, clickId } } };
  });
}

const oneByOne = { order: [...Array(40).keys()], chunk: 1 };

describe(`a rebuild (seed ${propertySeed})`, () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it.each([
    ['of people who may all be joined', joinable, landings],
    // On whose device a visit went on that began on another one is not always known afterwards.
    ['of customers who share devices', contested, fc.constant([])],
  ])(
    'changes nothing %s where events came in their order',
    { timeout },
    async (_, names, landed) => {
      await fc.assert(
        fc.asyncProperty(sightings(names, 30), landed, async (events, landing) => {
          const people = await openNewPeople(context);
          await deliver(people, withLandings(inTime(events), landing), oneByOne);
          const before = await dumpTables(context);
          const report = await people.hw.rebuild();
          expect(Object.values(report.changed).filter((count) => count > 0)).toEqual([]);
          expect(await dumpTables(context)).toEqual(before);
        }),
        parameters,
      );
    },
  );

  it('makes of any order and any batches what their order makes', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(sightings(joinable, 30), delivery, async (events, how) => {
        const [ordered, shuffled] = [await openNewPeople(context), await openNewPeople(context)];
        await deliver(ordered, inTime(events), oneByOne);
        await deliver(shuffled, events, how);
        await shuffled.hw.rebuild();
        expect(await findBroken(context, shuffled.workspace)).toEqual([]);
        const names = [...new Set(events.flatMap((event) => event.who.split(' ')))];
        const describeAll = (people: People) => describeWorkspace(context, people, names);
        expect(await describeAll(shuffled)).toEqual(await describeAll(ordered));
      }),
      parameters,
    );
  });

  it(
    'leaves everything sound, and changes nothing a second time, after undos and erasures',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          sightings(contested, 30),
          delivery,
          fc.array(fc.nat(), { maxLength: 2 }),
          fc.option(fc.constantFrom(...contested)),
          async (events, how, undone, erased) => {
            const people = await openNewPeople(context);
            await deliver(people, events, how);
            for (const index of undone) await undoOne(people, index);
            const person = erased === null ? undefined : await people.find(erased);
            if (person !== undefined)
              orThrow(await people.hw.privacy.forget({ visitorId: person.visitorId }));
            await people.hw.rebuild();
            // An erasure takes events out of what links and shared visits had counted.
            if (person === undefined)
              expect(await findBroken(context, people.workspace)).toEqual([]);
            const before = await dumpTables(context);
            const again = await people.hw.rebuild();
            expect(Object.values(again.changed).filter((count) => count > 0)).toEqual([]);
            expect(await dumpTables(context)).toEqual(before);
          },
        ),
        parameters,
      );
    },
    timeout,
  );

  async function undoOne({ workspace }: People, index: number): Promise<void> {
    const rows = await context.database.run<{ id: string }>(
      { name: '', text: 'select id from headwater.merge where workspace_id = $1 order by id' },
      [workspace.id],
    );
    if (rows.length > 0) await undoMerge(context, workspace, rows[index % rows.length]!.id);
  }
});
