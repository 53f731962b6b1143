import { createTracking } from '@headwater/client';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { expect, it } from 'vitest';

function scripted(...lines: ScriptLine[]) {
  const server = createFakeServer(...lines);
  const options = { apiKey: 'key', project: 'shop', baseUrl: 'https://shop.test' };
  const time = createFakeTime();
  return { server, time, client: createTracking({ ...options, fetch: server.fetch, time }) };
}

const registered = (userId: string, eventId?: string) => ({
  eventType: 'user_registered',
  userId,
  eventId,
});

it('sends up to 100 events at once and answers for each of them', async () => {
  const { server, client } = scripted();
  const result = await client.trackBatch([
    registered('a', '1'),
    registered('b', '2'),
    registered('a', '1'),
  ]);
  expect(server.requests[0]).toMatchObject({
    path: '/api/v1/tracking/events/batch',
    body: { startup_slug: 'shop', events: [{ user_id: 'a' }, { user_id: 'b' }, { user_id: 'a' }] },
  });
  expect(result).toMatchObject({
    ok: true,
    value: {
      statusCode: 202,
      attempts: 1,
      items: [
        { ok: true, value: { eventId: '1', duplicate: false, body: { status: 'accepted' } } },
        { ok: true, value: { eventId: '2', duplicate: false } },
        { ok: true, value: { eventId: '1', duplicate: true } },
      ],
    },
  });
});

it('refuses single events without keeping back the others', async () => {
  const { server, client } = scripted({
    status: 207,
    body: {
      results: [
        {
          index: 0,
          status: 'error',
          outcome: 'rejected',
          error: 'Validation failed',
          errors: { event_type: ['must be user_registered or user_converted'] },
        },
        { index: 1, status: 'ok', outcome: 'accepted' },
      ],
    },
  });
  const result = await client.trackBatch([registered(''), registered('a'), registered('b')]);
  expect(server.events).toHaveLength(2);
  expect(result).toMatchObject({
    value: {
      items: [
        {
          error: {
            type: 'validation_error',
            statusCode: null,
            errors: ['user_id must not be empty'],
          },
        },
        {
          error: {
            type: 'validation_error',
            statusCode: 422,
            errors: ['event_type must be user_registered or user_converted'],
          },
        },
        { ok: true },
      ],
    },
  });
});

it('says for an event that the answer does not name that it may be sent again', async () => {
  const { client } = scripted({ status: 202, body: 'ok' });
  expect(await client.trackBatch([registered('a')])).toMatchObject({
    value: { items: [{ error: { type: 'unexpected_response', retryable: true } }] },
  });
});

it('sends the same events again until the request is through', async () => {
  const { server, client, time } = scripted(503, 'refused');
  expect(await time.finish(client.trackBatch([registered('a'), registered('b')]))).toMatchObject({
    ok: true,
    value: { attempts: 3 },
  });
  expect(new Set(server.requests.map(({ body }) => JSON.stringify(body))).size).toBe(1);
});

it('makes no request for events that are all refused', async () => {
  const { server, client } = scripted();
  expect(await client.trackBatch([registered('')])).toMatchObject({
    ok: true,
    value: { attempts: 0 },
  });
  expect(server.requests).toEqual([]);
});

it.each([[[]], [Array.from({ length: 101 }, () => registered('a'))], ['many' as unknown as []]])(
  'refuses a list that is none or too long',
  async (events) => {
    const { client } = scripted();
    expect(await client.trackBatch(events)).toMatchObject({
      error: { type: 'validation_error', errors: ['events must be a list of 1 to 100 events'] },
    });
  },
);
