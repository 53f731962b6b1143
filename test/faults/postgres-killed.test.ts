import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPostgresCluster } from '../support/postgres-cluster.ts';
import type { PostgresCluster } from '../support/postgres-cluster.ts';
import { assertKept } from './check-record.ts';
import { isLong, report, residentMegabytes, rounds, seededRandom, spread } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import { endInOrder, secret, serveFirst } from './served.ts';

const kills = rounds(2, 20);
const recoveryMax = 5_000;

let folder: string;
let cluster: PostgresCluster;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-postgres-killed-'));
  cluster = await startPostgresCluster();
}, 60_000);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe(`PostgreSQL killed ${kills} times while people share devices`, () => {
  it(
    'keeps every acknowledged event once, every redirect, and the laws of identity',
    { timeout: 120_000 + kills * 20_000 },
    async () => {
      const random = seededRandom();
      await using server = await serveFirst({
        HEADWATER_DATA: folder,
        DATABASE_URL: cluster.url,
        HEADWATER_SECRET: secret,
      });
      const { key } = server;
      const load = startLoad({ origin: () => server.origin, key, random, contested: true });
      // The link has to be known before its database goes.
      await load.acknowledged(200);
      const memory = residentMegabytes(server.pid);
      const recoveries: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        await load.acknowledged(100);
        await sleep(random() * 1_000);
        await cluster.kill();
        await sleep(random() * 500);
        await cluster.restart();
        const start = performance.now();
        // Clicks are answered meanwhile as well; what needs the database is not.
        await load.acknowledged(1, 'keyed');
        recoveries.push(performance.now() - start);
      }
      await load.settle();
      const grown = residentMegabytes(server.pid) - memory;
      await endInOrder(server);
      const { events } = await assertKept({ url: cluster.url }, [load.record], { rebuilds: false });
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      const { p50, max } = spread(recoveries);
      report('PostgreSQL killed', {
        kills,
        events,
        repeats: load.record.repeats,
        'redirects without an answer': load.record.unansweredClicks,
        lost: 0,
        twice: 0,
        'recovery p50 ms': p50,
        'recovery max ms': max,
        'RSS growth MB': grown,
      });
      expect(load.record.unansweredClicks).toBe(0);
      if (isLong) expect(max).toBeLessThan(recoveryMax);
    },
  );
});
