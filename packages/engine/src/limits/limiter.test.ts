import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import type { Context } from '../context.ts';
import { day, minute } from '../kernel/clock.ts';
import { prune } from '../store/prune.ts';
import { createLimiter } from './limiter.ts';
import type { Limiter } from './limiter.ts';
import { countedNetwork, resolveLimits } from './rate-limit.ts';

const perMinute = (requests: number) => ({ requests, per: { minutes: 1 } });
const options = { limits: { beacons: perMinute(100), failedCredentials: perMinute(20) } };

/** How many of so many requests are let through. */
function takeMany({ take }: Limiter, subject: string, requests: number): number {
  let taken = 0;
  for (let index = 0; index < requests; index += 1)
    if (take('beacons', subject) === undefined) taken += 1;
  return taken;
}

describe('a limiter of one process', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite', options);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('takes as many as the limit in a window, says when the next one begins, and begins again', () => {
    const { limiter, clock } = context;
    expect(takeMany(limiter, 'a', 99)).toBe(99);
    clock.moveBy(15_500);
    expect(takeMany(limiter, 'a', 10)).toBe(1);
    expect(limiter.take('beacons', 'a')).toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 45,
    });
    expect(takeMany(limiter, 'b', 10)).toBe(10);
    clock.moveBy(44_499);
    expect(limiter.take('beacons', 'a')).toMatchObject({ retryAfterSeconds: 1 });
    clock.moveBy(1);
    expect(takeMany(limiter, 'a', 101)).toBe(100);
  });

  it('refuses nobody for longer than a window when the clock goes back a day', () => {
    const { limiter, clock } = context;
    expect(takeMany(limiter, 'back', 101)).toBe(100);
    clock.moveBy(-day);
    expect(takeMany(limiter, 'back', 1)).toBe(1);
    clock.moveBy(day);
  });

  it('counts nobody who is not known, and nothing that is switched off', () => {
    const off = createLimiter({ ...context, limits: resolveLimits(false) });
    expect(takeMany(off, 'a', 200)).toBe(200);
    const some = createLimiter({ ...context, limits: resolveLimits({ beacons: false }) });
    expect(takeMany(some, 'a', 200)).toBe(200);
    for (let index = 0; index < 200; index += 1)
      expect(context.limiter.take('beacons', undefined)).toBeUndefined();
  });

  it('gives back what should not have been counted', async () => {
    const { limiter } = context;
    for (let index = 0; index < 50; index += 1) {
      const taken = await limiter.takeTogether('failedCredentials', 'c');
      if (!taken.ok) throw new Error(taken.message);
      taken.giveBack();
    }
    expect(limiter.excess('failedCredentials', 'c')).toBeUndefined();
  });
});

describe('limiters of several processes on one PostgreSQL', () => {
  let context: TestContext;
  let processes: readonly Context[];
  beforeAll(async () => {
    context = await openTestContext('postgres', options);
    processes = [context, context.another(), context.another()];
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const settle = () => Promise.all(processes.map(({ limiter }) => limiter.settle()));

  it('hold a limit together, but for the tenth that each may keep to itself', async () => {
    let taken = 0;
    for (let round = 0; round < 50; round += 1) {
      for (const { limiter } of processes) taken += takeMany(limiter, 'everywhere', 4);
      await settle();
    }
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(taken).toBeLessThanOrEqual(100 + processes.length * 10);
  });

  it('write nothing for those who stay below the tenth', async () => {
    takeMany(context.limiter, 'small', 9);
    await settle();
    const rows = await context.database.db.selectFrom('rate_count').select('subject').execute();
    expect(rows.map(({ subject }) => subject)).not.toContain('small');
  });

  it('let no wrong guess through beyond the limit, however many come at once', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 90 }, (_, index) =>
        processes[index % 3]!.limiter.takeTogether('failedCredentials', 'guesser'),
      ),
    );
    const passed = guesses.filter((guess) => guess.ok).length;
    expect(passed).toBeLessThanOrEqual(20);
    await settle();
    for (const { limiter } of processes)
      expect(await limiter.takeTogether('failedCredentials', 'guesser')).toMatchObject({
        ok: false,
      });
    context.clock.moveBy(minute);
    for (const { limiter } of processes)
      expect(await limiter.takeTogether('failedCredentials', 'guesser')).toMatchObject({
        ok: true,
      });
  });

  it('go on alone while the database is away, and tell one another afterwards', async () => {
    let isAway = true;
    const { database } = context;
    const away = createLimiter({
      ...context,
      limits: resolveLimits(options.limits),
      database: {
        ...database,
        run: (statement, values) =>
          isAway
            ? Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
            : database.run(statement, values),
      },
    });
    expect(takeMany(away, 'outage', 50)).toBe(50);
    await away.settle();
    isAway = false;
    context.clock.moveBy(1_000);
    expect(takeMany(away, 'outage', 60)).toBe(50);
    await away.settle();
    takeMany(context.limiter, 'outage', 10);
    await settle();
    expect(context.limiter.take('beacons', 'outage')).toMatchObject({ code: 'rate_limited' });
    expect(context.logged).toEqual([]);
  });

  it('leave no rows of windows that have ended', async () => {
    const count = () => context.database.db.selectFrom('rate_count').select('subject').execute();
    expect(await count()).not.toEqual([]);
    context.clock.moveBy(minute);
    await prune(context.database, context.clock);
    expect(await count()).toEqual([]);
  });
});

describe('resolveLimits', () => {
  it.each([
    { requests: 0, per: { minutes: 1 } },
    { requests: 1.5, per: { minutes: 1 } },
    { requests: Number.NaN, per: { minutes: 1 } },
    { requests: 10, per: {} },
    { requests: 10, per: { milliseconds: 999 } },
  ])('refuses what cannot be counted (%j)', (beacons) => {
    expect(() => resolveLimits({ beacons })).toThrow(/^limits\.beacons\./);
  });
});

describe('countedNetwork', () => {
  it.each([
    '10.1.2.0/24',
    '127.0.0.0/24',
    '172.31.0.0/24',
    '192.168.1.0/24',
    '169.254.0.0/24',
    '100.64.0.0/24',
    '0:0:0::/48',
    'fd00:1:2::/48',
    'fe80:0:0::/48',
    undefined,
  ])('counts nothing for %s', (prefix) => {
    expect(countedNetwork(prefix)).toBeUndefined();
  });

  it.each(['203.0.113.0/24', '172.32.0.0/24', '100.128.0.0/24', '2001:db8:0::/48', 'fc0:1:2::/48'])(
    'counts for %s',
    (prefix) => {
      expect(countedNetwork(prefix)).toBe(prefix);
    },
  );
});
