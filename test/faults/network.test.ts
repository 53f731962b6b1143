import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { eventually, readMetric } from '../server/server-process.ts';
import type { ServerProcess } from '../server/server-process.ts';
import { assertKept } from './check-record.ts';
import { isLong, report, residentMegabytes, rounds, seededRandom } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import type { Load } from './retrying-load.ts';
import { endInOrder, secret, serveFirst } from './served.ts';

const seconds = isLong ? 30 : 1.5;
const repeats = rounds(1, 3);
const drainMax = 60_000;
/** What a server may grow by while it waits (reference, §8.3 row 9); a short run says little about memory. */
const growthMax = isLong ? 64 : 200;

const faults: ReadonlyArray<readonly [what: string, make: (proxy: FaultProxy) => void]> = [
  ['500 ms late', (proxy) => proxy.set({ latencyMilliseconds: 500 })],
  ['1 % of what is sent reset', (proxy) => proxy.set({ resets: 0.01 })],
  ['black-holed', (proxy) => proxy.set({ blackhole: true })],
  ['at 20 kB/s', (proxy) => proxy.set({ bytesPerSecond: 20_000 })],
  [
    'reset at once, and slow to close',
    (proxy) => {
      proxy.set({ closeDelayMilliseconds: 1_000 });
      proxy.resetAll();
    },
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-network-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`a way to PostgreSQL that is bad for ${seconds} s at a time`, () => {
  it(
    'costs no acknowledged event and no redirect, and little memory',
    { timeout: 120_000 + repeats * faults.length * (seconds * 1_000 + 90_000) },
    async () => {
      const random = seededRandom();
      await using database = await createPostgresDatabase();
      const { hostname: host, port } = new URL(database.url);
      await using proxy = await startFaultProxy({ host, port: Number(port) }, random);
      await using server = await serveFirst({
        HEADWATER_DATA: folder,
        DATABASE_URL: proxy.through(database.url),
        HEADWATER_SECRET: secret,
      });
      const { key } = server;
      const load = startLoad({ origin: () => server.origin, key, random });
      await load.acknowledged(isLong ? 5_000 : 300);
      const before = residentMegabytes(server.pid);
      const figures: Record<string, number> = {};
      let grown = 0;
      for (let round = 0; round < repeats; round += 1) {
        for (const [what, make] of faults) {
          make(proxy);
          await sleep(seconds * 1_000);
          grown = Math.max(grown, residentMegabytes(server.pid) - before);
          proxy.set({});
          const took = await recovery(server, load);
          figures[`${what}, back after ms`] = Math.max(
            figures[`${what}, back after ms`] ?? 0,
            took,
          );
        }
      }
      await load.settle();
      expect(await readMetric(server, 'headwater_clicks_lost_total')).toBe(0);
      await endInOrder(server);
      // Clicks that waited in the spool were landed before: who that is, a rebuild decides.
      const { events } = await assertKept(database, [load.record], { rebuilds: false });
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      expect(load.record.unansweredClicks).toBe(0);
      report('way to PostgreSQL', {
        rounds: repeats * faults.length,
        seconds,
        events,
        repeats: load.record.repeats,
        resets: proxy.stats.resets,
        lost: 0,
        twice: 0,
        ...figures,
        'RSS growth MB': grown,
      });
      expect(grown).toBeLessThan(growthMax);
    },
  );
});

/** Until events are acknowledged again and nothing waits in the spool; milliseconds. */
async function recovery(server: ServerProcess, load: Load): Promise<number> {
  const start = performance.now();
  await load.acknowledged(5, 'keyed');
  const took = performance.now() - start;
  const isDrained = async (): Promise<boolean> =>
    (await readMetric(server, 'headwater_spool_waiting')) < 50;
  await eventually('the spool is drained', isDrained, drainMax / 1_000);
  return Math.round(took);
}
