import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import type { Context } from '../context.ts';
import { createLibrary } from '../library.ts';
import { orThrow } from '../kernel/result.ts';
import type { Database } from '../store/database.ts';
import { createLiveFeed } from './live-feed.ts';
import type { LiveMessage, LiveTopic } from './live-message.ts';
import { parseLivePosition } from './live-position.ts';
import type { LiveReader } from './live-reader.ts';

const both: readonly LiveTopic[] = ['link_clicks', 'events'];
const readers: LiveReader[] = [];

async function open(
  context: Context,
  people: People,
  after?: string,
  topics: readonly LiveTopic[] = both,
): Promise<LiveReader> {
  const reader = await context.live.open({
    workspaceId: people.workspace.id,
    topics: new Set(topics),
    after: after === undefined ? undefined : parseLivePosition(after)!,
  });
  readers.push(reader);
  return reader;
}

async function take(reader: LiveReader, count: number): Promise<LiveMessage[]> {
  const messages: LiveMessage[] = [];
  while (messages.length < count) messages.push((await reader.next())!);
  return messages;
}

function idsOf(messages: readonly LiveMessage[]): string[] {
  return messages.map((message) => `${message.type} ${message.event.id}`);
}

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

describe.each(testDatabaseSizes)('live messages on %s', (size) => {
  let context: TestContext;
  let people: People;
  beforeAll(async () => {
    context = await openTestContext(size);
    people = await openNewPeople(context);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('tell what is recorded from now on, with what was recorded', async () => {
    await people.see('device:before');
    const reader = await open(context, people);
    expect(reader.start).toBe('now');
    const { eventId, visitorId } = await people.see('device:one', 3, { type: 'pageview' });
    expect(await take(reader, 1)).toMatchObject([
      {
        type: 'event_recorded',
        topic: `events:${people.workspace.id}`,
        workspaceId: people.workspace.id,
        event: {
          id: eventId,
          visitorId,
          type: 'pageview',
          recordedAt: new Date(context.clock.now()),
        },
      },
    ]);
  });

  it('tell a click on both topics, and whether it is the first of its visitor', async () => {
    const reader = await open(context, people, undefined, ['link_clicks']);
    const linkId = context.createId(context.clock.now());
    const click = { type: 'link_click' as const, more: { linkId } };
    for (const at of [1, 2]) await people.see('device:clicks', at, click);
    await people.see('device:clicks-too', 3, click);
    await people.see('', 4, {
      type: 'link_click',
      more: { linkId, machine: 'bot', createsVisitor: false },
    });
    await people.seeTogether([5, 6].map((at) => ({ who: 'device:twice', at, ...click })));
    const told = (await take(reader, 5)) as Array<Extract<LiveMessage, { type: 'link_click' }>>;
    expect(told.every((message) => message.linkId === linkId)).toBe(true);
    expect(told.slice(0, 3).map(({ unique }) => unique)).toEqual([true, false, true]);
    // Those of one batch are told in the order of their ids; one of them is the first.
    expect(told.slice(3).filter(({ unique }) => unique)).toHaveLength(1);
  });

  it('go on exactly after every message, also between the two of one click', async () => {
    const first = await open(context, people);
    const begin = first.position();
    const linkId = context.createId(context.clock.now());
    await people.seeTogether(
      Array.from({ length: 4 }, (_, at) => ({
        who: `device:resumes-${at}`,
        at,
        type: at % 2 === 0 ? ('link_click' as const) : ('pageview' as const),
        more: at % 2 === 0 ? { linkId } : {},
      })),
    );
    await people.see('device:resumes-later');
    const whole: string[] = [];
    const positions = [begin];
    for (let index = 0; index < 7; index += 1) {
      whole.push(...idsOf(await take(first, 1)));
      positions.push(first.position());
    }
    expect(new Set(whole).size).toBe(7);
    for (const [index, position] of positions.entries()) {
      const again = await open(context, people, position);
      expect(again.start).toBe('resumed');
      expect(idsOf(await take(again, 7 - index))).toEqual(whole.slice(index));
      again.close();
    }
  });

  it('tell nothing of other workspaces', async () => {
    const others = await openNewPeople(context);
    const reader = await open(context, people);
    await others.see('device:foreign');
    const { eventId } = await people.see('device:own');
    expect(idsOf(await take(reader, 1))).toEqual([`event_recorded ${eventId}`]);
  });

  it('go on in pages where more has happened than fits in one', async () => {
    const reader = await open(context, people, undefined, ['events']);
    const outcomes = await people.seeTogether(
      Array.from({ length: 1_100 }, (_, at) => ({
        who: 'device:busy',
        at,
        type: 'pageview' as const,
      })),
    );
    const ids = new Set((await take(reader, 1_100)).map(({ event }) => event.id));
    expect(ids).toEqual(new Set(outcomes.map(({ eventId }) => eventId)));
  }, 60_000);

  it('begin now where the position is of another database', async () => {
    const reader = await open(context, people, '999999999999:999999999999:');
    expect(reader.start).toBe('reset');
    const { eventId } = await people.see('device:reset');
    expect(idsOf(await take(reader, 1))).toEqual([`event_recorded ${eventId}`]);
  });

  it('end when the reader or the feed is closed', async () => {
    const reader = await open(context, people);
    const waiting = reader.next();
    reader.close();
    expect(await waiting).toBeUndefined();
    const another = await open(context, people);
    const next = another.next();
    context.live.close();
    expect(await next).toBeUndefined();
  });
});

describe('live messages of several processes', () => {
  let context: TestContext;
  let engines: readonly Context[];
  let people: People;
  beforeAll(async () => {
    context = await openTestContext('postgres');
    engines = [context, context.another({ live: { refreshEvery: { milliseconds: 20 } } })];
    people = await openNewPeople(context);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('arrive in another process, which looks by itself', async () => {
    const reader = await open(context.another(), people);
    const { eventId } = await people.see('device:here');
    expect(idsOf(await take(reader, 1))).toEqual([`event_recorded ${eventId}`]);
  });

  it('are each told once to readers that change the process all the time', async () => {
    const begin = (await open(context, people)).position();
    let left = 300;
    const reading = (async () => {
      const told: string[] = [];
      let position = begin;
      while (told.length < 300) {
        const reader = await open(engines[told.length % 2]!, people, position, ['events']);
        for (const message of await take(
          reader,
          Math.min(1 + (told.length % 7), 300 - told.length),
        ))
          told.push(message.event.id);
        position = reader.position();
        reader.close();
      }
      return told;
    })();
    const written: string[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async (_, writer) => {
        while (left > 0) {
          left -= 1;
          const event = people.incoming({
            who: `device:${writer % 4}`,
            at: left,
            type: 'pageview',
          });
          await engines[writer % 2]!.ingest.submit(event);
          written.push(event.id);
        }
      }),
    );
    const told = await reading;
    expect(new Set(told).size).toBe(300);
    expect(told.toSorted()).toEqual(written.toSorted());
  }, 60_000);

  it('are found by the block range index, however many events there are', async () => {
    const { workspace } = people;
    const run = <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
      context.database.run<Row>({ name: '', text }, values);
    await people.see('device:many');
    await run(
      `insert into headwater.event (workspace_id, occurred_at, recorded_at, id, type, origin)
       select workspace_id, occurred_at, recorded_at, gen_random_uuid(), 'custom', origin
       from (select * from headwater.event where workspace_id = $1 limit 1) e, generate_series(1, 30000)`,
      [workspace.id],
    );
    await run('vacuum (analyze) headwater.event');
    let plan: Promise<unknown[]> | undefined;
    const database: Database = {
      ...context.database,
      run(statement, values) {
        if (statement.text.includes('is_unique')) plan = run(`explain ${statement.text}`, values);
        return context.database.run(statement, values);
      },
    };
    const live = createLiveFeed({ ...context, database });
    const reader = await live.open({ workspaceId: workspace.id, topics: new Set(both) });
    readers.push(reader);
    await people.see('device:many');
    await take(reader, 1);
    const lines = JSON.stringify(await plan);
    expect(lines).toMatch(/Bitmap Index Scan on event_\d+_\d+_transaction_id_idx/);
    expect(lines).not.toContain('Seq Scan on event');
  });

  it('are not skipped where a transaction that began before commits after them', async () => {
    const reader = await open(engines[1]!, people, undefined, ['events']);
    await people.see('device:model');
    await take(reader, 1);
    const late = new pg.Client({ connectionString: context.url });
    await late.connect();
    await late.query('begin');
    const { rows } = await late.query<{ id: string }>(
      `insert into headwater.event (workspace_id, occurred_at, recorded_at, id, type, origin)
       select workspace_id, occurred_at, recorded_at, gen_random_uuid(), 'custom', origin
       from headwater.event where workspace_id = $1 limit 1 returning id`,
      [people.workspace.id],
    );
    const before = await people.see('device:model');
    expect(idsOf(await take(reader, 1))).toEqual([`event_recorded ${before.eventId}`]);
    const position = reader.position();
    const lateId = `event_recorded ${rows[0]!.id}`;
    await late.query('commit');
    await late.end();
    const after = await people.see('device:model');
    const expected = [lateId, `event_recorded ${after.eventId}`];
    expect(idsOf(await take(reader, 2))).toEqual(expected);
    // The same for a reader that was away when it committed.
    const resumed = await open(context, people, position, ['events']);
    expect(idsOf(await take(resumed, 2))).toEqual(expected);
  });

  it('are told of workspaces that another process makes later too', async () => {
    const hw = createLibrary(context);
    const told: LiveMessage[] = [];
    let wake = (): void => undefined;
    const subscribed = await hw.live.subscribeAll({ topics: ['events'] }, (message) => {
      told.push(message);
      wake();
    });
    const later = await openNewPeople(engines[1]!);
    const { eventId } = await later.see('device:later');
    const heard = new Promise<void>((resolve) => (wake = resolve));
    await context.changeLog.poll();
    await context.changeLog.poll();
    await heard;
    await orThrow(subscribed)[Symbol.asyncDispose]();
    expect(told).toMatchObject([{ workspaceId: later.workspace.id, event: { id: eventId } }]);
  });
});
