import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople, openPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { digestOf, keyFromIdempotencyKey } from './event-key.ts';
import type { IncomingEvent, IngestOutcome } from './event.ts';

// Real PostgreSQL, and two engines that know nothing of each other.
let context: TestContext;
let contexts: readonly Context[];
let engines: readonly People[];
beforeAll(async () => {
  context = await openTestContext('postgres');
  contexts = [context, context.another()];
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  const { workspace } = await openNewPeople(context);
  engines = await Promise.all(contexts.map((each) => openPeople(each, workspace)));
});
afterEach(async () => {
  await assertSound(context, engines[0]!.workspace);
});

async function countRows(table: string): Promise<number> {
  const [row] = await context.database.run<{ count: number }>(
    {
      name: '',
      text: `select count(*)::int as count from headwater.${table} where workspace_id = $1`,
    },
    [engines[0]!.workspace.id],
  );
  return row!.count;
}

/** Event by event to the engines in turn; all of them at once. */
function submit(events: readonly IncomingEvent[]): Promise<IngestOutcome[]> {
  return Promise.all(
    events.map((event, index) => contexts[index % contexts.length]!.ingest.submit(event)),
  );
}

function seeAll(sightings: readonly Sighting[]): Promise<IngestOutcome[]> {
  return submit(sightings.map((sighting) => engines[0]!.incoming(sighting)));
}

function personsOf(outcomes: readonly IngestOutcome[]): Set<string | undefined> {
  return new Set(
    outcomes.map((outcome) => (outcome.outcome === 'rejected' ? outcome.code : outcome.personId)),
  );
}

describe('parallel events', () => {
  it('make one visitor of 20 first requests with one cookie', async () => {
    const outcomes = await seeAll(
      Array.from({ length: 20 }, (_, at) => ({ who: 'device:1', at, type: 'pageview' as const })),
    );
    expect(personsOf(outcomes)).toHaveLength(1);
    expect(await countRows('visitor')).toBe(1);
    expect(await countRows('event')).toBe(20);
  });

  it('make one visitor of 20 first requests whose cookie is said to be new', async () => {
    const events = Array.from({ length: 20 }, (_, at) => ({
      ...engines[0]!.incoming({ who: '', at }),
      identifiers: [{ kind: 'visitor', value: 'just-made', fresh: true }],
    }));
    expect(personsOf(await submit(events))).toHaveLength(1);
    expect(await countRows('visitor')).toBe(1);
  });

  it('keep all of 20 identifiers that come at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `device:${index}`);
    await seeAll(names.map((name, at) => ({ who: `user:ann ${name}`, at })));
    expect(await engines[1]!.partition(['user:ann', ...names])).toHaveLength(1);
    expect(await countRows('identity')).toBe(21);
  });

  it('make one event of 10 posts with one idempotency key, and one answer', async () => {
    const key = keyFromIdempotencyKey(engines[0]!.workspace.id, 'order-1');
    const sale = (): IncomingEvent => ({
      ...engines[0]!.incoming({
        who: 'user:ann',
        at: 1,
        type: 'sale',
        more: { amountMinor: '100', currency: 'EUR' },
      }),
      key,
    });
    const outcomes = await submit(Array.from({ length: 10 }, sale));

    expect(outcomes.filter((outcome) => outcome.outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.outcome === 'duplicate')).toHaveLength(9);
    expect(new Set(outcomes.map((outcome) => outcome.eventId))).toHaveLength(1);
    expect(personsOf(outcomes)).toHaveLength(1);
    expect(await countRows('event')).toBe(1);

    const other = await submit([{ ...sale(), digest: digestOf('another body') }]);
    expect(other).toMatchObject([{ outcome: 'rejected', code: 'idempotency_conflict' }]);
  });

  it('accept one of two bodies under one key, and refuse the other, whoever is first', async () => {
    const key = keyFromIdempotencyKey(engines[0]!.workspace.id, 'order-2');
    const bodies = Array.from({ length: 10 }, (_, index) => ({
      ...engines[0]!.incoming({ who: 'user:ann', at: 1 }),
      key,
      digest: digestOf(index % 2),
    }));
    const outcomes = await submit(bodies);
    const kinds = outcomes.map((outcome) => outcome.outcome);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(4);
  });

  it('of one device make one visit', async () => {
    await seeAll(
      Array.from({ length: 8 }, (_, at) => ({ who: 'device:1', at, type: 'pageview' as const })),
    );
    expect(await countRows('session')).toBe(1);
  });

  it('of visitors that both engines remember are counted exactly, whoever wrote them last', async () => {
    const source = { kind: 'campaign', confidence: 'certain', rule: 'own_link' } as const;
    const linkId = context.createId(noon);
    for (let round = 0; round < 6; round += 1) {
      await seeAll(
        Array.from({ length: 60 }, (_, index): Sighting => {
          const at = round * 20 + index / 10;
          return index % 3 === 0
            ? {
                who: `device:${index % 12}`,
                at,
                type: 'link_click',
                more: { linkId, arrival: { source } },
              }
            : {
                who: `device:${index % 7}`,
                at,
                type: 'pageview',
                more: { url: `https://shop.test/${index}` },
              };
        }),
      );
    }
    expect(await countRows('event')).toBe(360);
    expect(await countRows('visitor')).toBe(8);
  });

  it('count a hot link exactly', async () => {
    const linkId = context.createId(noon);
    const source = { kind: 'campaign', confidence: 'certain', rule: 'own_link' } as const;
    const clicks = Array.from({ length: 400 }, (_, at) => ({
      who: `device:${at % 150}`,
      at,
      type: 'link_click' as const,
      more: { linkId, arrival: { source } },
    }));
    await seeAll(clicks);
    await submit(
      Array.from({ length: 20 }, (_, at) =>
        engines[0]!.incoming({
          who: '',
          at,
          type: 'link_click',
          more: { linkId, machine: 'Googlebot' },
        }),
      ),
    );
    await seeAll(
      Array.from({ length: 60 }, (_, index) => ({
        who: `device:${index}`,
        at: 500,
        type: 'sale' as const,
        more: { amountMinor: '250', currency: 'EUR' },
      })),
    );

    const [counter] = await context.database.run<Record<string, number>>(
      {
        name: '',
        text: 'select clicks, unique_clicks, machine_clicks, sales from headwater.link_counter where workspace_id = $1 and link_id = $2',
      },
      [engines[0]!.workspace.id, linkId],
    );
    expect(Object.values(counter!).map(Number)).toEqual([400, 150, 20, 60]);
  });

  it('take a single landing of a click from one device only', async () => {
    const source = { kind: 'campaign', confidence: 'certain', rule: 'own_link' } as const;
    const direct = { kind: 'direct', confidence: 'low', rule: 'direct' } as const;
    const click = await engines[0]!.see('device:go', 0, {
      type: 'link_click',
      more: { linkId: context.createId(noon), arrival: { source } },
    });
    const shops = Array.from({ length: 10 }, (_, index) => `device:shop-${index}`);
    await seeAll(
      shops.map((who) => ({
        who,
        at: 1,
        type: 'pageview' as const,
        more: { arrival: { source: direct, clickId: click.eventId } },
      })),
    );
    expect(await engines[0]!.partition(['device:go', ...shops])).toHaveLength(10);
  });
});

describe('refunds of one sale that two processes take at once', () => {
  const money = (amountMinor: string) => ({ amountMinor, currency: 'EUR' });

  /** What the sale has given back, and how many refunds found it. */
  async function takenFrom(saleId: string): Promise<{ taken: number; count: number }> {
    const [row] = await context.database.run<{ taken: number; count: number }>(
      {
        name: '',
        text: `select -coalesce(sum(amount_minor), 0)::int as taken, count(*)::int as count
from headwater.conversion where workspace_id = $1 and reverses_id = $2`,
      },
      [engines[0]!.workspace.id, saleId],
    );
    return row!;
  }

  it('never exceed it, whoever tells of them and however they name it', async () => {
    const key = context.createId(noon);
    const { eventId } = await engines[0]!.see('user:ann', 0, {
      type: 'sale',
      more: { key, ...money('10000') },
    });
    const outcomes = await seeAll(
      Array.from({ length: 24 }, (_, index): Sighting => ({
        // The buyer, a shop, and a clerk of its own each.
        who: ['user:ann', 'user:shop', `user:clerk${index}`][index % 3]!,
        at: 1 + index,
        type: 'refund',
        more: {
          ...money('3000'),
          ...(index % 4 !== 0 && { properties: { refund_of: index % 2 === 0 ? key : eventId } }),
        },
      })),
    );
    expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(await takenFrom(eventId)).toEqual({ taken: 9_000, count: 3 });
  });

  it('find it where it is told in the same moment by another process', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = context.createId(noon);
      await seeAll([
        { who: `user:buyer${round}`, at: round, type: 'sale', id, more: money('10000') },
        {
          who: `user:clerk${round}`,
          at: round + 1,
          type: 'refund',
          more: { ...money('4000'), properties: { refund_of: id } },
        },
      ]);
      expect(await takenFrom(id)).toEqual({ taken: 4_000, count: 1 });
    }
  });
});

describe('32 clients that merge the same people', () => {
  it('never deadlock, lose nothing and break nothing', { timeout: 60_000 }, async () => {
    const calls = 3_000;
    let random = 42;
    const pick = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((random / 2 ** 31) * below);
    };
    const queue = Array.from({ length: calls }, (_, at): Sighting => {
      const parts = [`device:${pick(300)}`];
      if (pick(2) === 0) parts.unshift(`user:u${pick(40)}`);
      if (pick(2) === 0) parts.unshift(`mail:m${pick(40)}`);
      return {
        who: parts.join(' '),
        at,
        ...(pick(10) === 0 ? { type: 'sale', more: { amountMinor: '100', currency: 'EUR' } } : {}),
      };
    });
    const deadlocksBefore = await deadlocks();
    let next = 0;
    const client = async (engine: Context): Promise<void> => {
      for (let index = next++; index < calls; index = next++) {
        expect(await engine.ingest.submit(engines[0]!.incoming(queue[index]!))).toMatchObject({
          outcome: 'accepted',
        });
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_, index) => client(contexts[index % 2]!)));

    expect(await deadlocks()).toBe(deadlocksBefore);
    expect(await countRows('event')).toBe(calls);
    const names = queue.flatMap(({ who }) => who.split(' '));
    await engines[0]!.hw.visitors.rebuild();
    const people = await engines[0]!.partition(names);
    expect(people.every((person) => (person.match(/user:/g) ?? []).length <= 1)).toBe(true);
  });

  async function deadlocks(): Promise<number> {
    const [row] = await context.database.run<{ deadlocks: unknown }>(
      {
        name: '',
        text: 'select deadlocks from pg_stat_database where datname = current_database()',
      },
      [],
    );
    return Number(row!.deadlocks);
  }

  it('may rebuild, undo and merge by hand meanwhile', { timeout: 30_000 }, async () => {
    const events = Array.from({ length: 300 }, (_, at): Sighting => ({
      who: `user:u${at % 7} device:${at % 23} mail:m${at % 11}`,
      at,
    }));
    const busy = new AbortController();
    const meddle = async (): Promise<void> => {
      while (!busy.signal.aborted) {
        await engines[1]!.hw.visitors.rebuild();
        const [merge] = await context.database.run<{ id: string }>(
          {
            name: '',
            text: 'select id from headwater.merge where workspace_id = $1 and undone_at is null order by id desc limit 1',
          },
          [engines[0]!.workspace.id],
        );
        if (merge !== undefined) await engines[1]!.hw.visitors.undoMerge(merge.id);
      }
    };
    const meddling = meddle();
    for (let start = 0; start < events.length; start += 10)
      await seeAll(events.slice(start, start + 10));
    busy.abort();
    await meddling;
    expect(await countRows('event')).toBe(events.length);
  });
});

describe('a bad event', () => {
  const unstorable: ReadonlyArray<readonly [string, Partial<IncomingEvent>]> = [
    ['a lone surrogate in its properties', { properties: { text: '\ud800' } }],
    ['a NUL in its properties', { properties: { text: '\u0000' } }],
    ['a NUL in its name', { name: 'a\u0000b' }],
    [
      'an amount that no column holds',
      { type: 'sale', amountMinor: '99999999999999999999', currency: 'EUR' },
    ],
  ];

  it.each(unstorable)('with %s takes no neighbour with it', async (_, more) => {
    const outcomes = await engines[0]!.seeTogether(
      Array.from({ length: 21 }, (__, at) => ({
        who: `user:u${at} device:${at}`,
        at,
        ...(at === 10 ? { more } : {}),
      })),
    );
    expect(outcomes.filter((outcome) => outcome.outcome === 'accepted')).toHaveLength(20);
    expect(outcomes[10]).toMatchObject({ outcome: 'rejected', code: 'unstorable' });
    expect(await countRows('event')).toBe(20);
    expect(await countRows('event_key')).toBe(20);
  });

  it('of an unknown workspace fails alone', async () => {
    const stranger = {
      ...engines[0]!.incoming({ who: 'device:1', at: 1 }),
      workspaceId: context.createId(noon),
    };
    const [failed, fine] = await Promise.allSettled([
      context.ingest.submit(stranger),
      engines[0]!.seeTogether([{ who: 'device:1', at: 1 }]),
    ]);
    expect(failed).toMatchObject({
      value: { outcome: 'rejected', code: 'workspace_not_found' },
    });
    expect(fine).toMatchObject({ status: 'fulfilled', value: [{ outcome: 'accepted' }] });
  });
});

describe('a queue that is full', () => {
  it('refuses with a time to come back, and loses nothing of what it took', async () => {
    const small = context.another({ queueSize: 5 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        small.ingest.submit(engines[0]!.incoming({ who: `device:${at}`, at })),
      ),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(15);
    for (const { reason } of refused) {
      expect(reason).toBeInstanceOf(UnavailableError);
      expect(reason).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
    }
    expect(await countRows('event')).toBe(5);
    expect(
      await small.ingest.submit(engines[0]!.incoming({ who: 'device:late', at: 50 })),
    ).toMatchObject({ outcome: 'accepted' });
  });

  it('takes no more once it is closed, and finishes what it has', async () => {
    const closing = context.another();
    const last = closing.ingest.submit(engines[0]!.incoming({ who: 'device:1', at: 1 }));
    await closing.ingest.close();
    expect(await last).toMatchObject({ outcome: 'accepted' });
    await expect(
      closing.ingest.submit(engines[0]!.incoming({ who: 'device:1', at: 2 })),
    ).rejects.toBeInstanceOf(UnavailableError);
  });
});
