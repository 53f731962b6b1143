import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import { eventually, linkHost } from '../server/server-process.ts';
import type { Variables } from '../server/server-process.ts';
import { assertKept } from './check-record.ts';
import type { Rows } from './check-record.ts';
import { exchange } from './exchange.ts';
import { isLong, report, residentMegabytes, rounds, seededRandom, spread } from './fault-run.ts';
import { linkKey, startLoad } from './retrying-load.ts';
import { endInOrder, patientClicks, secret, serve, serveFirst } from './served.ts';

const kills = rounds(2, 100);
const recoveryMax = 5_000;
const timeout = 60_000 + kills * 15_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-killed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  let { server } = first;
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
    const { origin } = server;
    await eventually('it redirects', async () => (await follow(origin)) === 302);
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

async function follow(origin: string): Promise<number> {
  const headers = { host: linkHost, 'user-agent': 'Mozilla/5.0 (compatible; probe)' };
  const asked = exchange(`${origin}/${linkKey}`, {
    method: 'GET',
    headers,
    patienceMilliseconds: 1_000,
  });
  return asked.then(
    ({ status }) => status,
    () => 0,
  );
}
