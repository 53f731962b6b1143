/** The examples of the Risenexa document, in its order. */
import {
  createTracking,
  configure,
  resetConfiguration,
  track,
  trackConversion,
  trackRegistration,
} from '@headwater/client';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { afterEach, describe, expect, it } from 'vitest';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const baseUrl = 'https://app.test/hw';

function scripted(...lines: ScriptLine[]) {
  const server = createFakeServer(...lines);
  const time = createFakeTime();
  const options = {
    apiKey: 'rxt_live_abc123',
    project: 'my-startup',
    baseUrl,
    fetch: server.fetch,
    time,
    random: () => 0.5,
  };
  return { server, time, options, client: createTracking(options) };
}

afterEach(() => resetConfiguration());

describe('configuration', () => {
  it('tracks with the global configuration from anywhere', async () => {
    const { server, options } = scripted();
    configure({ ...options, project: 'my-phoenix-startup' });
    await trackRegistration({ userId: 42 });
    await trackConversion({ userId: 42 });
    await track({ eventType: 'trial_started', userId: 42 });
    expect(server.events).toMatchObject([
      { startup_slug: 'my-phoenix-startup', event_type: 'user_registered', user_id: '42' },
      { startup_slug: 'my-phoenix-startup', event_type: 'user_converted', user_id: '42' },
      { startup_slug: 'my-phoenix-startup', event_type: 'trial_started', user_id: '42' },
    ]);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hw/api/v1/tracking/events',
      headers: {
        authorization: 'Bearer rxt_live_abc123',
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': expect.stringMatching(/^headwater-client\/\d/),
      },
    });
  });

  it('keeps two clients and the global configuration apart', async () => {
    const [ours, theirs, everyone] = [scripted(), scripted(401), scripted()];
    configure({ ...everyone.options, apiKey: 'global' });
    const first = createTracking({ ...ours.options, apiKey: 'first', project: 'one' });
    const second = createTracking({ ...theirs.options, apiKey: 'second', project: 'two' });
    const results = await Promise.all([
      first.trackRegistration({ userId: 'a' }),
      second.trackRegistration({ userId: 'b' }),
      trackRegistration({ userId: 'c' }),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    for (const [{ server }, key, project, user] of [
      [ours, 'first', 'one', 'a'],
      [theirs, 'second', 'two', 'b'],
      [everyone, 'global', 'my-startup', 'c'],
    ] as const) {
      expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual([
        `Bearer ${key}`,
      ]);
      expect(server.events).toMatchObject([{ startup_slug: project, user_id: user }]);
    }
  });

  it('takes the project under its other name, startupSlug', async () => {
    const { server, options } = scripted();
    const { project, ...others } = options;
    await createTracking({ ...others, startupSlug: project }).trackRegistration({ userId: 1 });
    expect(server.events).toMatchObject([{ startup_slug: 'my-startup' }]);
  });

  it('gives an attempt 2,000 ms and makes it again three times unless told otherwise', async () => {
    const { client, server, time } = scripted('silence', 'silence', 'silence', 'silence');
    const start = time.now();
    const result = await time.finish(client.trackRegistration({ userId: 1 }));
    expect(result).toMatchObject({ error: { type: 'connection_error', attempts: 4 } });
    expect(server.requests).toHaveLength(4);
    expect(time.now() - start).toBe(4 * 2000 + 1000 + 2000 + 4000);
  });

  it('makes one attempt with max_retries 0', async () => {
    const { options, server } = scripted(503);
    const result = await createTracking({ ...options, maxRetries: 0 }).trackRegistration({
      userId: 1,
    });
    expect(result).toMatchObject({
      error: {
        type: 'max_retries_exceeded',
        attempts: 1,
        message: 'Request failed after 0 retries',
      },
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('usage', () => {
  it('tracks a registration and answers the id that was sent', async () => {
    const { client, server } = scripted();
    const result = await client.trackRegistration({ userId: String(42) });
    expect(server.events).toEqual([
      {
        startup_slug: 'my-startup',
        event_type: 'user_registered',
        user_id: '42',
        event_id: expect.stringMatching(uuidV4),
      },
    ]);
    expect(result).toEqual({
      ok: true,
      value: {
        statusCode: 202,
        eventId: server.events[0]?.['event_id'],
        body: { status: 'accepted' },
        attempts: 1,
        duplicate: false,
      },
    });
  });

  it('tracks a conversion', async () => {
    const { client, server } = scripted();
    expect(await client.trackConversion({ userId: String(42) })).toMatchObject({ ok: true });
    expect(server.events).toMatchObject([{ event_type: 'user_converted', user_id: '42' }]);
  });

  it('sends every field of the low-level call as it is given', async () => {
    const { client, server } = scripted();
    const result = await client.track({
      eventType: 'user_registered',
      userId: 'usr_123',
      eventId: '550e8400-e29b-41d4-a716-446655440000',
      occurredAt: '2026-04-01T12:00:00Z',
      metadata: { plan: 'pro', source: 'web' },
      action: 'add',
    });
    expect(result).toMatchObject({
      ok: true,
      value: { statusCode: 202, eventId: '550e8400-e29b-41d4-a716-446655440000' },
    });
    expect(server.events).toEqual([
      {
        startup_slug: 'my-startup',
        event_type: 'user_registered',
        user_id: 'usr_123',
        event_id: '550e8400-e29b-41d4-a716-446655440000',
        occurred_at: '2026-04-01T12:00:00Z',
        metadata: { plan: 'pro', source: 'web' },
        action: 'add',
      },
    ]);
  });

  it('takes a conversion back when the subscription ends', async () => {
    const { client, server } = scripted();
    await client.track({ eventType: 'user_converted', userId: String(42), action: 'remove' });
    expect(server.events).toMatchObject([{ event_type: 'user_converted', action: 'remove' }]);
  });
});

describe('errors', () => {
  it.each([
    [{ apiKey: undefined }, /^api_key is required/],
    [{ apiKey: ' ' }, /^api_key is required/],
    [{ project: undefined }, /^project is required/],
    [{ baseUrl: undefined }, /^base_url is required/],
  ])('reports %o as a configuration error before any request', async (missing, message) => {
    const { options, server } = scripted();
    const client = createTracking({ ...options, ...missing });
    expect(await client.trackRegistration({ userId: 1 })).toEqual({
      ok: false,
      error: {
        type: 'configuration_error',
        message: expect.stringMatching(message),
        statusCode: null,
        attempts: 0,
        retryable: false,
      },
    });
    expect(server.requests).toEqual([]);
  });

  it('reports the calls before configure() as a configuration error', async () => {
    expect(await trackRegistration({ userId: 1 })).toMatchObject({
      error: {
        type: 'configuration_error',
        message: expect.stringContaining('api_key is required'),
      },
    });
  });

  it.each([
    [401, { type: 'authentication_error', statusCode: 401, message: 'Invalid token' }],
    [403, { type: 'authorization_error', statusCode: 403, message: 'Unauthorized scope' }],
    [404, { type: 'startup_not_found', statusCode: 404, message: 'startup not found' }],
    [409, { type: 'event_id_conflict', statusCode: 409 }],
    [413, { type: 'payload_too_large', statusCode: 413 }],
    [422, { type: 'validation_error', statusCode: 422, message: 'Validation failed', errors: [] }],
  ])('answers %i at once', async (status, error) => {
    const { client, server } = scripted(status);
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      ok: false,
      error: { ...error, attempts: 1, retryable: false },
    });
    expect(server.requests).toHaveLength(1);
  });

  it('lists the rules that an event breaks, in either form of the server', async () => {
    const sentence = 'event_type must be user_registered or user_converted';
    const { client } = scripted(
      { status: 422, body: { message: 'Validation failed', errors: [sentence] } },
      {
        status: 422,
        headers: { 'X-Request-Id': 'req_1' },
        body: {
          error: 'Validation failed',
          code: 'validation_failed',
          errors: { event_type: ['must be user_registered or user_converted'] },
        },
      },
    );
    const error = { type: 'validation_error', message: 'Validation failed', errors: [sentence] };
    expect(await client.track({ eventType: 'x', userId: 1 })).toMatchObject({ error });
    expect(await client.track({ eventType: 'x', userId: 1 })).toMatchObject({
      error: { ...error, requestId: 'req_1' },
    });
  });

  it('tells how long to wait when the rate limit outlasts the retries', async () => {
    const limited = { status: 429, headers: { 'Retry-After': '45' } };
    const { client, time } = scripted(limited, limited, limited, limited);
    const start = time.now();
    const result = await time.finish(client.trackRegistration({ userId: 1 }));
    expect(result).toEqual({
      ok: false,
      error: {
        type: 'rate_limited',
        statusCode: 429,
        message: 'Request failed after 3 retries',
        retryAfter: 45,
        attempts: 4,
        retryable: true,
      },
    });
    expect(time.now() - start).toBe(3 * 45_000);
  });

  it('tells the last status when a broken server outlasts the retries', async () => {
    const { client, time } = scripted(500, 502, 500, 503);
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toEqual({
      ok: false,
      error: {
        type: 'max_retries_exceeded',
        lastStatusCode: 503,
        statusCode: 503,
        attempts: 4,
        message: 'Request failed after 3 retries',
        retryable: true,
      },
    });
  });

  it('tells what was wrong with the connection when there never is one', async () => {
    const { client, time } = scripted('refused', 'refused', 'refused', 'refused');
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toEqual({
      ok: false,
      error: {
        type: 'connection_error',
        statusCode: null,
        message: 'connection refused',
        attempts: 4,
        retryable: true,
      },
    });
  });
});

describe('retries', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 'refused', 'silence'] as const)(
    'makes the attempt again after %s',
    async (line) => {
      const { client, server, time } = scripted(line);
      expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
        ok: true,
        value: { attempts: 2 },
      });
      expect(server.requests).toHaveLength(2);
    },
  );

  it.each([
    [0, [800, 1600, 3200]],
    [0.5, [1000, 2000, 4000]],
    [1 - 1e-9, [1200, 2400, 4800]],
  ])('waits 1, 2 and 4 s with a jitter of 20 percent (random %d)', async (random, waits) => {
    const { options, time } = scripted();
    const at: number[] = [];
    const server = createFakeServer(
      ...Array.from({ length: 4 }, () => () => (at.push(time.now()), { status: 503 })),
    );
    const client = createTracking({ ...options, fetch: server.fetch, random: () => random });
    await time.finish(client.trackRegistration({ userId: 1 }));
    expect(at.slice(1).map((each, index) => Math.round(each - (at[index] ?? 0)))).toEqual(waits);
  });

  it('sends one event id with every attempt', async () => {
    const { client, server, time } = scripted(503, 'silence', 'refused');
    const result = await time.finish(client.trackRegistration({ userId: 1 }));
    const ids = new Set(server.events.map((event) => event['event_id']));
    expect(server.events).toHaveLength(4);
    expect([...ids]).toEqual([result.ok && result.value.eventId]);
  });

  it('says when the server had counted the event before', async () => {
    const { client } = scripted();
    const event = { userId: 1, eventId: 'once' };
    expect(await client.trackRegistration(event)).toMatchObject({ value: { duplicate: false } });
    expect(await client.trackRegistration(event)).toMatchObject({ value: { duplicate: true } });
    expect(await client.trackConversion(event)).toMatchObject({ value: { duplicate: false } });
  });
});

it('leaves the request of a user alone while a registration is tracked', async () => {
  const warnings: unknown[] = [];
  const { options } = scripted(422);
  const tracking = createTracking({
    ...options,
    onDelivery: (event, outcome) =>
      outcome.ok || warnings.push([event.user_id, outcome.error.type]),
  });
  const createUser = (id: number) => {
    tracking.enqueue({ eventType: 'user_registered', userId: id });
    return { id };
  };
  expect(createUser(7)).toEqual({ id: 7 });
  expect(warnings).toEqual([]);
  expect(await tracking.flush()).toEqual({ delivered: 0, failed: 1, waiting: 0 });
  expect(warnings).toEqual([['7', 'validation_error']]);
});
