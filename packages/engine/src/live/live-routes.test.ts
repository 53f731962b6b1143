import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { liveMessageResponse } from '../contract.ts';
import { orThrow } from '../kernel/result.ts';
import { toNodeHandler } from '../node.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';

interface Block {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
}

/** A stream of server-sent events, block by block; comments are left out. */
interface Stream {
  readonly response: Response;
  next(): Promise<Block | undefined>;
  leave(): void;
}

describe('GET /api/live', () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  const engines: TestHeadwater[] = [];
  const servers: Server[] = [];
  const streams: Stream[] = [];
  let key: string;
  beforeAll(async () => {
    database = await createPostgresDatabase();
    for (let index = 0; index < 2; index += 1) {
      const hw = await createTestHeadwater({
        database: { url: database.url, connections: 5 },
        links: { domains: ['go.test'] },
        clickPatience: { seconds: 10 },
        live: { refreshEvery: { milliseconds: 50 } },
      });
      engines.push(hw);
      servers.push(createServer(toNodeHandler(hw)).listen(0));
      await once(servers[index]!, 'listening');
    }
    key = orThrow(
      await engines[0]!.apiKeys.create({ kind: 'secret', name: 'live', scopes: ['read'] }),
    ).key;
    orThrow(await engines[0]!.links.create({ key: 'a', url: 'https://shop.test/' }));
    orThrow(await engines[0]!.visitors.identify({ externalId: 'cust_1' }));
  }, 60_000);
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.leave();
  });
  afterAll(async () => {
    await Promise.all(engines.map((hw) => hw.close()));
    for (const server of servers) server.close();
    await database[Symbol.asyncDispose]();
  });

  async function listen(
    engine: 0 | 1,
    query = '',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Stream> {
    const { port } = servers[engine]!.address() as AddressInfo;
    const abort = new AbortController();
    const response = await fetch(`http://localhost:${port}/hw/api/live${query}`, {
      headers: { authorization: `Bearer ${key}`, ...headers },
      signal: abort.signal,
    });
    const blocks = readBlocks(response);
    const stream: Stream = {
      response,
      next: async () => (await blocks.next()).value as Block | undefined,
      leave: () => abort.abort(),
    };
    streams.push(stream);
    return stream;
  }

  /** An engine whose heart beats fast. */
  function openQuick(): Promise<TestHeadwater> {
    const live = { heartbeatEvery: { milliseconds: 20 }, refreshEvery: { milliseconds: 5 } };
    return createTestHeadwater({ database: { url: database.url, connections: 2 }, live });
  }

  function ask(hw: TestHeadwater): Promise<Response> {
    const headers = { authorization: `Bearer ${key}` };
    return hw.handler(new Request('http://api.test/hw/api/live', { headers }));
  }

  function click(engine: 0 | 1): Promise<Response> {
    return engines[engine]!.handler(
      new Request('https://go.test/a', { headers: { 'user-agent': chrome } }),
    );
  }

  async function track(engine: 0 | 1, name: string): Promise<string> {
    const event = { type: 'custom', name, externalId: 'cust_1' } as const;
    return orThrow(await engines[engine]!.events.track(event)).eventId;
  }

  it('streams clicks and events that another process records', async () => {
    const stream = await listen(0);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('cache-control')).toBe('no-store');
    const begin = await stream.next();
    expect(begin).toMatchObject({ id: expect.stringMatching(/^\d+:\d+:/) as string });
    await click(1);
    const [recorded, clicked] = [await stream.next(), await stream.next()];
    expect(recorded).toMatchObject({
      event: 'event_recorded',
      data: { type: 'event_recorded', event: { event_type: 'link_click', origin: 'redirect' } },
    });
    expect(clicked).toMatchObject({
      event: 'link_click',
      data: {
        type: 'link_click',
        unique: true,
        event: (recorded!.data as { event: object }).event,
      },
    });
    for (const { data } of [recorded!, clicked!])
      expect(liveMessageResponse.parse(data)).toEqual(data);
  });

  it('streams the topics that are asked for', async () => {
    const stream = await listen(0, '?topics=link_clicks');
    await stream.next();
    await track(0, 'not-asked-for');
    await click(0);
    expect(await stream.next()).toMatchObject({ event: 'link_click' });
  });

  it('goes on with Last-Event-ID at another process, after each message and after none', async () => {
    const first = await listen(0, '?topics=events');
    const ids = [(await first.next())!.id!];
    const events = [await track(0, 'one'), await track(1, 'two'), await track(0, 'three')];
    ids.push((await first.next())!.id!);
    ids.push((await first.next())!.id!);
    first.leave();
    const missed = await track(1, 'while-nobody-listens');
    for (const [index, id] of ids.entries()) {
      const stream = await listen(1, '?topics=events', { 'last-event-id': id });
      await stream.next();
      for (const eventId of [...events.slice(index), missed])
        expect(await stream.next()).toMatchObject({ data: { event: { id: eventId } } });
      stream.leave();
    }
  });

  it('says that a position of another database cannot be gone on from', async () => {
    const stream = await listen(0, '', { 'last-event-id': '99999999999:99999999999:' });
    await stream.next();
    expect(await stream.next()).toEqual({ event: 'reset', data: { reason: 'unknown_position' } });
  });

  it('ends streams from time to time, so that the key is looked at again', async () => {
    await using hw = await openQuick();
    const blocks = readBlocks(await ask(hw));
    await blocks.next();
    expect((await blocks.next()).value).toEqual({
      event: 'closed',
      data: { reason: 'reconnect' },
    });
    expect((await blocks.next()).done).toBe(true);
  });

  it('lets go of who takes nothing, who goes on later where it was', async () => {
    await using hw = await openQuick();
    const stuck = await ask(hw);
    const written: string[] = [];
    while (written.length < 40) written.push(await track(0, 'more-than-it-takes'));
    // Two heartbeats find it stuck before this has gone by.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const told: Block[] = [];
    for await (const block of readBlocks(stuck)) told.push(block);
    expect(told.pop()).toEqual({ event: 'closed', data: { reason: 'too_slow' } });
    expect(told.length).toBeLessThan(25);
    const rest = await listen(0, '', { 'last-event-id': told.at(-1)!.id! });
    await rest.next();
    while (told.length <= 40) told.push((await rest.next())!);
    const ids = told.slice(1).map(({ data }) => (data as { event: { id: string } }).event.id);
    expect(ids).toEqual(written);
  });

  it.each([
    ['?topics=clicks', {}, 422, 'validation_failed'],
    ['', { 'last-event-id': 'yesterday' }, 422, 'validation_failed'],
    ['?since=yesterday', {}, 422, 'validation_failed'],
    ['', { authorization: 'Bearer nobody' }, 401, 'unauthorized'],
  ])('refuses what it cannot stream: %s %j', async (query, headers, status, code) => {
    const { response } = await listen(0, query, headers);
    expect([response.status, await response.clone().json()]).toMatchObject([status, { code }]);
  });

  it('streams only so much to one workspace and from one process, and goes on when somebody leaves', async () => {
    await using hw = await createTestHeadwater({
      database: { url: database.url, connections: 2 },
      live: { streams: 3, streamsPerWorkspace: 2 },
    });
    const other = orThrow(await hw.workspaces.create({ name: 'Streams' }));
    const { key: otherKey } = orThrow(
      await hw.apiKeys.create({ kind: 'secret', name: 'live' }, { workspaceId: other.id }),
    );
    const askAs = (secret: string, query = '') =>
      hw.handler(
        new Request(`http://api.test/hw/api/live${query}`, {
          headers: { authorization: `Bearer ${secret}` },
        }),
      );
    const open = async () => /^headwater_live_streams (\d+)$/m.exec(hw.metrics())![1];

    // What is refused for another reason takes no room.
    expect((await askAs(key, '?topics=clicks')).status).toBe(422);
    const own = [await ask(hw), await ask(hw)];
    const tooMany = await ask(hw);
    expect([tooMany.status, tooMany.headers.get('retry-after')]).toEqual([429, '30']);
    expect(await tooMany.json()).toEqual({
      error: 'This workspace has 2 streams open; try again in 30 seconds',
      code: 'rate_limited',
    });
    const others = await askAs(otherKey);
    expect(others.status).toBe(200);
    const full = await askAs(otherKey);
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await full.json()).toMatchObject({ code: 'unavailable' });
    expect(await open()).toBe('3');

    await own[0]!.body!.cancel();
    expect((await ask(hw)).status).toBe(200);
    // The host listens to its own engine as it likes.
    await using subscription = orThrow(await hw.live.subscribe({}, () => undefined));
    expect(subscription.start).toBe('now');
    expect(await open()).toBe('3');
    hw.live.close();
    const blocks = readBlocks(own[1]!);
    for await (const block of blocks) void block;
    expect(Number(await open())).toBeLessThan(3);
  });

  it.each([{ streams: 0 }, { streamsPerWorkspace: 1.5 }])(
    'begins with no number of streams that is none: %j',
    async (live) => {
      await expect(createTestHeadwater({ live })).rejects.toThrow(
        /^live\.streams\w* is a whole number from 1\.$/,
      );
    },
  );

  it('says why it ends when the engine closes', async () => {
    const hw = await createTestHeadwater({ database: { url: database.url, connections: 2 } });
    const blocks = readBlocks(await ask(hw));
    await blocks.next();
    await hw.close();
    expect((await blocks.next()).value).toEqual({ event: 'closed', data: { reason: 'closing' } });
    expect((await blocks.next()).done).toBe(true);
  });
});

async function* readBlocks(response: Response): AsyncGenerator<Block> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const block = readBlock(text.slice(0, end));
      text = text.slice(end + 2);
      if (block !== undefined) yield block;
    }
  }
}

function readBlock(text: string): Block | undefined {
  const fields = new Map(
    text
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  fields.delete('');
  fields.delete('retry');
  if (fields.size === 0) return undefined;
  const data = fields.get('data');
  return {
    ...Object.fromEntries(fields),
    ...(data !== undefined && { data: JSON.parse(data) as unknown }),
  };
}
