import type { PgBoss } from 'pg-boss';

import { minute, second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { Logger } from '../options.ts';
import type { Database } from '../store/database.ts';
import { isOutage } from '../store/outage.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Job, JobWaker } from './job.ts';

export interface Jobs extends JobWaker {
  /** Begins where any job is needed; to be called every other second, most of which cost no query, until it has. */
  begin(): Promise<void>;
  /** Waits for what is being done, a few seconds at most. */
  close(): Promise<void>;
}

/** How often a process looks whether a job was woken. */
const pollingSeconds = 2;
const wakeAtMostEvery = second;
/** How often it is looked whether there is work by now, where nobody in this process has made any. */
const lookEvery = 30 * second;
/** Whoever is still at it then begins anew with the next call. */
const runAtMost = 5 * minute;
const expireInSeconds = 900;
const closeMilliseconds = 5_000;

/**
 * Background work on `pg-boss`, in a schema beside Headwater's. The library only wakes workers: what is due stands in our
 * own columns, by the engine's clock, and its rows hold the names of jobs and nothing of anybody. A job that a dying process
 * had begun is done by the next that is woken.
 */
export function createJobs({
  database,
  logger,
  telemetry,
  jobs,
}: {
  readonly database: Database;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly jobs: readonly Job[];
}): Jobs {
  let boss: PgBoss | undefined;
  let starting: Promise<void> | undefined;
  let closing = false;
  let complainedAt = -Infinity;
  let lookedAt = -Infinity;
  let wanted = false;
  const woken = new Map<string, NodeJS.Timeout>();

  async function open(): Promise<void> {
    // Loaded only where there is work: a server without connectors starts without it.
    const { PgBoss: Boss } = await import('pg-boss');
    const opened: PgBoss = new Boss({
      // Without values it would be taken for a change of the schema, which may take a day.
      db: { executeSql: (text, values = []) => database.query(text, values) },
      schema: jobSchema(database.schema),
      backend: database.size === 'embedded' ? 'pglite' : 'postgres',
      reindex: false,
      monitorVacuum: false,
    });
    opened.on('error', complain);
    await opened.start();
    boss = opened;
    for (const { name, cron, run } of jobs) {
      // One waits at most; several may be at work, in as many processes.
      await opened.createQueue(name, { policy: 'short', retryLimit: 0, expireInSeconds });
      await opened.work(name, { pollingIntervalSeconds: pollingSeconds }, () => perform(name, run));
      await opened.schedule(name, cron, null, { tz: 'UTC' });
    }
    for (const { name } of jobs) wake(name);
  }

  async function perform(name: string, run: Job['run']): Promise<void> {
    const endsAt = performance.now() + runAtMost;
    try {
      await telemetry.within(`job ${name}`, { isRoot: true }, () =>
        run(() => !closing && performance.now() < endsAt),
      );
    } catch (error) {
      if (!isOutage(error))
        logger.error('A job failed.', { job: name, error: describeFault(error) });
    }
  }

  function wake(name: string): void {
    wanted = true;
    if (boss === undefined || closing || woken.has(name)) return;
    const timer = setTimeout(() => {
      woken.delete(name);
      // `null` where one waits already.
      boss?.send(name, {}).catch(complain);
    }, wakeAtMostEvery);
    timer.unref();
    woken.set(name, timer);
  }

  /** An outage is over at some time; other faults repeat with every look at the queues. */
  function complain(error: unknown): void {
    const now = performance.now();
    if (closing || isOutage(error) || now - complainedAt < minute) return;
    complainedAt = now;
    logger.error('Background work is not possible.', { error: describeFault(error) });
  }

  return {
    wake,
    async begin() {
      const now = performance.now();
      if (starting !== undefined || closing || (!wanted && now - lookedAt < lookEvery)) return;
      const needed = await isAnyNeeded(jobs);
      lookedAt = now;
      // What was woken meanwhile is done with the rest, or begins with the next look.
      wanted = false;
      if (!needed || closing) return;
      starting ??= open().catch((error: unknown) => {
        starting = undefined;
        complain(error);
      });
    },
    async close() {
      closing = true;
      for (const timer of woken.values()) clearTimeout(timer);
      await starting;
      await boss?.stop({ graceful: true, close: false, timeout: closeMilliseconds });
    },
  };
}

/** Asks no more than it takes: several jobs share a question, and the first yes is enough. */
async function isAnyNeeded(jobs: readonly Job[]): Promise<boolean> {
  for (const isNeeded of new Set(jobs.map((job) => job.isNeeded)))
    if (await isNeeded()) return true;
  return false;
}

/** pg-boss takes names of 50 bytes. */
function jobSchema(schema: string): string {
  return `${schema.slice(0, 45)}_jobs`;
}
