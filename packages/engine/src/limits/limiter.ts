import { LRUCache } from 'lru-cache';

import { second } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { Logger } from '../options.ts';
import type { Database } from '../store/database.ts';
import { isOutage } from '../store/outage.ts';
import { createLimitStore, nameOfWindow } from './limit-store.ts';
import { refuseExcess } from './rate-limit.ts';
import type { AppliedLimit, AppliedLimits, LimitRule, RateLimitedRefusal } from './rate-limit.ts';

/**
 * Counts in memory. A process whose own count of somebody passes its share of the limit tells the database, in the
 * background and for all such counts at once, and learns what the others have counted.
 */
export interface Limiter {
  /** Counts a request, or refuses it. Never waits; somebody unknown is not counted. */
  take(rule: LimitRule, subject: string | undefined): RateLimitedRefusal | undefined;
  /** Whether the next request would be refused. */
  excess(rule: LimitRule, subject: string | undefined): RateLimitedRefusal | undefined;
  /** Counts a request with all processes before it is answered; `giveBack` where it should not have been counted. */
  takeTogether(rule: LimitRule, subject: string | undefined): Promise<Taken | RateLimitedRefusal>;
  /** The same by what this process knows, without waiting for the database. */
  takeAlone(rule: LimitRule, subject: string | undefined): Taken | RateLimitedRefusal;
  readonly stats: { readonly refused: number };
  /** Waits until everything that had to be told has been. */
  settle(): Promise<void>;
}

export interface Taken {
  readonly ok: true;
  giveBack(): void;
}

/** Somebody's requests in one window. Their number is what the database last said and what it has not heard yet. */
interface Counter {
  readonly rule: LimitRule;
  readonly subject: string;
  readonly limit: AppliedLimit;
  readonly endsAt: number;
  together: number;
  sending: number;
  unsent: number;
}

/** Enough for everybody of a minute; who is pushed out by an attack from everywhere starts again at nought. */
const countersMax = 50_000;
const pauseAfterFailure = 1 * second;
const notCounted: Taken = { ok: true, giveBack: () => undefined };

export function createLimiter({
  limits,
  database,
  clock,
  logger,
}: {
  readonly limits: AppliedLimits;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}): Limiter {
  const store = createLimitStore(database);
  // An embedded database has one process: nobody to tell.
  const isShared = database.size === 'server';
  const counters = new LRUCache<string, Counter>({ max: countersMax });
  const waiting = new Set<Counter>();
  const stats = { refused: 0 };
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let failedAt = -Infinity;

  function counterOf(rule: LimitRule, subject: string | undefined): Counter | undefined {
    const limit = limits[rule];
    if (limit === undefined || subject === undefined) return undefined;
    const now = clock.now();
    const name = `${rule} ${subject}`;
    const known = counters.get(name);
    const endsAt = (Math.floor(now / limit.milliseconds) + 1) * limit.milliseconds;
    // Also where the clock went back: who was refused does not wait for a window of the future.
    if (known?.endsAt === endsAt) return known;
    const counter = { rule, subject, limit, endsAt, together: 0, sending: 0, unsent: 0 };
    counters.set(name, counter);
    return counter;
  }

  function refuse(counter: Counter): RateLimitedRefusal {
    stats.refused += 1;
    return refuseExcess(Math.max(1, Math.ceil((counter.endsAt - clock.now()) / second)));
  }

  function takenOf(counter: Counter): Taken {
    return {
      ok: true,
      giveBack() {
        counter.unsent -= 1;
        void tell(counter);
      },
    };
  }

  /** Resolves when what is counted so far has been told, by one statement at a time. */
  function tell(counter: Counter): Promise<void> {
    if (!isShared || Math.abs(clock.now() - failedAt) < pauseAfterFailure) return Promise.resolve();
    waiting.add(counter);
    return (next ??= current.then(() => {
      next = undefined;
      current = send();
      return current;
    }));
  }

  async function send(): Promise<void> {
    const counted = [...waiting].filter((counter) => counter.unsent !== 0);
    waiting.clear();
    if (counted.length === 0) return;
    for (const counter of counted) {
      counter.sending = counter.unsent;
      counter.unsent = 0;
    }
    try {
      const sums = await store.addRateCounts(
        counted.map((counter) => ({ ...counter, requests: counter.sending })),
      );
      for (const counter of counted)
        counter.together = sums.get(nameOfWindow(counter)) ?? counter.together;
    } catch (error) {
      // Each process goes on with what it knows itself.
      for (const counter of counted) counter.unsent += counter.sending;
      failedAt = clock.now();
      if (!isOutage(error))
        logger.error('Requests could not be counted together', { error: describeFault(error) });
    } finally {
      for (const counter of counted) counter.sending = 0;
    }
  }

  return {
    stats,
    take(rule, subject) {
      const counter = counterOf(rule, subject);
      if (counter === undefined) return undefined;
      if (isFull(counter)) return refuse(counter);
      counter.unsent += 1;
      if (counter.unsent >= counter.limit.share) void tell(counter);
      return undefined;
    },
    excess(rule, subject) {
      const counter = counterOf(rule, subject);
      return counter !== undefined && isFull(counter) ? refuse(counter) : undefined;
    },
    async takeTogether(rule, subject) {
      const counter = counterOf(rule, subject);
      if (counter === undefined) return notCounted;
      if (isFull(counter)) return refuse(counter);
      counter.unsent += 1;
      await tell(counter);
      // Others were first. All that went along are refused, so that together no one is let through too many.
      if (counter.together > counter.limit.requests) return refuse(counter);
      return takenOf(counter);
    },
    takeAlone(rule, subject) {
      const counter = counterOf(rule, subject);
      if (counter === undefined) return notCounted;
      if (isFull(counter)) return refuse(counter);
      counter.unsent += 1;
      void tell(counter);
      return takenOf(counter);
    },
    async settle() {
      await next;
      await current;
    },
  };
}

function isFull({ together, sending, unsent, limit }: Counter): boolean {
  return together + sending + unsent >= limit.requests;
}
