import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import type { ServerProcess, Variables } from '../server/server-process.ts';
import { assertKept } from './check-record.ts';
import type { Rows } from './check-record.ts';
import { isLong, report, residentMegabytes, rounds, seededRandom, spread } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import { endInOrder, patientClicks, secret, serve, serveFirst } from './served.ts';

const kills = rounds(2, 100);
const recoveryMax = 5_000;
const timeout = 120_000 + kills * 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-killed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe(`a server that is killed ${kills} times under load`, () => {
  it('loses nothing that it acknowledged and counts nothing twice, embedded', { timeout }, () => {
    const data = join(folder, 'embedded');
    return expectKept('embedded', { HEADWATER_DATA: data, ...patientClicks }, { folder: data });
  });

  it(
    'loses nothing that it acknowledged and counts nothing twice, on PostgreSQL',
    { timeout },
    async () => {
      await using database = await createPostgresDatabase();
      const variables = {
        HEADWATER_DATA: join(folder, 'server'),
        DATABASE_URL: database.url,
        HEADWATER_SECRET: secret,
        ...patientClicks,
      };
      await expectKept('PostgreSQL', variables, database);
    },
  );
});

async function expectKept(where: string, variables: Variables, rows: Rows): Promise<void> {
  const random = seededRandom();
  const first = await serveFirst(variables);
  const { key } = first;
  let server: ServerProcess = first;
  const load = startLoad({ origin: () => server.origin, key, random });
  const recoveries: number[] = [];
  const memory: number[] = [];
  const since = performance.now();
  for (let kill = 0; kill < kills; kill += 1) {
    await load.acknowledged(100);
    await sleep(random() * 1_500);
    memory.push(residentMegabytes(server.pid));
    server.signal('SIGKILL');
    await server.ended;
    const start = performance.now();
    server = await serve(variables);
    await load.acknowledged(1);
    recoveries.push(performance.now() - start);
  }
  await load.settle();
  const seconds = (performance.now() - since) / 1_000;
  await endInOrder(server);
  const { events } = await assertKept(rows, [load.record]);
  expect(Object.fromEntries(load.record.unexpected)).toEqual({});
  expect(load.record.clicks.size).toBeGreaterThan(kills * 10);
  const { p50, max } = spread(recoveries);
  report(`server killed, ${where}`, {
    kills,
    events,
    'events/s': Math.round(events / seconds),
    repeats: load.record.repeats,
    lost: 0,
    twice: 0,
    'recovery p50 ms': p50,
    'recovery max ms': max,
    'RSS max MB': Math.max(...memory),
  });
  // The short form runs beside other tests, on machines of any kind.
  if (isLong) expect(max).toBeLessThan(recoveryMax);
}
