import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour } from '../kernel/clock.ts';
import { createChangeLog, insertChange } from './change-log.ts';
import type { ChangeLog, ChangeNews } from './change-log.ts';
import type { Db } from './database.ts';

const workspaceId = '01900000-0000-7000-8000-000000000001';

async function write(
  context: TestContext,
  name: string,
  db: Db = context.database.db,
): Promise<void> {
  const now = context.clock.now();
  await insertChange(db, {
    workspaceId,
    id: context.createId(now),
    topic: 'link',
    subject: { name },
    at: new Date(now),
  });
}

/** A change log of another process, and what it has told. */
function follow(context: TestContext): { log: ChangeLog; told: string[] } {
  const log = createChangeLog({ ...context, everyMilliseconds: 1_000 });
  const told: string[] = [];
  log.subscribe('link', (news) => told.push(nameOf(news)));
  return { log, told };
}

function nameOf(news: ChangeNews | 'everything'): string {
  return news === 'everything' ? news : String(news.subject['name']);
}

describe.each(testDatabaseSizes)('createChangeLog on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('begins with everything, then tells each change once', async () => {
    const { log, told } = follow(context);
    await write(context, 'before');
    await log.poll();
    await write(context, 'one');
    await write(context, 'two');
    await log.poll();
    await log.poll();
    expect(told).toEqual(['everything', 'one', 'two']);
  });

  it('tells subscribers of the topic only, until they leave', async () => {
    const { log, told } = follow(context);
    const others: string[] = [];
    log.subscribe('workspace', (news) => others.push(nameOf(news)));
    const leaving: string[] = [];
    const leave = log.subscribe('link', (news) => leaving.push(nameOf(news)));
    await log.poll();
    leave();
    await write(context, 'topic');
    await log.poll();
    expect([told, others, leaving]).toEqual([
      ['everything', 'topic'],
      ['everything'],
      ['everything'],
    ]);
  });

  it('tells this process at once, and survives a subscriber that fails', async () => {
    const { log, told } = follow(context);
    log.subscribe('link', () => {
      throw new Error('broken subscriber');
    });
    log.announce({ workspaceId, topic: 'link', subject: { name: 'here' } });
    await log.poll();
    expect(told).toEqual(['here', 'everything']);
  });

  it('begins again after a pause in which rows may have been deleted', async () => {
    const { log, told } = follow(context);
    await log.poll();
    await write(context, 'lost');
    context.clock.moveBy(hour + 1);
    await log.poll();
    expect(told).toEqual(['everything', 'everything']);
  });

  it('is behind until it has read lately, and catches up by itself', async () => {
    const { log, told } = follow(context);
    expect(log.isBehind()).toBe(true);
    await log.catchUp();
    expect(log.isBehind()).toBe(false);
    await write(context, 'later');
    await log.catchUp();
    expect(told).toEqual(['everything']);
    context.clock.moveBy(1_001);
    await Promise.all([log.catchUp(), log.catchUp()]);
    expect(told).toEqual(['everything', 'later']);
  });

  it('is behind when the clock has gone back, and then tells of everything', async () => {
    const { log, told } = follow(context);
    await log.poll();
    await write(context, 'meanwhile');
    context.clock.moveBy(-2 * hour);
    expect(log.isBehind()).toBe(true);
    await log.catchUp();
    expect(told).toEqual(['everything', 'everything']);
    expect(log.isBehind()).toBe(false);
    context.clock.moveBy(2 * hour);
  });

  it('reads by itself from start to stop, and deletes what everybody has read', async () => {
    const log = createChangeLog({ ...context, everyMilliseconds: 5 });
    const told: string[] = [];
    log.subscribe('link', (news) => told.push(nameOf(news)));
    const named = async (): Promise<unknown[]> =>
      (await context.database.db.selectFrom('change').select('subject').execute()).map(
        (row) => row.subject['name'],
      );
    const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
      while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await write(context, 'ancient');
    context.clock.moveBy(day + 1);
    await write(context, 'old');
    log.start();
    // The change that nobody can still be waiting for goes at once, the other when a reading is an hour old.
    await until(async () => !(await named()).includes('ancient'));
    expect(await named()).toContain('old');
    context.clock.moveBy(30 * 60_000);
    await write(context, 'young');
    await until(() => told.includes('young'));
    context.clock.moveBy(31 * 60_000);
    await until(async () => !(await named()).includes('old'));
    expect(await named()).toContain('young');
    await log.stop();
    await write(context, 'after');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(told).not.toContain('after');
  });
});

describe('createChangeLog between connections', () => {
  let context: TestContext;
  let pool: pg.Pool;
  beforeAll(async () => {
    context = await openTestContext('postgres');
    const [row] = await context.database.run<{ port: string; name: string }>(
      { name: '', text: "select current_setting('port') as port, current_database() as name" },
      [],
    );
    pool = new pg.Pool({
      connectionString: `postgres://postgres@127.0.0.1:${row!.port}/${row!.name}`,
    });
    // Its clients may be cut off when the database is dropped.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
  }, 30_000);
  afterAll(async () => {
    await pool.end();
    await context[Symbol.asyncDispose]();
  });

  it('skips no late commit and waits for no long transaction', async () => {
    const { log, told } = follow(context);
    await log.poll();
    const late = await pool.connect();
    await late.query('begin');
    await write(context, 'late', context.database.join(late));
    await write(context, 'early');
    await log.poll();
    expect(told).toEqual(['everything', 'early']);
    await write(context, 'next');
    await log.poll();
    await late.query('commit');
    late.release();
    await log.poll();
    await log.poll();
    expect(told).toEqual(['everything', 'early', 'next', 'late']);
  });

  it('tells nothing of what was rolled back', async () => {
    const { log, told } = follow(context);
    await log.poll();
    const host = await pool.connect();
    await host.query('begin');
    await write(context, 'never', context.database.join(host));
    await host.query('rollback');
    host.release();
    await log.poll();
    expect(told).toEqual(['everything']);
  });

  it('tells every reader everything, whatever the order of commits', async () => {
    const readers = [follow(context), follow(context)];
    for (const { log } of readers) await log.poll();
    const writers = { busy: true };
    const reading = readers.map(async ({ log }) => {
      while (writers.busy) await log.poll();
      await log.poll();
    });
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const client = await pool.connect();
        for (let round = 0; round < 15; round += 1) {
          await client.query('begin');
          await write(context, `${writer}.${round}`, context.database.join(client));
          await client.query('select pg_sleep($1)', [Math.random() / 100]);
          await client.query('commit');
        }
        client.release();
      }),
    );
    writers.busy = false;
    await Promise.all(reading);
    for (const { told } of readers) {
      expect(told).toHaveLength(1 + 8 * 15);
      expect(new Set(told).size).toBe(1 + 8 * 15);
    }
  });
});
