import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import { assertKept } from './check-record.ts';
import { report, rounds, seededRandom, spread } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import { endInOrder, patientClicks, secret, serve, serveFirst } from './served.ts';

const kills = rounds(1, 20);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-two-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`two servers on one database, of which one is killed ${kills} times`, () => {
  it(
    'keep every acknowledged event once, and the other one goes on',
    { timeout: 120_000 + kills * 20_000 },
    async () => {
      const random = seededRandom();
      await using database = await createPostgresDatabase();
      const variables = (name: string) => ({
        HEADWATER_DATA: join(folder, name),
        DATABASE_URL: database.url,
        HEADWATER_SECRET: secret,
        ...patientClicks,
      });
      await using first = await serveFirst(variables('first'));
      const { key } = first;
      let second = await serve(variables('second'));
      const isUp = { second: true };
      const origin = (): string => (isUp.second && random() < 0.5 ? second : first).origin;
      // People are the same at both: what one of them does not acknowledge is sent again to either.
      const load = startLoad({ origin, key, random });
      const pauses: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        await load.acknowledged(150);
        await sleep(random() * 500);
        second.signal('SIGKILL');
        const start = performance.now();
        await second.ended;
        isUp.second = false;
        await load.acknowledged(5, 'keyed');
        pauses.push(performance.now() - start);
        second = await serve(variables('second'));
        isUp.second = true;
      }
      await load.acknowledged(100);
      await load.settle();
      await endInOrder(second);
      await endInOrder(first);
      const { events } = await assertKept(database, [load.record]);
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      const { p50, max } = spread(pauses);
      report('two servers, one killed', {
        kills,
        events,
        repeats: load.record.repeats,
        lost: 0,
        twice: 0,
        'others go on after p50 ms': p50,
        'max ms': max,
      });
    },
  );
});
