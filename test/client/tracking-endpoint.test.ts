/** The tracking client against the engine itself, over HTTP. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createOutbox, createTracking, deterministicEventId, type Time } from '@headwater/client';
import { postgresOutbox, postgresOutboxTable } from '@headwater/client/postgres';
import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestClock, createTestHeadwater } from 'headwater/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

// What waits in a queue says when it happened by the clock of this machine.
const hw = await createTestHeadwater({
  clock: createTestClock(new Date()),
  limits: { tracking: { requests: 50, per: { minutes: 1 } } },
});
const server = createServer(toNodeHandler(hw)).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await hw.close();
});
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hw`;
orThrow(await hw.projects.create({ slug: 'my-startup' }));
const { key: apiKey } = orThrow(
  await hw.apiKeys.create({ kind: 'secret', name: 'client', scopes: ['tracking:write'] }),
);
const options = { apiKey, project: 'my-startup', baseUrl, timeoutMs: 10_000 };

/** Moves the engine's clock instead of waiting; what bounds a request is no wait. */
const moving: Time = {
  now: () => hw.clock.now(),
  async sleep(milliseconds, { signal } = {}) {
    if (milliseconds < options.timeoutMs || signal === undefined) {
      hw.clock.advance({ milliseconds });
      return;
    }
    await once(signal, 'abort');
  },
};

async function counts() {
  const { counts: all } = (await hw.projects.get('my-startup'))!;
  return Object.fromEntries(all.map(({ eventType, count }) => [eventType, count]));
}

describe('the tracking client', () => {
  it('registers, converts, removes and learns of duplicates', async () => {
    const tracking = createTracking(options);
    const registered = await tracking.trackRegistration({ userId: 7 });
    expect(registered).toMatchObject({
      ok: true,
      value: { statusCode: 202, body: { status: 'accepted' }, attempts: 1, duplicate: false },
    });
    const eventId = await deterministicEventId('my-startup', 'user_converted', '7');
    expect(await tracking.trackConversion({ userId: 7, eventId })).toMatchObject({
      value: { eventId, duplicate: false },
    });
    expect(await tracking.trackConversion({ userId: 7, eventId })).toMatchObject({
      value: { eventId, duplicate: true },
    });
    expect(await counts()).toEqual({ user_registered: 1, user_converted: 1 });
    await tracking.track({ eventType: 'user_converted', userId: 7, action: 'remove' });
    expect(await counts()).toEqual({ user_registered: 1, user_converted: 0 });
    expect(await hw.visitors.getByExternalId('7')).toMatchObject({ status: 'customer' });
  });

  it('is told what is wrong, in the words of the document', async () => {
    const wrongKey = createTracking({ ...options, apiKey: 'hw_sk_of-somebody-else' });
    expect(await wrongKey.trackRegistration({ userId: '1' })).toMatchObject({
      error: { type: 'authentication_error', statusCode: 401, attempts: 1 },
    });
    const reader = orThrow(
      await hw.apiKeys.create({ kind: 'secret', name: 'reader', scopes: ['read'] }),
    );
    const wrongScope = createTracking({ ...options, apiKey: reader.key });
    expect(await wrongScope.trackRegistration({ userId: '1' })).toMatchObject({
      error: { type: 'authorization_error', statusCode: 403 },
    });
    const elsewhere = createTracking({ ...options, project: 'nowhere' });
    expect(await elsewhere.trackRegistration({ userId: '1' })).toMatchObject({
      error: { type: 'startup_not_found', statusCode: 404, message: 'startup not found' },
    });
    const tracking = createTracking(options);
    expect(await tracking.track({ eventType: 'signed_up', userId: '1' })).toMatchObject({
      error: {
        type: 'validation_error',
        statusCode: 422,
        errors: ['event_type must be user_registered or user_converted'],
      },
    });
    const eventId = crypto.randomUUID();
    await tracking.trackRegistration({ userId: 'first', eventId });
    expect(await tracking.trackRegistration({ userId: 'second', eventId })).toMatchObject({
      error: { type: 'event_id_conflict', statusCode: 409 },
    });
    expect(
      await tracking.trackRegistration({ userId: '1', metadata: { text: 'x'.repeat(1 << 20) } }),
    ).toMatchObject({ error: { type: 'payload_too_large', statusCode: 413 } });
  });

  it('delivers batches with a result for each event, and what waits in its queue', async () => {
    const tracking = createTracking(options);
    const before = await counts();
    const batch = await tracking.trackBatch([
      { eventType: 'user_registered', userId: 'b1' },
      { eventType: 'nothing', userId: 'b2' },
      { eventType: 'user_registered', userId: 'b3' },
    ]);
    expect(batch).toMatchObject({
      ok: true,
      value: {
        items: [{ ok: true }, { ok: false, error: { type: 'validation_error' } }, { ok: true }],
      },
    });
    for (let user = 0; user < 150; user += 1)
      tracking.enqueue({ eventType: 'user_registered', userId: `queued-${user}` });
    expect(await tracking.close()).toEqual({ delivered: 150, failed: 0, waiting: 0 });
    expect((await counts())['user_registered']).toBe((before['user_registered'] ?? 0) + 152);
  });

  it('delivers what an outbox recorded in the transaction of the application', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    await pool.query(postgresOutboxTable());
    const outbox = createOutbox({ ...options, store: postgresOutbox(pool) });
    const before = await counts();
    for (const end of ['commit', 'rollback']) {
      const client = await pool.connect();
      await client.query('begin');
      await outbox.enqueue(client, { eventType: 'user_converted', userId: `outbox-${end}` });
      await client.query(end);
      client.release();
    }
    expect(await outbox.drain()).toMatchObject({ delivered: 1, refused: 0 });
    expect((await counts())['user_converted']).toBe((before['user_converted'] ?? 0) + 1);
  });

  it('waits as long as the server says, and goes on', async () => {
    hw.clock.advance({ minutes: 1 });
    const tracking = createTracking({ ...options, maxRetries: 0 });
    let limited = await tracking.trackRegistration({ userId: 'often' });
    for (let asked = 0; limited.ok && asked < 60; asked += 1)
      limited = await tracking.trackRegistration({ userId: 'often' });
    expect(limited).toMatchObject({ error: { type: 'rate_limited', statusCode: 429 } });
    expect((limited as { error: { retryAfter: number } }).error.retryAfter).toBeGreaterThan(0);

    const patient = createTracking({ ...options, time: moving });
    expect(await patient.trackRegistration({ userId: 'patient' })).toMatchObject({
      ok: true,
      value: { attempts: 2 },
    });
  });
});
