import { sql } from 'kysely';

import { errorCode } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** Held while a partition is made, so that processes that miss the same month do not collide. */
const partitionLock = 0x68_77_70_74;

export interface Partitions {
  /** Makes the months of these times (milliseconds) exist; costs nothing for months that are known to exist. */
  ensure(times: Iterable<number>): Promise<void>;
}

/** Monthly partitions of `event` by `occurred_at` (design law 15), made outside the batch that needs them. */
export function createPartitions(database: Database, options: { readonly create: boolean }): Partitions {
  const known = new Set<number>();
  return {
    async ensure(times) {
      const missing = new Set<number>();
      for (const time of times) {
        const month = monthOf(time);
        if (!known.has(month)) missing.add(month);
      }
      for (const month of [...missing].sort((left, right) => left - right)) {
        if (options.create) await createMonth(database, month);
        known.add(month);
      }
    },
  };
}

/** Months since year 0, UTC. */
function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function startOf(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01`;
}

async function createMonth(database: Database, month: number): Promise<void> {
  const start = startOf(month);
  const schema = quote(database.schema);
  const name = quote(`event_${start.slice(0, 7).replace('-', '_')}`);
  await database.db
    .transaction()
    .execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(partitionLock)})`.execute(tx);
      await sql
        .raw(
          `create table if not exists ${schema}.${name} partition of ${schema}.event ` +
            `for values from ('${start} 00:00:00+00') to ('${startOf(month + 1)} 00:00:00+00')`,
        )
        .execute(tx);
    })
    .catch((error: unknown) => {
      // 42P07: another process made it between the check and the creation.
      if (errorCode(error) !== '42P07') throw error;
    });
}
