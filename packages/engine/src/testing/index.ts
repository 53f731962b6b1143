import { createHeadwater } from '../engine.ts';
import type { Headwater } from '../engine.ts';
import type { Clock, Duration } from '../kernel/clock.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import type { HeadwaterOptions } from '../options.ts';
import { createFixtures } from './fixtures.ts';
import type { Fixtures } from './fixtures.ts';
import { openMigratedSchema } from './template.ts';

export type { Fixtures } from './fixtures.ts';

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(duration: Duration): void;
  set(at: Date): void;
}

/**
 * A clock for tests, which moves by itself never.
 *
 * @param start what the clock shows first @default 2026-01-15T12:00:00Z
 */
export function createTestClock(start: Date = new Date('2026-01-15T12:00:00Z')): TestClock {
  let now = start.getTime();
  return {
    now: () => now,
    advance(duration) {
      now += toMilliseconds(duration);
    },
    set(at) {
      now = at.getTime();
    },
  };
}

/** A `secret` that is long enough. */
export const testSecret = 'a-secret-that-is-only-good-for-tests-0123456789';

export interface TestHeadwater extends Headwater {
  readonly clock: TestClock;
  readonly fixtures: Fixtures;
}

/**
 * A migrated engine in memory with a clock to move; `close()` it, or hold it with `await using`.
 *
 * @example
 * await using hw = await createTestHeadwater();
 */
export async function createTestHeadwater(
  options: Partial<HeadwaterOptions> = {},
): Promise<TestHeadwater> {
  const clock = (options.clock as TestClock | undefined) ?? createTestClock();
  const owned = options.database === undefined ? await openMigratedSchema() : undefined;
  const hw = await createHeadwater({
    secret: testSecret,
    ...options,
    clock,
    ...(owned !== undefined && { schema: owned.schema }),
    database: options.database ?? { pglite: owned!.pglite },
  });
  await hw.migrate();
  const close = async (): Promise<void> => {
    await hw.close();
    await owned?.giveBack();
  };
  const fixtures = createFixtures(hw, clock);
  return { ...hw, clock, fixtures, close, [Symbol.asyncDispose]: close };
}

export { connectorSuite } from './connector-suite.ts';
export type { ConnectorCheck, ConnectorSuiteOptions } from './connector-suite.ts';
