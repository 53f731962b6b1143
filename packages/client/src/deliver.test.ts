import { createTracking, type TrackingOptions } from '@headwater/client';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { listen } from '@headwater/client/testing/node';
import { describe, expect, it } from 'vitest';

const startsAt = Date.UTC(2026, 10, 21, 12);

function scripted(lines: readonly ScriptLine[], changes: Partial<TrackingOptions> = {}) {
  const server = createFakeServer(...lines);
  const time = createFakeTime(startsAt);
  const client = createTracking({
    apiKey: 'hw_sk_0123456789',
    project: 'shop',
    baseUrl: 'https://shop.test/hw/',
    fetch: server.fetch,
    time,
    random: () => 0.5,
    ...changes,
  });
  return { server, time, client };
}

const limited = (retryAfter: string) => ({ status: 429, headers: { 'Retry-After': retryAfter } });

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7000],
    ['zero', '0', 0],
    ['a date', 'Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['a date of RFC 850', 'Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['a date of asctime', 'Sat Nov 21 12:00:30 2026', 30_000],
    ['a date in the past', 'Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['a negative number, which is none', '-5', 1000],
    ['a fraction, which is none', '1.5', 1000],
    ['words, which are none', 'soon', 1000],
    ['an ISO date, which is none', '2026-11-21T12:00:30Z', 1000],
    ['nothing', '', 1000],
  ])('is waited for as %s', async (_, header, milliseconds) => {
    const { client, time } = scripted([limited(header)]);
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({ ok: true });
    expect(time.now() - startsAt).toBe(milliseconds);
  });

  it('above the cap ends the call at once and tells the value', async () => {
    const { client, time, server } = scripted([limited('3600')]);
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      error: { type: 'rate_limited', retryAfter: 3600, attempts: 1, retryable: true },
    });
    expect(time.now()).toBe(startsAt);
    expect(server.requests).toHaveLength(1);
  });

  it('is waited for up to the cap, which can be raised', async () => {
    const { client, time } = scripted([limited('60'), limited('120')], {
      maxRetryAfterMs: 120_000,
    });
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({ ok: true });
    expect(time.now() - startsAt).toBe(180_000);
  });

  it('without a number leaves retryAfter null in the error', async () => {
    const { client, time } = scripted([429], { maxRetries: 0 });
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      error: { type: 'rate_limited', retryAfter: null },
    });
  });

  it('of a broken server is left to the backoff', async () => {
    const { client, time } = scripted([{ status: 503, headers: { 'Retry-After': '3600' } }]);
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({ ok: true });
    expect(time.now() - startsAt).toBe(1000);
  });
});

describe('a server in trouble', () => {
  it('that flaps is asked until it accepts', async () => {
    const { client, time, server } = scripted([503, limited('2'), 503]);
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      value: { attempts: 4 },
    });
    expect(time.now() - startsAt).toBe(1000 + 2000 + 4000);
    expect(server.requests).toHaveLength(4);
  });

  it('never makes a client wait longer than 30 s between attempts', async () => {
    const { client, time } = scripted(Array<number>(8).fill(500), {
      maxRetries: 7,
      random: () => 0.999,
    });
    await time.finish(client.trackRegistration({ userId: 1 }));
    const beforeCap = (1 + 2 + 4 + 8 + 16) * (1 + 0.2 * 0.998) * 1000;
    expect(time.now() - startsAt).toBeCloseTo(beforeCap + 2 * 30_000, 3);
  });

  it.each([301, 302, 307, 308])(
    'that redirects with %i never gets the key sent on',
    async (status) => {
      const { client, server } = scripted([
        { status, headers: { Location: 'https://evil.test/' } },
      ]);
      expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
        error: { type: 'unexpected_response', statusCode: status, retryable: false },
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it('that really redirects is not followed either', async () => {
    const elsewhere = createFakeServer();
    await using target = await listen(elsewhere);
    const here = createFakeServer({ status: 307, headers: { Location: target.baseUrl } });
    await using origin = await listen(here);
    const { client } = scripted([], { baseUrl: origin.baseUrl, fetch });
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      error: { type: 'unexpected_response', statusCode: 307 },
    });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each([
    ['a page that stands in for everything', { status: 200, body: '<!doctype html>' }],
    ['an answer of another version', { status: 201, body: { id: 1 } }],
    ['a bad request', { status: 400, body: { error: 'malformed_json' } }],
    ['a status without a meaning here', { status: 418, body: '' }],
  ])('gives %s as unexpected_response', async (_, answer) => {
    const { client } = scripted([answer]);
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      error: { type: 'unexpected_response', statusCode: answer.status, attempts: 1 },
    });
  });

  it('that never stops answering is cut off', async () => {
    const endless = new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)) }),
      { status: 422 },
    );
    const { client } = scripted([], { fetch: () => Promise.resolve(endless) });
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      error: { type: 'validation_error' },
    });
  });

  it('that stops in the middle of its answer is timed out', async () => {
    const { client, time } = scripted([], {
      maxRetries: 0,
      fetch: () => Promise.resolve(new Response(new ReadableStream({}), { status: 202 })),
    });
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      error: { type: 'connection_error', message: 'request timed out after 2000 ms' },
    });
  });

  it('that is not there is told as "connection refused"', async () => {
    const { baseUrl, close } = await listen(createFakeServer());
    await close();
    const { client } = scripted([], { baseUrl, fetch, maxRetries: 0 });
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      error: { type: 'connection_error', statusCode: null, message: 'connection refused' },
    });
  });

  it('that cuts the connection is asked again', async () => {
    const fake = createFakeServer('refused', 503);
    await using server = await listen(fake);
    const { client, time } = scripted([], { baseUrl: server.baseUrl, fetch });
    const tracked = client.trackRegistration({ userId: 1 });
    while (fake.requests.length < 3) {
      // Not `finish`: the clock must not run while a real answer is on its way.
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (fake.requests.length < 3) await time.advance(1000);
    }
    expect(await tracked).toMatchObject({ ok: true, value: { attempts: 3 } });
  });
});

describe('the time of a call', () => {
  it('takes null from a caller without types for no options, and refuses what no clock can reach', async () => {
    const { client, server, time } = scripted([]);
    const none = null as unknown as undefined;
    expect(await client.trackRegistration({ userId: 1 }, none)).toMatchObject({ ok: true });
    expect(await client.flush(none)).toEqual({ delivered: 0, failed: 0, waiting: 0 });
    const wrong = { deadlineMs: Number.NaN };
    expect(await time.finish(client.trackRegistration({ userId: 1 }, wrong))).toMatchObject({
      error: { type: 'validation_error', errors: ['deadlineMs must be a number of milliseconds'] },
    });
    expect(server.requests).toHaveLength(1);
    expect(await client.close(none)).toEqual({ delivered: 0, failed: 0, waiting: 0 });
  });

  it('ends with the deadline in the middle of an attempt', async () => {
    const { client, time } = scripted(['silence'], { deadlineMs: 500 });
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      error: { type: 'deadline_exceeded', statusCode: null, attempts: 1, retryable: true },
    });
    expect(time.now() - startsAt).toBe(500);
  });

  it('is not spent on a wait after which nothing fits', async () => {
    const { client, time } = scripted([503]);
    const result = await time.finish(client.trackRegistration({ userId: 1 }, { deadlineMs: 900 }));
    expect(result).toMatchObject({ error: { type: 'deadline_exceeded', statusCode: 503 } });
    expect(time.now()).toBe(startsAt);
  });

  it.each([
    ['before the first attempt', 0, 0],
    ['during an attempt', 1000, 1],
    ['between two attempts', 2500, 1],
  ])('ends with the signal %s', async (_, milliseconds, attempts) => {
    const { client, time, server } = scripted(['silence', 'silence']);
    const controller = new AbortController();
    if (milliseconds === 0) controller.abort();
    const tracked = client.trackRegistration({ userId: 1 }, { signal: controller.signal });
    await time.advance(milliseconds);
    controller.abort();
    expect(await tracked).toMatchObject({ error: { type: 'aborted', attempts } });
    expect(server.requests).toHaveLength(attempts);
  });

  it('ends even where a fetch does not listen to its signal', async () => {
    const { client, time } = scripted([], { fetch: () => new Promise(() => undefined) });
    expect(await time.finish(client.trackRegistration({ userId: 1 }))).toMatchObject({
      error: { type: 'connection_error', attempts: 4 },
    });
  });
});

describe('whatever happens', () => {
  it.each<[string, Partial<TrackingOptions>]>([
    [
      'a fetch throws at once',
      {
        fetch: () => {
          throw new Error('no network here');
        },
      },
    ],
    ['a fetch rejects with no error', { fetch: () => Promise.reject('nothing') }],
    ['a fetch answers nothing', { fetch: () => Promise.resolve(undefined as unknown as Response) }],
    [
      'a clock is broken',
      { time: { now: () => NaN, sleep: () => Promise.reject(new Error('no clock')) } },
    ],
  ])('the result is a value when %s', async (_, changes) => {
    const { client } = scripted([], { maxRetries: 0, ...changes });
    expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
      ok: false,
      error: { type: 'connection_error', message: expect.any(String) },
    });
  });

  it('the result is a value for options that are none', async () => {
    for (const options of [
      undefined,
      null,
      1,
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ]) {
      const client = createTracking(options as never);
      expect(await client.trackRegistration({ userId: 1 })).toMatchObject({
        error: { type: 'configuration_error' },
      });
      expect(client.enqueue({ eventType: 'x', userId: 1 })).toMatchObject({ ok: false });
      expect(await client.close()).toEqual({ delivered: 0, failed: 0, waiting: 0 });
    }
  });
});

describe('configuration', () => {
  it.each([
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs'],
    [{ maxRetries: -1 }, 'maxRetries'],
    [{ maxRetries: 1.5 }, 'maxRetries'],
    [{ maxRetryAfterMs: NaN }, 'maxRetryAfterMs'],
    [{ deadlineMs: 0 }, 'deadlineMs'],
    [{ queueMax: 0 }, 'queueMax'],
    [{ apiKey: 'two words' }, 'api_key'],
    [{ apiKey: 'line\nbreak' }, 'api_key'],
    [{ baseUrl: 'shop.test/hw' }, 'base_url'],
    [{ baseUrl: 'ftp://shop.test' }, 'base_url'],
    [{ baseUrl: 'https://user:word@shop.test' }, 'base_url'],
    [{ baseUrl: 'https://shop.test/?a=1' }, 'base_url'],
  ])('names the option that breaks its rule: %o', async (changes, name) => {
    const { client, server } = scripted([], changes);
    const result = await client.trackRegistration({ userId: 1 });
    expect(result).toMatchObject({
      error: { type: 'configuration_error', message: expect.stringContaining(name) },
    });
    expect(JSON.stringify(result)).not.toMatch(/two words|user:word/);
    expect(server.requests).toEqual([]);
  });
});
