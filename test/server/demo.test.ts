import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Logger } from 'headwater';
import { createTestClock, createTestHeadwater, testSecret } from 'headwater/testing';
import pg from 'pg';
import { expect, it } from 'vitest';

import { createSignIn } from '../../packages/server/src/auth/sign-in.ts';
import { demoPlace } from '../../packages/server/src/demo/demo-place.ts';
import { createDemo } from '../../packages/server/src/demo/demo.ts';
import { takeDemo } from '../../packages/server/src/demo/demo-store.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { eventually } from './server-process.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

it(
  'makes one demo workspace for all processes on PostgreSQL, in a schema that goes with it',
  { timeout: 120_000 },
  async () => {
    await using database = await createPostgresDatabase();
    const options = { database: { url: database.url } };
    const clock = createTestClock(new Date());
    await using hw = await createTestHeadwater({ ...options, clock });
    const signIn = createSignIn(hw, {
      basePath: '/hw',
      publicUrl: 'http://localhost',
      mail: undefined,
      oidc: undefined,
      schema: 'headwater',
      logger: quiet,
    });
    await signIn.prepare();
    const { neighbour } = signIn.ground;
    const openDemo = (visitors: number, logger: Logger = quiet, place = demoPlace(options, '.')) =>
      createDemo({
        neighbour,
        place,
        engine: { secret: testSecret },
        logger,
        size: { days: 3, visitors },
      });
    const pool = new pg.Pool({ connectionString: database.url });
    const schemas = async (): Promise<number> =>
      (await pool.query(`select 1 from pg_namespace where nspname like 'headwater_demo%'`))
        .rowCount!;

    // A schema of somebody else that only has the name stays; what goes wrong ends no process.
    await pool.query('create schema headwater_demo; create table headwater_demo.theirs ()');
    const errors: unknown[] = [];
    const logger: Logger = {
      ...quiet,
      error: (_, { error } = {}) => void errors.push(error),
    };
    const refused = openDemo(5, logger, {
      ...demoPlace(options, '.'),
      remove: () => Promise.reject(new Error('The disk is away')),
    });
    await refused.make();
    await eventually('it has failed', async () => (await refused.find())?.state === 'failed', 30);
    expect(errors.map(String)).toEqual([
      expect.stringContaining('The schema headwater_demo was not made for a demo'),
      'Error: The disk is away',
    ]);
    await refused.close();
    const willing = openDemo(5);
    await willing.remove();
    expect(await willing.find()).toBeUndefined();
    expect(await schemas()).toBe(1);
    await pool.query('drop schema headwater_demo cascade');

    // While one process makes it nobody else begins; when it ends before its time, another one may.
    const [ending, other] = [openDemo(4_000), openDemo(5)];
    expect(await ending.make()).toMatchObject({ state: 'making' });
    expect(await other.make()).toMatchObject({ state: 'making' });
    await ending.close();
    expect(await other.find()).toBeUndefined();
    expect(await schemas()).toBe(0);
    // One that was killed says nothing, and is given a minute.
    const killed = { id: neighbour.createId(), at: new Date(clock.now()), deadBefore: new Date(0) };
    expect(await takeDemo(neighbour.db, killed)).toBe(true);
    expect(await other.make()).toMatchObject({ state: 'making' });
    clock.advance({ minutes: 2 });
    expect(await other.find()).toMatchObject({ state: 'failed' });
    await other.make();
    await eventually('the demo is ready', async () => (await other.find())?.state === 'ready', 90);

    const { workspaceId } = (await ending.find())!;
    const simulated = (await ending.engineOf(workspaceId!))!;
    expect(orThrow(await simulated.links.list()).links).toHaveLength(6);
    expect(await simulated.partners.programs.list()).toHaveLength(1);
    expect(orThrow(await hw.links.list()).links).toEqual([]);
    expect(await other.make()).toMatchObject({ state: 'ready', workspaceId });

    await ending.remove();
    expect(await other.find()).toBeUndefined();
    expect(await other.engineOf(workspaceId!)).toBeUndefined();
    expect(await schemas()).toBe(0);
    await Promise.all([other.close(), ending.close(), pool.end()]);
  },
);

it("makes no demo beside a schema whose name leaves no room for the demo's", async () => {
  const place = demoPlace({ database: { url: 'postgres://nowhere' }, schema: 'x'.repeat(41) }, '.');
  await expect(place.prepare({} as never)).rejects.toThrow(/at most 40 bytes/);
});

it('takes away a folder that it has made itself, and no other one', async () => {
  const data = mkdtempSync(join(tmpdir(), 'headwater-demo-'));
  const db = {} as never;
  try {
    const place = demoPlace({ database: { folder: data } }, data);
    mkdirSync(join(data, 'demo'));
    writeFileSync(join(data, 'demo', 'theirs'), '');
    await place.remove(db);
    await expect(place.prepare(db)).rejects.toThrow(/was not made for a demo/);
    expect(readdirSync(join(data, 'demo'))).toEqual(['theirs']);
    rmSync(join(data, 'demo', 'theirs'));
    await place.prepare(db);
    writeFileSync(join(data, 'demo', 'ours'), '');
    await place.remove(db);
    expect(readdirSync(data)).toEqual([]);
  } finally {
    rmSync(data, { recursive: true });
  }
});
