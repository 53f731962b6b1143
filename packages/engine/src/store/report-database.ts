import type { Clock } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { Logger } from '../options.ts';
import type { Statement } from './connection.ts';
import type { Database } from './database.ts';
import { isOutage, isTooSlow } from './outage.ts';

/** Where reports are read: a streaming replica while it is near enough, otherwise the database itself. */
export interface ReportDatabase {
  /**
   * `asOf`: the report knows everything that was committed before it (milliseconds); `undefined` where it comes from the
   * database itself. Work that a replica cannot finish is done again on the database.
   */
  read<T>(work: (database: Database, asOf: number | undefined) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ReportDatabaseOptions {
  readonly primary: Database;
  readonly replica: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How old what a report says may be. */
  readonly lagMilliseconds: number;
}

/** So long a report waits for the replica to have what was committed before it was asked. */
const catchUpMilliseconds = 250;
const lookAgainMilliseconds = 20;
/** A replica that failed is left alone for so long. */
const restMilliseconds = 10_000;
const samplesMax = 1_000;

const written: Statement = {
  name: 'headwater.wal_written',
  text: 'select pg_current_wal_lsn()::text as position',
};
const replayed: Statement = {
  name: 'headwater.wal_replayed',
  text: 'select pg_is_in_recovery() as standby, pg_last_wal_replay_lsn()::text as position',
};

/** A position in the write-ahead log, and a time at which nothing committed lay behind it. */
interface Sample {
  readonly position: bigint;
  readonly at: number;
}

/**
 * How fresh a replica is follows from positions in the log alone: what it has replayed holds everything up to the time
 * at which the database was last seen at that position. The clocks of the two machines have no say, and an idle
 * database makes nobody late.
 */
export function createReportDatabase(options: ReportDatabaseOptions): ReportDatabase {
  const { primary, replica, clock, logger, lagMilliseconds } = options;
  const samples: Sample[] = [];
  let restsUntil = -Infinity;
  let asking: Promise<number | undefined> | undefined;
  let isUsed: boolean | undefined;

  async function findFreshness(): Promise<number | undefined> {
    const asked = clock.now();
    const now = await position(primary, written).catch(giveUpOnOutage);
    if (now !== undefined) {
      samples.push({ position: now.position, at: asked });
      if (samples.length > samplesMax) samples.shift();
    }
    const deadline = performance.now() + catchUpMilliseconds;
    for (;;) {
      const there = await position(replica, replayed);
      if (there.standby !== true) throw new Error('The replica is no standby (pg_is_in_recovery).');
      const newest = samples.findLast((sample) => sample.position <= there.position);
      if (newest !== undefined && (newest.at === asked || performance.now() > deadline))
        return asked - newest.at <= lagMilliseconds ? newest.at : undefined;
      if (performance.now() > deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMilliseconds));
    }
  }

  async function freshness(): Promise<number | undefined> {
    if (performance.now() < restsUntil) return undefined;
    // What asks at the same moment shares the answer.
    asking ??= findFreshness().finally(() => {
      asking = undefined;
    });
    try {
      const asOf = await asking;
      note(asOf !== undefined, { reason: 'it is too far behind' });
      return asOf;
    } catch (error) {
      rest(error);
      return undefined;
    }
  }

  function rest(error: unknown): void {
    restsUntil = performance.now() + restMilliseconds;
    note(false, { error: describeFault(error) });
  }

  /** Said when it changes, not with every report. */
  function note(used: boolean, details: Readonly<Record<string, unknown>>): void {
    if (used === isUsed) return;
    if (used) logger.info('Reports are read from the replica.');
    else logger.warn('Reports are read from the database itself, not from the replica.', details);
    isUsed = used;
  }

  return {
    async read(work) {
      const asOf = await freshness();
      if (asOf === undefined) return work(primary, undefined);
      try {
        return await work(replica, asOf);
      } catch (error) {
        // It went away, or replaying conflicted with the query (40001). What takes too long takes as long elsewhere.
        if (!isOutage(error) || isTooSlow(error)) throw error;
        rest(error);
        return work(primary, undefined);
      }
    },
    close: () => replica.close(),
  };
}

async function position(
  database: Database,
  statement: Statement,
): Promise<{ readonly position: bigint; readonly standby?: boolean }> {
  const [row] = await database.run<{ position: string | null; standby?: boolean }>(statement, []);
  return { ...row, position: parsePosition(row?.position ?? '0/0') };
}

/** `16/B374D848`: https://www.postgresql.org/docs/current/datatype-pg-lsn.html */
function parsePosition(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

function giveUpOnOutage(error: unknown): undefined {
  if (!isOutage(error)) throw error;
  return undefined;
}
