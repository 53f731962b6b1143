import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createDatabase } from '../store/postgres.ts';
import type { Database } from '../store/database.ts';
import type { Job } from './job.ts';
import { createJobs } from './jobs.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';

/** The first begin makes the schema of the jobs, which takes seconds on a busy machine. */
const patience = 25_000;

async function until(condition: () => boolean): Promise<void> {
  const endsAt = performance.now() + patience;
  while (!condition() && performance.now() < endsAt) await pause(50);
  expect(condition()).toBe(true);
}

describe.each(testDatabaseSizes)('background work on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const jobsWith = (run: Job['run'], more: Partial<Job> = {}, database = context.database) =>
    createJobs({
      telemetry: createTelemetry(),
      database,
      logger: context.logger,
      jobs: [{ name: 'count_things', cron: '0 0 1 1 *', run, isNeeded: async () => true, ...more }],
    });

  it('is done when it begins, and again when somebody wakes it', async () => {
    let runs = 0;
    const jobs = jobsWith(async () => (runs += 1));
    await jobs.begin();
    await until(() => runs === 1);
    for (let call = 0; call < 10; call += 1) jobs.wake('count_things');
    await until(() => runs === 2);
    await pause(2_500);
    expect(runs).toBe(2);
    await jobs.close();
  }, 60_000);

  it('loads nothing and makes no schema while there is nothing to do', async () => {
    const schema = 'unneeded';
    const database: Database = { ...context.database, schema };
    const jobs = jobsWith(async () => undefined, { isNeeded: async () => false }, database);
    await jobs.begin();
    jobs.wake('count_things');
    await jobs.close();
    const { rows } = await context.database.query(`select from pg_namespace where nspname = $1`, [
      `${schema}_jobs`,
    ]);
    expect(rows).toHaveLength(0);
  });

  it('asks whether it is needed once where two jobs ask the same, and anew when somebody has work', async () => {
    let questions = 0;
    const isNeeded = async () => {
      questions += 1;
      return false;
    };
    const job = { cron: '0 0 1 1 *', run: async () => undefined, isNeeded };
    const { database, logger } = context;
    const jobs = createJobs({
      telemetry: createTelemetry(),
      database,
      logger,
      jobs: [
        { ...job, name: 'one' },
        { ...job, name: 'other' },
      ],
    });
    for (let look = 0; look < 5; look += 1) await jobs.begin();
    expect(questions).toBe(1);
    jobs.wake('one');
    for (let look = 0; look < 5; look += 1) await jobs.begin();
    expect(questions).toBe(2);
    await jobs.close();
  });

  it('goes on after a run that failed, and logs it without what it was about', async () => {
    let runs = 0;
    const jobs = jobsWith(async () => {
      runs += 1;
      if (runs === 1) throw new Error('could not write to ann@people.test');
    });
    await jobs.begin();
    await until(() => runs === 1);
    await pause(100);
    jobs.wake('count_things');
    await until(() => runs === 2);
    await jobs.close();
    const logged = context.logged.filter((line) => line.includes('A job failed.'));
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain('ann@');
  }, 60_000);

  it('asks a run to end when it closes, and waits for it', async () => {
    let ended = false;
    let begun = false;
    const jobs = jobsWith(async (goesOn) => {
      begun = true;
      while (goesOn()) await pause(20);
      ended = true;
    });
    await jobs.begin();
    await until(() => begun);
    await jobs.close();
    expect(ended).toBe(true);
  }, 60_000);

  it('keeps only names in its own schema', async () => {
    const { rows } = await context.database.query('select * from headwater_jobs.job');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ data: expect.anything() as unknown });
    expect(JSON.stringify(rows)).not.toMatch(/ann@|visitor/);
  });

  it.runIf(size === 'postgres')(
    'works on a pool of the host, which stays open',
    async () => {
      const pool = new pg.Pool({ connectionString: context.url, max: 2 });
      const database = createDatabase(pool, {
        size: 'server',
        schema: 'headwater',
        batchesInFlight: 1,
        prepare: true,
        onClose: () => Promise.resolve(),
      });
      let runs = 0;
      const jobs = jobsWith(async () => (runs += 1), {}, database);
      await jobs.begin();
      await until(() => runs > 0);
      await jobs.close();
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await pool.end();
    },
    60_000,
  );
});
