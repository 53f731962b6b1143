import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPostgresCluster } from '../support/postgres-cluster.ts';
import type { PostgresCluster } from '../support/postgres-cluster.ts';
import { readMetric } from '../server/server-process.ts';
import { checkRecord } from './check-record.ts';
import { isLong, report, residentMegabytes, seededRandom } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import { endInOrder, secret, serve, serveFirst } from './served.ts';

const seconds = isLong ? 30 : 1.5;
/** `prlimit` is a part of util-linux, which every Debian has. */
const canLimit = process.platform === 'linux';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-disk-full-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(canLimit)('a server with a full disk', () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgresCluster();
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  it(
    'redirects while PostgreSQL is away and the spool takes nothing, counts what it loses, and loses nothing else',
    { timeout: 120_000 + seconds * 2_000 },
    async () => {
      const data = join(folder, 'spool');
      await using server = await serveFirst({
        HEADWATER_DATA: data,
        DATABASE_URL: cluster.url,
        HEADWATER_SECRET: secret,
      });
      const { key } = server;
      const random = seededRandom();
      const origin = (): string => server.origin;
      const load = startLoad({ origin, key, random });
      const clicks = startLoad({ origin, key, random, only: 'clicks' });
      await load.acknowledged(200);
      const before = residentMegabytes(server.pid);

      await cluster.crash();
      limitFiles(server.pid, '0');
      await sleep(seconds * 1_000);
      const lost = await readMetric(server, 'headwater_clicks_lost_total');
      const files = readdirSync(join(data, 'spool')).filter((name) => name.startsWith('clicks.'));
      const readiness = await fetch(`${server.origin}/readyz`);
      const grown = residentMegabytes(server.pid) - before;
      limitFiles(server.pid, 'unlimited');
      await cluster.restart();
      await load.acknowledged(20, 'keyed');

      await Promise.all([load.settle(), clicks.settle()]);
      const lostAtEnd = await readMetric(server, 'headwater_clicks_lost_total');
      await endInOrder(server);
      const checked = await checkRecord({ url: cluster.url }, [load.record, clicks.record], {
        rebuilds: false,
      });
      expect(checked.lost.filter((what) => !what.startsWith('click '))).toEqual([]);
      expect(checked.lost.length).toBeLessThanOrEqual(lostAtEnd);
      expect([...checked.twice, ...checked.broken]).toEqual([]);
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      expect(load.record.unansweredClicks + clicks.record.unansweredClicks).toBe(0);
      expect(lost).toBeGreaterThan(0);
      expect(readiness.status).toBe(503);
      // Each refused write leaves nothing behind, however many there are.
      expect(files.length).toBeLessThan(10);
      report('disk full, spool', {
        seconds,
        events: checked.events,
        'clicks lost and counted': lostAtEnd,
        'others lost': 0,
        twice: 0,
        'RSS growth MB': grown,
      });
    },
  );
});

describe.runIf(canLimit)('an embedded server whose files cannot be written', () => {
  it(
    'says so and ends, and has everything that it acknowledged when it is started again',
    { timeout: 240_000 },
    async () => {
      const variables = { HEADWATER_DATA: join(folder, 'embedded') };
      await using first = await serveFirst(variables);
      let { origin } = first;
      const load = startLoad({
        origin: () => origin,
        key: first.key,
        random: seededRandom(),
        only: 'keyed',
      });
      await load.acknowledged(100);
      limitFiles(first.pid, '0');
      const start = performance.now();
      expect(await first.ended).toEqual({ code: 1, signal: null });
      const ended = Math.round(performance.now() - start);
      expect(first.log()).toContain('Make room on its disk and start the process again');
      await using second = await serve(variables);
      origin = second.origin;
      await load.acknowledged(20);
      await load.settle();
      await endInOrder(second);
      const { lost, twice, broken, events } = await checkRecord(
        { folder: variables.HEADWATER_DATA },
        [load.record],
      );
      expect([...lost, ...twice, ...broken]).toEqual([]);
      // PostgreSQL has no code of its own for a file that may not grow, as it has for a full disk: that is a 500.
      const unexpected = [...load.record.unexpected.keys()];
      expect(unexpected.filter((what) => !/^500 .*internal_error/.test(what))).toEqual([]);
      report('no writing, embedded', { events, lost: 0, twice: 0, 'ended after ms': ended });
    },
  );
});

describe.runIf(isLong && canMount())("a full disk under PGlite's folder", () => {
  it(
    'refuses with 503 what it cannot commit, and goes on by itself when there is room',
    { timeout: 240_000 },
    async () => {
      const data = join(folder, 'small');
      mkdirSync(data);
      mount(data, '200m');
      try {
        await using server = await serveFirst({ HEADWATER_DATA: data });
        const { key } = server;
        const random = seededRandom();
        const load = startLoad({ origin: () => server.origin, key, random, only: 'keyed' });
        await load.acknowledged(200);
        const ballast = join(data, 'ballast');
        fill(ballast);
        await sleep(seconds * 1_000);
        const repeats = load.record.repeats;
        rmSync(ballast);
        const start = performance.now();
        await load.acknowledged(50);
        const took = Math.round(performance.now() - start);
        await load.settle();
        await endInOrder(server);
        const checked = await checkRecord({ folder: data }, [load.record]);
        expect([...checked.lost, ...checked.twice, ...checked.broken]).toEqual([]);
        expect(Object.fromEntries(load.record.unexpected)).toEqual({});
        report("disk full, PGlite's folder", {
          seconds,
          events: checked.events,
          'refused and repeated': repeats,
          lost: 0,
          twice: 0,
          'back after ms': took,
        });
      } finally {
        execFileSync('umount', ['--lazy', data]);
      }
    },
  );
});

/** Files of a running process end there; where they do, writing fails as on a full disk (setrlimit(2), `EFBIG`). */
function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

function mount(path: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
}

/** Takes every block that is left. */
function fill(path: string): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=4096'], { stdio: 'ignore' });
  } catch {
    // That there is no room is how it ends.
  }
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'headwater-mount-'));
  try {
    mount(path, '1m');
    execFileSync('umount', [path]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { recursive: true });
  }
}
