/** The typed client of the REST API, against the engine itself. */
import { ApiConnectionError, ApiError, createApi, type LinkResponse } from '@headwater/client/api';
import { createFakeServer, createFakeTime, type ScriptLine } from '@headwater/client/testing';
import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';

const hw = await createTestHeadwater({ links: { domains: ['go.test'] } });
afterAll(() => hw.close());
const { key: secret } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'client' }));
const options = { apiKey: secret, baseUrl: 'https://shop.test/hw' };
const api = createApi({
  ...options,
  fetch: (url, init) => hw.handler(new Request(url, init)),
});

describe('the client of the REST API', () => {
  it('creates, reads, changes and archives with the types of the document', async () => {
    const link = await api.createLink({
      body: { key: 'launch', url: 'https://shop.test/', domain: 'go.test' },
    });
    expectTypeOf(link).toEqualTypeOf<LinkResponse>();
    expect(await api.getLink({ id: link.id })).toEqual(link);
    expect(await api.updateLink({ id: link.id, body: { tags: ['a b'] } })).toMatchObject({
      tags: ['a b'],
    });
    expect(await api.listLinks({ tag: 'a b' })).toMatchObject([{ id: link.id }]);
    expect(await api.archiveLink({ id: link.id })).toBeUndefined();
    expect(await api.listLinks()).toEqual([]);
  });

  it('goes over every item of a list, page by page', async () => {
    for (let number = 0; number < 5; number++)
      await api.createLink({
        body: { key: `page${number}`, url: 'https://shop.test/', domain: 'go.test' },
      });
    const keys: string[] = [];
    for await (const link of api.items('listLinks', { limit: 2, offset: 1 })) {
      expectTypeOf(link).toEqualTypeOf<LinkResponse>();
      keys.push(link.key);
    }
    expect(keys).toEqual(['page3', 'page2', 'page1', 'page0']);
    let pages = 0;
    for await (const page of api.pages('listLinks', { limit: 2 })) pages += page.length > 0 ? 1 : 0;
    expect(pages).toBe(3);
  });

  it('puts what is in a path and a query there, whatever characters it has', async () => {
    const id = 'cust/1?a=b&ü %';
    await api.identifyVisitor({ body: { person_external_id: id } });
    expect(await api.lookupVisitor({ external_id: id })).toMatchObject({ person_external_id: id });
    expect(await api.listLinks({ search: 'a&limit=b' })).toEqual([]);
  });

  it('hands on what is no JSON as a Response', async () => {
    const [link] = await api.listLinks({ limit: 1 });
    const qr = await api.getLinkQrCode({ id: link?.id ?? '', format: 'svg' });
    expectTypeOf(qr).toEqualTypeOf<Response>();
    expect(await qr.text()).toContain('<svg');
  });

  it('throws what the API refuses, with its code and its fields', async () => {
    const refused = await api
      .createLink({ body: { url: 'ftp://shop.test', domain: 'go.test' } })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({
      name: 'ApiError',
      status: 422,
      errors: { url: [expect.any(String)] },
    });
    const unknown = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    await expect(api.getLink({ id: unknown })).rejects.toMatchObject({
      status: 404,
      code: 'link_not_found',
    });
    await expect(
      createApi({
        ...options,
        apiKey: 'hw_sk_no',
        fetch: (url, init) => hw.handler(new Request(url, init)),
      }).listLinks(),
    ).rejects.toMatchObject({ status: 401 });
  });

  it('ends a stream with the signal of its call', async () => {
    const forever = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1)) });
    const live = createApi({
      ...options,
      fetch: (_, { signal }) =>
        Promise.resolve(
          new Response(
            forever.pipeThrough(new TransformStream(), { signal: signal ?? AbortSignal.abort() }),
          ),
        ),
    });
    const controller = new AbortController();
    const stream = await live.streamLive({}, { signal: controller.signal });
    controller.abort();
    await expect(stream.text()).rejects.toThrow('aborted');
  });

  it('is not made without a key and an address', () => {
    expect(() => createApi({ ...options, apiKey: '' })).toThrow('apiKey is required');
    expect(() => createApi({ ...options, baseUrl: '' })).toThrow('baseUrl is required');
  });

  it('refuses an empty part of a path, which would lead elsewhere', async () => {
    await expect(api.getLink({ id: '' })).rejects.toThrow('id is required');
  });
});

function scripted(...lines: ScriptLine[]) {
  const server = createFakeServer(...lines);
  const time = createFakeTime();
  const client = createApi({ ...options, fetch: server.fetch, time, random: () => 0.5 });
  return { server, time, client };
}

describe('trouble on the way', () => {
  it('is overcome by further attempts, with one idempotency key where something is written', async () => {
    const { server, time, client } = scripted(503, 'refused', 'silence', {
      status: 201,
      body: { outcome: 'accepted' },
    });
    const answer = await time.finish(client.createEvent({ body: { event_type: 'lead' } }));
    expect(answer).toEqual({ outcome: 'accepted' });
    expect(server.requests).toHaveLength(4);
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f-]{36}$/)]));
  });

  it('takes the idempotency key that it is given', async () => {
    const { server, client } = scripted({ body: {} });
    await client.createEvent({ body: { event_type: 'lead' } }, { idempotencyKey: 'order-1' });
    expect(server.requests[0]?.headers['idempotency-key']).toBe('order-1');
  });

  it('is waited out as Retry-After says, up to a minute', async () => {
    const limited = (seconds: string) => ({
      status: 429,
      headers: { 'Retry-After': seconds },
      body: { error: 'Slowly', code: 'rate_limited' },
    });
    const { time, client } = scripted(limited('20'), { status: 200, body: [] }, limited('61'));
    const start = time.now();
    expect(await time.finish(client.listLinks())).toEqual([]);
    expect(time.now() - start).toBe(20_000);
    await expect(client.listLinks()).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 61,
    });
  });

  it.each([400, 401, 404, 409, 422])('is not repeated after %i', async (status) => {
    const { server, client } = scripted(status);
    await expect(client.listLinks()).rejects.toMatchObject({ status });
    expect(server.requests).toHaveLength(1);
  });

  it('is told in the end, without the key', async () => {
    const broken = createApi({
      ...options,
      maxRetries: 0,
      fetch: () => Promise.reject(new TypeError(`bad header Bearer ${secret}`)),
    });
    const fault = await broken.listLinks().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ApiConnectionError);
    expect(String(fault)).toBe('ApiConnectionError: bad header Bearer [redacted]');
    const { client } = scripted(
      { status: 200, body: '<!doctype html>' },
      { status: 302, headers: { Location: 'https://evil.test' } },
    );
    await expect(client.listLinks()).rejects.toThrow('The answer is no JSON');
    await expect(client.listLinks()).rejects.toMatchObject({ status: 302 });
  });

  it('ends with the signal of the caller', async () => {
    const { client, server } = scripted('silence');
    const controller = new AbortController();
    const listed = client.listLinks({}, { signal: controller.signal });
    controller.abort();
    await expect(listed).rejects.toThrow('The call was aborted');
    expect(server.requests).toHaveLength(1);
  });
});
