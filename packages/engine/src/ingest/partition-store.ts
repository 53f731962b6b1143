import { sql } from 'kysely';

import { HeadwaterError } from '../kernel/errors.ts';
import { errorCode } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** Held while a partition is made, so that processes that miss the same month do not collide. */
const partitionLock = 0x68_77_70_74;

export interface Partitions {
  /**
   * Makes the months of these times (milliseconds) exist; costs nothing for months that are known to exist.
   * @throws {HeadwaterError} `partition_missing`: somebody else makes the partitions, and has not made this one.
   */
  ensure(times: Iterable<number>): Promise<void>;
  /** Retention has dropped a month that was known: all of them are looked for again. */
  forget(): void;
}

/** Monthly partitions of `event` by `occurred_at` (design law 15), made outside the batch that needs them. */
export function createPartitions(
  database: Database,
  options: { readonly create: boolean },
): Partitions {
  const known = new Set<number>();
  // Nearly all that comes in happened in one month.
  let last = { from: Infinity, to: -Infinity };
  return {
    async ensure(times) {
      const missing = new Set<number>();
      for (const time of times) {
        if (time >= last.from && time < last.to) continue;
        const month = monthOf(time);
        if (known.has(month)) last = { from: timeOf(month), to: timeOf(month + 1) };
        else missing.add(month);
      }
      for (const month of [...missing].sort((left, right) => left - right)) {
        await (options.create ? createMonth(database, month) : expectMonth(database, month));
        known.add(month);
      }
    },
    forget() {
      known.clear();
      last = { from: Infinity, to: -Infinity };
    },
  };
}

/** Months since year 0, UTC. */
function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function timeOf(month: number): number {
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
}

function startOf(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01`;
}

/** Somebody else's partitions have names and lengths of their own; what they hold is in their bounds. */
async function expectMonth(database: Database, month: number): Promise<void> {
  const { rows } = await sql<{ bound: string }>`
    select pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    join pg_namespace n on n.oid = p.relnamespace
    where n.nspname = ${database.schema} and p.relname = 'event'`.execute(database.db);
  const start = Date.parse(startOf(month));
  const holds = rows.some(({ bound }) => {
    const match = /FROM \('(.+)'\) TO \('(.+)'\)/.exec(bound);
    return match !== null && Date.parse(match[1]!) <= start && start < Date.parse(match[2]!);
  });
  if (holds) return;
  throw new HeadwaterError(
    'partition_missing',
    `No partition of the table "event" holds ${startOf(month).slice(0, 7)}, and \`createPartitions\` is off. ` +
      `Make it with: ${monthStatement(database.schema, month)}`,
  );
}

function monthStatement(schemaName: string, month: number): string {
  const start = startOf(month);
  const schema = quote(schemaName);
  const name = quote(`event_${start.slice(0, 7).replace('-', '_')}`);
  return (
    `create table if not exists ${schema}.${name} partition of ${schema}.event ` +
    `for values from ('${start} 00:00:00+00') to ('${startOf(month + 1)} 00:00:00+00')`
  );
}

async function createMonth(database: Database, month: number): Promise<void> {
  await database.db
    .transaction()
    .execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(partitionLock)})`.execute(tx);
      await sql.raw(monthStatement(database.schema, month)).execute(tx);
    })
    .catch((error: unknown) => {
      // 42P07: another process made it between the check and the creation.
      if (errorCode(error) !== '42P07') throw error;
    });
}
