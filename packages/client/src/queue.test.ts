import { createTracking, type TrackingOptions } from '@headwater/client';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { expect, it } from 'vitest';

function scripted(lines: readonly ScriptLine[], changes: Partial<TrackingOptions> = {}) {
  const server = createFakeServer(...lines);
  const time = createFakeTime();
  const told: (readonly [string, string])[] = [];
  const client = createTracking({
    apiKey: 'key',
    project: 'shop',
    baseUrl: 'https://shop.test',
    fetch: server.fetch,
    time,
    random: () => 0.5,
    onDelivery: (event, outcome) =>
      told.push([event.user_id, outcome.ok ? 'delivered' : outcome.error.type]),
    ...changes,
  });
  const enqueue = (...users: (string | number)[]) =>
    users.map((userId) => client.enqueue({ eventType: 'user_registered', userId }));
  const users = () => server.events.map((event) => event['user_id']);
  return { server, time, client, told, enqueue, users };
}

it('delivers in the background, in order, what is enqueued together as one batch', async () => {
  const { server, time, enqueue, users, told } = scripted([]);
  const [first] = enqueue('a', 'b', 'c');
  expect(first).toEqual({ ok: true, value: { eventId: expect.any(String) } });
  expect(server.requests).toEqual([]);
  await time.advance(0);
  expect(server.requests.map(({ path }) => path)).toEqual(['/api/v1/tracking/events/batch']);
  expect(users()).toEqual(['a', 'b', 'c']);
  expect(told).toEqual([
    ['a', 'delivered'],
    ['b', 'delivered'],
    ['c', 'delivered'],
  ]);
});

it('dates an event by when it is enqueued, not by when it arrives', async () => {
  const { client, server, time, enqueue } = scripted(Array<number>(4).fill(503));
  const enqueuedAt = new Date(time.now()).toISOString();
  enqueue('a');
  client.enqueue({ eventType: 'x', userId: 'b', occurredAt: '2026-01-01T00:00:00Z' });
  await time.finish(client.flush());
  await time.advance(60_000);
  expect(server.events.slice(-2)).toMatchObject([
    { occurred_at: enqueuedAt },
    { occurred_at: '2026-01-01T00:00:00Z' },
  ]);
});

it('refuses what breaks a rule at once', () => {
  const { client } = scripted([]);
  expect(client.enqueue({ eventType: '', userId: '' })).toMatchObject({
    error: { type: 'validation_error' },
  });
});

it('sends no more than 100 events in one request', async () => {
  const { server, client, enqueue } = scripted([]);
  enqueue(...Array.from({ length: 250 }, (_, index) => index));
  expect(await client.flush()).toEqual({ delivered: 250, failed: 0, waiting: 0 });
  expect(server.requests.map(({ body }) => (body as { events: unknown[] }).events.length)).toEqual([
    100, 100, 50,
  ]);
});

it('sends a batch that is too large by halves', async () => {
  const { server, client, enqueue, users } = scripted([413, 413]);
  enqueue('a', 'b', 'c', 'd');
  expect(await client.flush()).toEqual({ delivered: 4, failed: 0, waiting: 0 });
  expect(server.requests).toHaveLength(6);
  expect(users().slice(6)).toEqual(['a', 'b', 'c', 'd']);
});

it('keeps what a broken server does not take, and delivers it when it is back', async () => {
  const { server, time, client, enqueue, told } = scripted(Array<number>(8).fill(503));
  enqueue('a', 'b');
  expect(await time.finish(client.flush())).toEqual({ delivered: 0, failed: 0, waiting: 2 });
  expect(told).toEqual([]);
  await time.advance(120_000);
  expect(told).toEqual([
    ['a', 'delivered'],
    ['b', 'delivered'],
  ]);
  expect(new Set(server.events.map((event) => event['event_id'])).size).toBe(2);
});

it.each([
  ['as long as a rate limit asks for', '45', 45_000],
  ['no longer than it may', '86400', 60_000],
])('waits %s before the background asks again', async (_, header, pause) => {
  const line = { status: 429, headers: { 'Retry-After': header } };
  const { server, time, enqueue, told } = scripted([line], { maxRetries: 0 });
  enqueue('a');
  await time.advance(0);
  await time.advance(pause - 1);
  expect(server.requests).toHaveLength(1);
  await time.advance(1);
  expect(told).toEqual([['a', 'delivered']]);
});

it('sends again only the events of a batch that the server could not take now', async () => {
  const { client, time, enqueue, users, told } = scripted([
    {
      status: 207,
      body: {
        results: [
          { index: 0, status: 'ok', outcome: 'accepted' },
          { index: 1, status: 'error', outcome: 'rejected', code: 'unavailable' },
          { index: 2, status: 'error', outcome: 'rejected', code: 'event_id_conflict' },
        ],
      },
    },
  ]);
  enqueue('a', 'b', 'c', 'd');
  await time.finish(client.flush());
  await time.advance(2000);
  expect(told).toEqual([
    ['a', 'delivered'],
    ['c', 'event_id_conflict'],
    ['b', 'delivered'],
    ['d', 'delivered'],
  ]);
  expect(users()).toEqual(['a', 'b', 'c', 'd', 'b', 'd']);
});

it('tells of events that are refused for good', async () => {
  const { client, enqueue, told } = scripted([401]);
  enqueue('a', 'b');
  expect(await client.flush()).toEqual({ delivered: 0, failed: 2, waiting: 0 });
  expect(told).toEqual([
    ['a', 'authentication_error'],
    ['b', 'authentication_error'],
  ]);
});

it('refuses what would make the queue longer than it may be', () => {
  const { enqueue } = scripted([], { queueMax: 2 });
  expect(enqueue(1, 2, 3)[2]).toMatchObject({ error: { type: 'queue_full', retryable: true } });
});

it('delivers what waits when it is closed, and takes nothing more', async () => {
  const { client, enqueue, told } = scripted([]);
  enqueue('a', 'b');
  expect(await client.close()).toEqual({ delivered: 2, failed: 0, waiting: 0 });
  expect(enqueue('c')[0]).toMatchObject({ error: { type: 'client_closed' } });
  expect(told).toHaveLength(2);
  expect(await client.close()).toEqual({ delivered: 0, failed: 0, waiting: 0 });
});

it('gives up at the deadline of close, and says what is lost', async () => {
  const { client, time, enqueue, told } = scripted(['silence', 'silence', 'silence', 'silence']);
  enqueue('a');
  const start = time.now();
  expect(await time.finish(client.close({ deadlineMs: 3000 }))).toEqual({
    delivered: 0,
    failed: 1,
    waiting: 0,
  });
  expect(told).toEqual([['a', 'client_closed']]);
  expect(time.now() - start).toBe(3000);
});

it('ends a flush with its signal, and goes on in the background', async () => {
  const { client, time, enqueue, told } = scripted(['silence']);
  enqueue('a');
  const controller = new AbortController();
  const flushed = client.flush({ signal: controller.signal });
  await time.advance(100);
  controller.abort();
  expect(await flushed).toEqual({ delivered: 0, failed: 0, waiting: 1 });
  await time.advance(10_000);
  expect(told).toEqual([['a', 'delivered']]);
});

it('goes on when a listener throws', async () => {
  const { client, enqueue } = scripted([], {
    onDelivery: () => {
      throw new Error('no');
    },
  });
  enqueue('a', 'b');
  expect(await client.flush()).toMatchObject({ delivered: 2 });
});

it('goes on with the next event after its clock has failed', async () => {
  const failing = { now: () => 0, sleep: () => Promise.reject(new Error('no clock')) };
  const { client, enqueue } = scripted([], { time: failing });
  enqueue('a');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(enqueue('b')).toMatchObject([{ ok: true }]);
  expect(await client.close({ deadlineMs: 1 })).toMatchObject({ waiting: 0 });
});

it('is closed at the end of its block', async () => {
  const { client, enqueue, told } = scripted([]);
  {
    await using tracking = client;
    void tracking;
    enqueue('a');
  }
  expect(told).toEqual([['a', 'delivered']]);
});
