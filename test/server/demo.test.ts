import { orThrow } from 'headwater';
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
    const openDemo = (visitors: number) =>
      createDemo({
        neighbour,
        place: demoPlace(options, '.'),
        engine: { secret: testSecret },
        logger: quiet,
        size: { days: 3, visitors },
      });
    const pool = new pg.Pool({ connectionString: database.url });
    const schemas = async (): Promise<number> =>
      (await pool.query(`select 1 from pg_namespace where nspname like 'headwater_demo%'`))
        .rowCount!;

    // While one process makes it nobody else begins; when it ends before its time, another one may.
    const [ending, other] = [openDemo(4_000), openDemo(5)];
    expect(await ending.make()).toMatchObject({ state: 'making' });
    expect(await other.make()).toMatchObject({ state: 'making' });
    await ending.close();
    expect(await other.find()).toMatchObject({ state: 'failed' });
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
