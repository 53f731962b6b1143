import type { EventType, Origin } from '../ingest/event.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { LiveEvent } from './live-message.ts';
import { firstToCome, oldestUnseen } from './live-position.ts';
import type { LiveMark } from './live-position.ts';

export interface LiveRange {
  readonly workspaceId: string;
  /** What this snapshot sees is left out. */
  readonly seen: string;
  /** What this one does not see too. */
  readonly until: string;
  /** Begins with the event of this mark, whose later messages may still be owed. */
  readonly from: LiveMark | undefined;
  readonly limit: number;
}

interface Row {
  readonly transaction_id: bigint;
  readonly is_unique: boolean;
  readonly id: string;
  readonly type: EventType;
  readonly name: string | null;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly visitor_id: string | null;
  readonly session_id: string | null;
  readonly touch_id: string | null;
  readonly link_id: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly origin: Origin;
  readonly machine: string | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

const smallestId = '00000000-0000-0000-0000-000000000000';

export function createLiveStore(database: Database) {
  const { schema: schemaName } = database;
  const schema = quote(schemaName);
  const look = {
    name: `${schemaName}.look_at_events`,
    text: 'select pg_current_snapshot()::text as snapshot',
  };
  /**
   * The bounds on the column let its block range index leave out everything older; the snapshots then say exactly which
   * of the rest has been told. A click is unique if its own transaction has made the pair of link and visitor, and no
   * click before it in that transaction has.
   */
  const read = {
    name: `${schemaName}.read_live_events`,
    text: `
select e.transaction_id, e.id, e.type, e.name, e.occurred_at, e.recorded_at, e.visitor_id, e.session_id, e.touch_id,
  e.link_id, e.url, e.referrer, e.amount_minor, e.currency, e.origin, e.machine, e.properties,
  e.type = 'link_click' and exists (
    select from ${schema}.link_visitor p
    where p.workspace_id = e.workspace_id and p.link_id = e.link_id and p.visitor_id = e.visitor_id and p.xmin = e.xmin
  ) and not exists (
    select from ${schema}.event o
    where o.workspace_id = e.workspace_id and o.visitor_id = e.visitor_id and o.link_id = e.link_id
      and o.type = 'link_click' and o.transaction_id = e.transaction_id and o.id < e.id
  ) as is_unique
from ${schema}.event e
where e.workspace_id = $1
  and e.transaction_id >= $2::int8 and e.transaction_id < $3::int8
  and not pg_visible_in_snapshot(e.transaction_id::text::xid8, $4::text::pg_snapshot)
  and pg_visible_in_snapshot(e.transaction_id::text::xid8, $5::text::pg_snapshot)
  and (e.transaction_id, e.id) >= ($6::int8, $7::uuid)
order by e.transaction_id, e.id
limit $8`,
  };
  const summarise = {
    name: `${schemaName}.summarise_events`,
    text: `
select brin_summarize_new_values(c.oid) from pg_class c join pg_inherits i on i.inhrelid = c.oid
where i.inhparent = '${schema.replaceAll("'", "''")}.event_transaction'::regclass`,
  };

  return {
    /** What is committed now. */
    async lookAtEvents(): Promise<string> {
      const [row] = await database.run<{ snapshot: string }>(look, []);
      return row!.snapshot;
    },
    async selectLiveEvents({
      workspaceId,
      seen,
      until,
      from,
      limit,
    }: LiveRange): Promise<LiveEvent[]> {
      const oldest = oldestUnseen(seen);
      const rows = await database.run<Row>(read, [
        workspaceId,
        from !== undefined && BigInt(from.transactionId) > BigInt(oldest)
          ? from.transactionId
          : oldest,
        firstToCome(until),
        seen,
        until,
        from?.transactionId ?? 0,
        from?.eventId ?? smallestId,
        limit,
      ]);
      return rows.map((row) => toLiveEvent(workspaceId, row));
    },
    /** What autovacuum does elsewhere: without it, each reading would look through the whole table. */
    async summariseEvents(): Promise<void> {
      if (database.size === 'embedded') await database.run(summarise, []);
    },
  };
}

function toLiveEvent(workspaceId: string, row: Row): LiveEvent {
  return {
    transactionId: String(row.transaction_id),
    unique: row.is_unique,
    event: {
      id: row.id,
      workspaceId,
      type: row.type,
      name: row.name ?? undefined,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
      visitorId: row.visitor_id ?? undefined,
      sessionId: row.session_id ?? undefined,
      touchId: row.touch_id ?? undefined,
      linkId: row.link_id ?? undefined,
      url: row.url ?? undefined,
      referrer: row.referrer ?? undefined,
      amountMinor: row.amount_minor ?? undefined,
      currency: row.currency ?? undefined,
      origin: row.origin,
      machine: row.machine ?? undefined,
      properties: row.properties ?? {},
    },
  };
}
