import { timestamp } from '../store/batch-insert.ts';
import type { Statement } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** What one process has counted and the others do not know yet. */
export interface RateCount {
  readonly rule: string;
  readonly subject: string;
  readonly endsAt: number;
  readonly requests: number;
}

export function createLimitStore(database: Database) {
  // Locks the counts in one order.
  const add: Statement = {
    name: `${database.schema}.add_rate_counts`,
    text: `
insert into ${quote(database.schema)}.rate_count (rule, subject, ends_at, requests)
select t.rule, t.subject, t.ends_at, sum(t.requests)
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::int8[]) as t(rule, subject, ends_at, requests)
group by 1, 2, 3 order by 1, 2, 3
on conflict (rule, subject, ends_at) do update set requests = rate_count.requests + excluded.requests
returning rule, subject, (extract(epoch from ends_at) * 1000)::int8 as ends_at, requests`,
  };

  return {
    /** Adds to what all processes have counted; answers the sums, by {@link nameOfWindow}. */
    async addRateCounts(counts: readonly RateCount[]): Promise<ReadonlyMap<string, number>> {
      const rows = await database.run<{
        rule: string;
        subject: string;
        ends_at: unknown;
        requests: unknown;
      }>(add, [
        counts.map((count) => count.rule),
        counts.map((count) => count.subject),
        counts.map((count) => timestamp(count.endsAt)),
        counts.map((count) => count.requests),
      ]);
      return new Map(
        rows.map((row) => [
          nameOfWindow({ ...row, endsAt: Number(row.ends_at) }),
          Number(row.requests),
        ]),
      );
    },
  };
}

export function nameOfWindow(count: Omit<RateCount, 'requests'>): string {
  return `${count.rule} ${count.subject} ${count.endsAt}`;
}
