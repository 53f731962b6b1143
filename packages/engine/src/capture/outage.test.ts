import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import type { PostgresDatabase } from '../../../../test/support/postgres.ts';
import { createHeadwater } from '../engine.ts';
import type { Headwater } from '../engine.ts';
import { hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { HeadwaterOptions } from '../options.ts';
import { createPool } from '../store/postgres.ts';
import type { IncomingRequest } from './exchange.ts';

/** A way to the database that can be cut, or go silent with every connection open. */
async function openWay(to: URL) {
  let state: 'open' | 'cut' | 'silent' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined).on('close', () => sockets.delete(near));
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(to.port), to.hostname);
    sockets.add(far);
    far
      .on('error', () => near.destroy())
      .on('close', () => {
        sockets.delete(far);
        near.destroy();
      });
    near.on('close', () => far.destroy());
    near.on('data', (bytes) => state !== 'silent' && far.write(bytes));
    far.on('data', (bytes) => state !== 'silent' && near.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    set(next: typeof state) {
      // What went silent has lost bytes: those connections are of no use any more.
      if (next !== 'silent') for (const socket of sockets) socket.destroy();
      state = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function request(target: string): IncomingRequest {
  const headers: Readonly<Record<string, string>> = {
    'user-agent':
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  };
  return {
    method: 'GET',
    target,
    host: 'mybrand.link',
    scheme: 'https',
    remoteAddress: '203.0.113.77',
    header: (name) => headers[name],
    body: () => Promise.resolve(new Uint8Array()),
  };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the redirect without its database', () => {
  let database: PostgresDatabase;
  let way: Awaited<ReturnType<typeof openWay>>;
  let folder: string;
  beforeAll(async () => {
    database = await createPostgresDatabase();
    way = await openWay(new URL(database.url));
    folder = await mkdtemp(join(tmpdir(), 'headwater-outage-'));
  });
  const pools: pg.Pool[] = [];
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    way.close();
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  function openPool(url: string): pg.Pool {
    const pool = createPool(url, 10);
    // A connection that breaks while it is in use is reported twice: to whoever uses it, and here.
    pool.on('connect', (client) => client.on('error', () => undefined));
    pools.push(pool);
    return pool;
  }

  const open = (more: Pick<HeadwaterOptions, 'clock'> = {}): Promise<Headwater> =>
    createHeadwater({
      ...more,
      database: { pool: openPool(way.url) },
      secret: 'a secret of the tests that is long enough',
      spoolFolder: folder,
      links: { domains: ['mybrand.link'] },
    });

  /** Clicks at an even pace, each answered with a 302; how many. */
  async function click(
    hw: Headwater,
    target: string,
    perSecond: number,
    milliseconds: number,
  ): Promise<number> {
    const answers: Promise<void>[] = [];
    const start = performance.now();
    for (;;) {
      const elapsed = performance.now() - start;
      if (elapsed >= milliseconds) break;
      while (answers.length < (elapsed / 1_000) * perSecond) {
        answers.push(
          hw.handle(request(target)).then((response) => {
            expect(response?.status).toBe(302);
          }),
        );
      }
      await pause(2);
    }
    await Promise.all(answers);
    return answers.length;
  }

  async function drained(hw: Headwater): Promise<void> {
    while (!hw.metrics().includes('headwater_spool_waiting 0\n')) await pause(20);
    await hw.events.flush();
  }

  it.each(['cut', 'silent'] as const)(
    'answers and loses no click while the way is %s',
    async (state) => {
      const hw = await open();
      await hw.migrate();
      await hw.start();
      const link = orThrow(
        await hw.links.create({ key: `outage-${state}`, url: 'https://example.com/' }),
      );
      await click(hw, `/${link.key}`, 200, 300);
      way.set(state);
      const during = await click(hw, `/${link.key}`, 1_000, 1_500);
      way.set('open');
      const after = await click(hw, `/${link.key}`, 200, 500);
      await drained(hw);
      const { clicks, uniqueClicks } = orThrow(await hw.links.stats(link.id));
      const before = clicks - during - after;
      expect(before).toBeGreaterThanOrEqual(50);
      expect(before).toBeLessThanOrEqual(61);
      expect(uniqueClicks).toBe(clicks);
      expect(hw.metrics()).toContain('headwater_clicks_lost_total 0\n');
      await hw.close();
    },
    60_000,
  );

  it('serves the links of its last run when it starts without the database, and drains what that left', async () => {
    way.set('open');
    const before = await open();
    await before.migrate();
    await before.start();
    const link = orThrow(
      await before.links.create({
        key: 'snapshot',
        url: 'https://example.com/',
        utmSource: 'mail',
      }),
    );
    expect((await before.handle(request('/snapshot')))?.status).toBe(302);
    await before.close();

    way.set('cut');
    const during = await open();
    await during.start();
    const answer = await during.handle(request('/snapshot'));
    expect(answer?.status).toBe(302);
    expect(answer?.headers.find(([name]) => name === 'location')?.[1]).toMatch(
      /^https:\/\/example\.com\/\?utm_source=mail&hw_click=/,
    );
    expect((await during.handle(request('/never-seen')))?.status).toBe(503);
    await during.close();

    way.set('open');
    const after = await open();
    await after.start();
    await drained(after);
    expect(orThrow(await after.links.stats(link.id))).toMatchObject({ clicks: 2, uniqueClicks: 2 });
    await after.close();
  }, 60_000);

  it('serves the links that it knows when all of them may have changed and nobody can be asked', async () => {
    way.set('open');
    let ahead = 0;
    const hw = await open({ clock: { now: () => Date.now() + ahead } });
    await hw.migrate();
    await hw.start();
    const link = orThrow(await hw.links.create({ key: 'doubted', url: 'https://example.com/' }));
    expect((await hw.handle(request('/doubted')))?.status).toBe(302);
    ahead = 2 * hour;
    // Reads that so much time has passed that changes may have gone by unseen.
    expect((await hw.handle(request('/nothing')))?.status).toBe(404);
    way.set('silent');
    expect((await hw.handle(request('/doubted')))?.status).toBe(302);
    way.set('open');
    await drained(hw);
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 2 });
    await hw.close();
  }, 60_000);
});
