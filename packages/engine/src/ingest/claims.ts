import { batchInsert, unnestSource } from '../store/batch-insert.ts';
import type { Columns } from '../store/batch-insert.ts';
import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import { lockColumns } from '../visitors/visitor-store.ts';
import type { VisitorState } from '../visitors/visitor-store.ts';
import { digestToBigint } from './event-key.ts';
import type { IncomingEvent } from './event.ts';

/** What the first statement of a batch found. */
export interface Claim {
  /** Events whose keys are new; absent: all of them. */
  readonly fresh: ReadonlySet<string> | undefined;
  readonly locked: readonly VisitorState[];
}

export type Claims = ReturnType<typeof createClaims>;

/** The first statement of a batch: claims the keys of its events (law 3), then locks the visitors that it knows. */
export function createClaims(schemaName: string) {
  const schema = quote(schemaName);
  const columns: Columns<IncomingEvent> = {
    key: ['uuid', (event) => event.key],
    event_id: ['uuid', (event) => event.id],
    occurred_at: ['timestamptz', (event) => event.occurredAt],
    digest: ['int8', (event) => digestToBigint(event.digest)],
  };
  const source = unnestSource(columns);
  // Nearly always every key is new, so only their number comes back. The lateral join keeps the order of locks: keys
  // first, then visitors in the order of their ids.
  const statement = {
    name: `${schemaName}.claim`,
    text: `
with claimed as (
  insert into ${schema}.event_key (workspace_id, key, event_id, occurred_at, digest)
  select $1::uuid, ${source.expressions.join(', ')} from ${source.fromFew} order by t.key
  on conflict do nothing returning key
), counted as (
  select count(*) as claims, case when count(*) < $7 then coalesce(string_agg(key::text, ','), '') end as fresh from claimed
)
select counted.fresh, locked.*
from counted left join lateral (
  select ${lockColumns} from ${schema}.visitor
  where workspace_id = $1 and id = any($6::uuid[]) and counted.claims >= 0
  order by id for no key update
) locked on true`,
  };

  const write = batchInsert<IncomingEvent>(
    schemaName,
    'event_key',
    columns,
    'returning true as ok',
  );

  return {
    /** The claim by itself, of events that nobody is known to have sent before: any that somebody has makes it fail. */
    writeClaims(tx: Transaction, workspaceId: string, events: readonly IncomingEvent[]): void {
      // Sorted here, by what the database sorts them by where it does: that costs it more.
      const sorted = events.toSorted((one, other) => (one.key < other.key ? -1 : 1));
      tx.write(write.statement, write.values(workspaceId, sorted), sorted.length);
    },
    async claim(
      tx: Transaction,
      workspaceId: string,
      events: readonly IncomingEvent[],
      visitorIds: readonly string[],
    ): Promise<Claim> {
      const rows = await tx.run<VisitorState & { readonly fresh: string | null }>(statement, [
        ...source.values(workspaceId, events),
        visitorIds,
        events.length,
      ]);
      const fresh = rows[0]?.fresh;
      return {
        fresh: fresh === null || fresh === undefined ? undefined : new Set(fresh.split(',')),
        locked: visitorIds.length === 0 ? [] : rows.filter((row) => row.id !== null),
      };
    },
  };
}
