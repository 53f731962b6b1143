import { createOutbox, type OutboxStore } from '@headwater/client';
import { postgresOutbox, postgresOutboxTable, type Queryable } from '@headwater/client/postgres';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { openMigratedMemory } from '../../engine/src/testing/template.ts';

const database = await openMigratedMemory();
await database.exec(`create table account (id text primary key); ${postgresOutboxTable()}`);
await database.exec(`create schema app; ${postgresOutboxTable('app.events to send')}`);
afterAll(() => database.close());
beforeEach(() => database.exec('truncate account, headwater_outbox'));

function scripted(...lines: ScriptLine[]) {
  const server = createFakeServer(...lines);
  const time = createFakeTime();
  const options = {
    apiKey: 'key',
    project: 'shop',
    baseUrl: 'https://shop.test',
    fetch: server.fetch,
    time,
    random: () => 0.5,
    maxRetries: 0,
  };
  const store = postgresOutbox(database);
  return { server, time, options, store, outbox: createOutbox({ ...options, store }) };
}

const registered = (userId: string | number) => ({ eventType: 'user_registered', userId });

async function entries(): Promise<unknown[]> {
  const { rows } = await database.query(
    'select project, event, attempts, due_at, error from headwater_outbox order by due_at, id',
  );
  return rows;
}

describe('an outbox', () => {
  it('records the event with the transaction that makes the user, and delivers it after the commit', async () => {
    const { server, time, outbox } = scripted();
    const recorded = await database.transaction(async (tx) => {
      await tx.query('insert into account values ($1)', ['u1']);
      const result = await outbox.enqueue(tx, registered('u1'));
      expect(server.requests).toEqual([]);
      return result;
    });
    const wasRecordedAt = new Date(time.now()).toISOString();
    await time.advance(3_600_000);
    expect(await outbox.drain()).toEqual({ delivered: 1, refused: 0, postponed: 0 });
    expect(server.events).toMatchObject([
      {
        user_id: 'u1',
        event_id: recorded.ok && recorded.value.eventId,
        occurred_at: wasRecordedAt,
      },
    ]);
    expect(await entries()).toEqual([]);
  });

  it('delivers nothing of a transaction that is rolled back', async () => {
    const { server, outbox } = scripted();
    const failed = database.transaction(async (tx) => {
      await tx.query('insert into account values ($1)', ['u1']);
      await outbox.enqueue(tx, registered('u1'));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await outbox.drain()).toEqual({ delivered: 0, refused: 0, postponed: 0 });
    expect(server.requests).toEqual([]);
  });

  it('writes nothing for an event that breaks a rule', async () => {
    const { outbox } = scripted();
    expect(await outbox.enqueue(database, registered(NaN))).toMatchObject({
      error: { type: 'validation_error' },
    });
    expect(await entries()).toEqual([]);
  });

  it('lets the failure of a transaction pass, so that nobody takes it for recorded', async () => {
    const { outbox } = scripted();
    const broken: Queryable = { query: () => Promise.reject(new Error('connection lost')) };
    await expect(outbox.enqueue(broken, registered(1))).rejects.toThrow('connection lost');
  });

  it('delivers the oldest first and 100 at once', async () => {
    const { server, time, outbox } = scripted();
    for (let user = 0; user < 150; user++) {
      await outbox.enqueue(database, registered(user));
      if (user % 50 === 49) await time.advance(1);
    }
    expect(await outbox.drain()).toMatchObject({ delivered: 150 });
    expect(server.requests).toHaveLength(2);
    expect(
      new Set(server.events.slice(0, 50).map((event) => Number(event['user_id']) < 50)),
    ).toEqual(new Set([true]));
  });

  it('keeps what cannot be delivered now, whatever the reason, and waits longer each time', async () => {
    const { time, outbox } = scripted(503, 'refused', 401, 404);
    await outbox.enqueue(database, registered(1));
    for (const [type, seconds] of [
      ['max_retries_exceeded', 1],
      ['connection_error', 2],
      ['authentication_error', 4],
      ['startup_not_found', 8],
    ] as const) {
      expect(await outbox.drain()).toMatchObject({ delivered: 0, postponed: 1, error: { type } });
      await time.advance(seconds * 1000 - 1);
      expect(await outbox.drain()).toEqual({ delivered: 0, refused: 0, postponed: 0 });
      await time.advance(1);
    }
    expect(await outbox.drain()).toEqual({ delivered: 1, refused: 0, postponed: 0 });
  });

  it('sets aside what the server refuses for good, with the reason', async () => {
    const results = [
      { index: 0, status: 'error', outcome: 'rejected', code: 'validation_failed', error: 'No' },
      { index: 1, status: 'ok', outcome: 'accepted' },
    ];
    const { time, server, outbox } = scripted({ status: 207, body: { results } });
    await outbox.enqueue(database, registered(1));
    await outbox.enqueue(database, registered(2));
    expect(await outbox.drain()).toEqual({ delivered: 1, refused: 1, postponed: 0 });
    expect(await entries()).toMatchObject([
      { due_at: null, attempts: 1, error: { type: 'validation_error', message: 'No' } },
    ]);
    await time.advance(86_400_000);
    expect(await outbox.drain()).toEqual({ delivered: 0, refused: 0, postponed: 0 });
    expect(server.requests).toHaveLength(1);
  });

  it('sends what is too large by halves, and sets aside what is too large by itself', async () => {
    const { outbox } = scripted(413, 202, 413);
    await outbox.enqueue(database, registered(1));
    await outbox.enqueue(database, registered(2));
    expect(await outbox.drain()).toEqual({ delivered: 1, refused: 1, postponed: 0 });
    expect(await entries()).toMatchObject([{ error: { type: 'payload_too_large' } }]);
  });

  it('gives two drains at the same time different entries', async () => {
    const { server, outbox } = scripted();
    for (let user = 0; user < 120; user++) await outbox.enqueue(database, registered(user));
    const reports = await Promise.all([outbox.drain(), outbox.drain()]);
    expect(reports.map(({ delivered }) => delivered).reduce((a, b) => a + b)).toBe(120);
    expect(server.events).toHaveLength(120);
  });

  it('delivers again what a drain had claimed when it died', async () => {
    const { time, store, outbox } = scripted();
    await outbox.enqueue(database, registered(1));
    const now = new Date(time.now());
    const until = new Date(time.now() + 120_000);
    expect(await store.claim({ project: 'shop', now, until, limit: 100 })).toHaveLength(1);
    expect(await outbox.drain()).toMatchObject({ delivered: 0 });
    await time.advance(120_000);
    expect(await outbox.drain()).toMatchObject({ delivered: 1 });
  });

  it('leaves the entries of other projects in the same table alone', async () => {
    const { outbox, options, store } = scripted();
    const other = createOutbox({ ...options, project: 'other', store });
    await other.enqueue(database, registered(1));
    expect(await outbox.drain()).toMatchObject({ delivered: 0 });
    expect(await other.drain()).toMatchObject({ delivered: 1 });
  });

  it('takes a table of another name and schema', async () => {
    const { options, server } = scripted();
    const store = postgresOutbox(database, { table: 'app.events to send' });
    const outbox = createOutbox({ ...options, store });
    await outbox.enqueue(database, { ...registered('o\'neill "x" \\ {}'), metadata: { a: ['ü'] } });
    expect(await outbox.drain()).toMatchObject({ delivered: 1 });
    expect(server.events).toMatchObject([
      { user_id: 'o\'neill "x" \\ {}', metadata: { a: ['ü'] } },
    ]);
  });

  it('drains again and again until its signal is aborted', async () => {
    const { server, time, outbox } = scripted(503);
    const controller = new AbortController();
    const running = outbox.run({ signal: controller.signal, everyMs: 5000 });
    await outbox.enqueue(database, registered(1));
    await time.finish(
      (async () => {
        while (server.requests.length < 2) await time.sleep(1000);
      })(),
    );
    controller.abort();
    await running;
    expect(await entries()).toEqual([]);
  });

  it('asks a server that limits it no sooner than it has asked for', async () => {
    const { server, time, outbox } = scripted({ status: 429, headers: { 'Retry-After': '45' } });
    await outbox.enqueue(database, registered(1));
    const controller = new AbortController();
    const running = outbox.run({ signal: controller.signal });
    const waitFor = (requests: number) =>
      time.finish(
        (async () => {
          while (server.requests.length < requests) await time.sleep(500);
          return time.now();
        })(),
      );
    const first = await waitFor(1);
    await outbox.enqueue(database, registered(2));
    expect((await waitFor(2)) - first).toBeGreaterThan(44_000);
    expect(server.requests).toHaveLength(2);
    controller.abort();
    await running;
    await expect.poll(entries).toEqual([]);
  });

  it('tells a broken configuration and a broken database as values', async () => {
    const { options, outbox, store } = scripted();
    const broken = createOutbox({ ...options, apiKey: '', store });
    const configuration = { error: { type: 'configuration_error' } };
    expect(await broken.enqueue(database, registered(1))).toMatchObject(configuration);
    expect(await broken.drain()).toMatchObject(configuration);
    const lost: OutboxStore<Queryable> = {
      ...store,
      claim: () => Promise.reject(new Error('connection lost')),
    };
    expect(await createOutbox({ ...options, store: lost }).drain()).toEqual({
      delivered: 0,
      refused: 0,
      postponed: 0,
      error: { type: 'outbox_error', message: 'connection lost' },
    });
    expect(await outbox.drain({ signal: AbortSignal.abort() })).toMatchObject({ delivered: 0 });
  });
});
