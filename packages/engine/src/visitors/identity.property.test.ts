import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc, propertySeed } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { findBroken } from '../../../../test/support/invariants.ts';
import { openNewPeople, openPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { Context } from '../context.ts';
import { rebuildIdentities } from './rebuild-identities.ts';
import { undoMerge } from './undo-merge.ts';

const runs = 12;
const timeLimit = 10_000 + runs * 1_000;
// A failure is made small for as long as there is time.
const parameters = { numRuns: runs, interruptAfterTimeLimit: timeLimit };
const timeout = timeLimit + 10_000;

const links = ['0198a2d4-0000-7000-8000-000000000001', '0198a2d4-0000-7000-8000-000000000002'];

/** No more values of a kind than one person may have, and no external id: nothing can be refused. */
const joinable = [
  'mail:a',
  'mail:b',
  'mail:c',
  'mail:d',
  'phone:+4930111',
  'phone:+4930222',
  'device:1',
  'device:2',
  'device:3',
  'device:4',
  'app:1',
  'app:2',
  'crm:1',
  'crm:2',
];
/** People with external ids who share devices, and more emails than one person may have. */
const contested = [
  'user:ann',
  'user:bob',
  'user:cid',
  'user:dan',
  'device:1',
  'device:2',
  'device:3',
  'app:1',
  'mail:a',
  'mail:b',
  'mail:c',
  'mail:d',
  'mail:e',
  'mail:f',
  'mail:g',
  'phone:+4930111',
];

function sightings(names: readonly string[], length: number): fc.Arbitrary<Sighting[]> {
  const campaign = {
    kind: 'campaign',
    source: 'google',
    medium: 'cpc',
    confidence: 'certain',
    rule: 'utm',
  } as const;
  const sighting = fc
    .record({
      id: fc.uuid({ version: 7 }),
      who: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      // Often at the same minute, often within one visit, sometimes days apart.
      at: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -60 * 24 * 60, max: 0 })),
      type: fc.constantFrom('identify', 'pageview', 'link_click', 'lead', 'sale'),
      link: fc.constantFrom(...links),
      amount: fc.integer({ min: 0, max: 9_999 }),
      currency: fc.constantFrom('EUR', 'JPY'),
      arrives: fc.boolean(),
    })
    .map(({ who, link, amount, currency, arrives, ...rest }): Sighting => ({
      ...rest,
      who: who.join(' '),
      more: {
        ...(rest.type === 'link_click' ? { linkId: link } : {}),
        ...(rest.type === 'sale' ? { amountMinor: String(amount), currency } : {}),
        ...(rest.type === 'link_click' || (rest.type === 'pageview' && arrives)
          ? { arrival: { source: campaign } }
          : {}),
      },
    }));
  return fc.uniqueArray(sighting, { minLength: 2, maxLength: length, selector: (item) => item.id });
}

/** An order and a cut into batches; `alone` submits one by one. */
interface Delivery {
  readonly order: readonly number[];
  readonly chunk: number;
  readonly engines: readonly number[];
}
const delivery: fc.Arbitrary<Delivery> = fc.record({
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  chunk: fc.constantFrom(1, 2, 5, 40),
  engines: fc.array(fc.nat({ max: 1 }), { minLength: 40, maxLength: 40 }),
});

async function deliver(
  engines: readonly People[],
  events: readonly Sighting[],
  how: Delivery,
): Promise<void> {
  const ordered = events
    .map((event, index) => ({ event, rank: how.order[index] ?? 0 }))
    .sort((left, right) => left.rank - right.rank);
  for (let start = 0; start < ordered.length; start += how.chunk) {
    const outcomes = await Promise.all(
      ordered.slice(start, start + how.chunk).map(async ({ event }, index) => {
        const people = engines[(how.engines[start + index] ?? 0) % engines.length]!;
        const [outcome] = await people.seeTogether([event]);
        return outcome!;
      }),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ outcome: 'accepted' });
  }
}

function inTime(events: readonly Sighting[]): Sighting[] {
  return [...events].sort((left, right) => left.at - right.at || (left.id! < right.id! ? -1 : 1));
}

const oneByOne: Delivery = { order: [...Array(40).keys()], chunk: 1, engines: [] };

/** One workspace, seen by each engine. */
async function freshPeople(contexts: readonly Context[]): Promise<People[]> {
  const { workspace } = await openNewPeople(contexts[0]!);
  return Promise.all(contexts.map((context) => openPeople(context, workspace)));
}

function namesOf(events: readonly Sighting[]): string[] {
  return events.flatMap((event) => event.who.split(' '));
}

/** What people are where everything that is named together is one person. */
function joinedByHand(events: readonly Sighting[]): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { who } of events) {
    const group = new Set(who.split(' '));
    for (const name of group) for (const other of groups.get(name) ?? []) group.add(other);
    for (const name of group) groups.set(name, group);
  }
  return [...new Set(groups.values())].map((group) => [...group].sort().join(' ')).sort();
}

describe.each(['pglite', 'postgres'] as const)(
  `the identity graph on %s (seed ${propertySeed})`,
  (size) => {
    let context: TestContext;
    let contexts: Context[];
    beforeAll(async () => {
      context = await openTestContext(size);
      contexts = size === 'postgres' ? [context, context.another()] : [context];
    }, 60_000);
    afterAll(() => context[Symbol.asyncDispose]());

    it(
      'makes the same people of the same events in any order and any batches',
      { timeout },
      async () => {
        await fc.assert(
          fc.asyncProperty(sightings(joinable, 16), delivery, async (events, how) => {
            const engines = await freshPeople(contexts);
            await deliver(engines, events, how);
            expect(await engines[0]!.partition(namesOf(events))).toEqual(joinedByHand(events));
            expect(await findBroken(context, engines[0]!.workspace)).toEqual([]);
          }),
          parameters,
        );
      },
    );

    it('leaves them as they are when they are rebuilt', { timeout }, async () => {
      await fc.assert(
        fc.asyncProperty(sightings(joinable, 16), delivery, async (events, how) => {
          const engines = await freshPeople(contexts);
          const { workspace, partition } = engines[0]!;
          await deliver(engines, events, how);
          await rebuildIdentities(context, workspace);
          expect(await partition(namesOf(events))).toEqual(joinedByHand(events));
          expect(await findBroken(context, workspace)).toEqual([]);
          expect(await rebuildIdentities(context, workspace)).toMatchObject({ moved: 0 });
        }),
        parameters,
      );
    });

    it(
      'makes the canonical people of a rebuild, whatever was refused on the way',
      { timeout },
      async () => {
        await fc.assert(
          fc.asyncProperty(sightings(contested, 24), delivery, async (events, how) => {
            const [canonical] = await freshPeople(contexts.slice(0, 1));
            await deliver([canonical!], inTime(events), oneByOne);
            const partition = await canonical!.partition(namesOf(events));
            expect(await findBroken(context, canonical!.workspace)).toEqual([]);
            await rebuildIdentities(context, canonical!.workspace);
            expect(await canonical!.partition(namesOf(events))).toEqual(partition);

            const engines = await freshPeople(contexts);
            const { workspace } = engines[0]!;
            await deliver(engines, events, how);
            expect(await findBroken(context, workspace)).toEqual([]);
            await rebuildIdentities(context, workspace);
            expect(await findBroken(context, workspace)).toEqual([]);
            expect(await engines[0]!.partition(namesOf(events))).toEqual(partition);
          }),
          parameters,
        );
      },
    );

    it('takes every merge back, as if there had been none', { timeout }, async () => {
      await fc.assert(
        fc.asyncProperty(sightings(contested, 16), delivery, async (events, how) => {
          const engines = await freshPeople(contexts);
          const { workspace, partition } = engines[0]!;
          await deliver(engines, events, how);
          await undoAll(context, engines[0]!);
          const names = namesOf(events);
          expect(await partition(names)).toEqual([...new Set(names)].sort());
          expect(await findBroken(context, workspace)).toEqual([]);

          await rebuildIdentities(context, workspace);
          expect(await findBroken(context, workspace)).toEqual([]);
        }),
        parameters,
      );
    });
  },
);

// Only PGlite has everything in one batch: where several may be on their way, they share what comes at once.
describe(`one batch of events (seed ${propertySeed})`, () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('makes the canonical people at once, as one by one in their order', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(sightings(contested, 24), async (events) => {
        const [single, batch] = [
          ...(await freshPeople([context])),
          ...(await freshPeople([context])),
        ];
        await deliver([single!], inTime(events), oneByOne);
        await deliver([batch!], events, { ...oneByOne, chunk: 40 });
        expect(await batch!.partition(namesOf(events))).toEqual(
          await single!.partition(namesOf(events)),
        );
      }),
      parameters,
    );
  });
});

/** The newest first; one that a later merge built on waits for its turn. */
async function undoAll(context: Context, { workspace }: People): Promise<void> {
  for (;;) {
    const rows = await context.database.run<{ id: string }>(
      {
        name: '',
        text: 'select id from headwater.merge where workspace_id = $1 and undone_at is null order by id desc',
      },
      [workspace.id],
    );
    if (rows.length === 0) return;
    const results = [];
    for (const { id } of rows) results.push(await undoMerge(context, workspace, id));
    expect(results.some((result) => result.ok)).toBe(true);
  }
}
