import { createHeadwater } from '../engine.ts';
import type { Headwater } from '../engine.ts';
import type { Clock, Duration } from '../kernel/clock.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import type { HeadwaterOptions } from '../options.ts';
import { openMigratedMemory } from './template.ts';

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(duration: Duration): void;
  set(at: Date): void;
}

/** @param start what the clock shows first @default 2026-01-15T12:00:00Z */
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

export const testSecret = 'a-secret-that-is-only-good-for-tests-0123456789';

export interface TestHeadwater extends Headwater {
  readonly clock: TestClock;
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
  const owned = options.database === undefined ? await openMigratedMemory() : undefined;
  const hw = await createHeadwater({
    secret: testSecret,
    ...options,
    clock,
    database: options.database ?? { pglite: owned! },
  });
  await hw.migrate();
  const close = async (): Promise<void> => {
    await hw.close();
    await owned?.close();
  };
  return { ...hw, clock, close, [Symbol.asyncDispose]: close };
}

export { connectorSuite } from './connector-suite.ts';
export type { ConnectorCheck, ConnectorSuiteOptions } from './connector-suite.ts';
