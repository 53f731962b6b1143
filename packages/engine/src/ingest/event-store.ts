import { batchInsert, timestamp } from '../store/batch-insert.ts';
import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { IncomingEvent } from './event.ts';

/** An event with what identity, session and touch made of it. */
export interface EventRow {
  readonly event: IncomingEvent;
  readonly visitorId: string | null;
  readonly sessionId: string | null;
  readonly touchId: string | null;
  readonly recordedAt: number;
}

/** What is known of an event that was accepted before under the same key. */
export interface KnownEvent {
  readonly key: string;
  readonly event_id: string;
  readonly digest: bigint;
  readonly visitor_id: string | null;
  readonly root_id: string | null;
}

export type EventStore = ReturnType<typeof createEventStore>;

export function createEventStore(schemaName: string) {
  const schema = quote(schemaName);
  const known = {
    name: `${schemaName}.known_events`,
    text: `
select k.key, k.event_id, k.digest, e.visitor_id, v.root_id
from ${schema}.event_key k
left join ${schema}.event e on e.workspace_id = k.workspace_id and e.occurred_at = k.occurred_at and e.id = k.event_id
left join ${schema}.visitor v on v.workspace_id = e.workspace_id and v.id = e.visitor_id
where k.workspace_id = $1 and k.key = any($2::uuid[])`,
  };
  const insert = batchInsert<EventRow>(schemaName, 'event', {
    occurred_at: ['timestamptz', (row) => row.event.occurredAt],
    recorded_at: ['timestamptz', (row) => timestamp(row.recordedAt), 'shared'],
    id: ['uuid', (row) => row.event.id],
    visitor_id: ['uuid', (row) => row.visitorId],
    session_id: ['uuid', (row) => row.sessionId],
    link_id: ['uuid', (row) => row.event.linkId ?? null],
    touch_id: ['uuid', (row) => row.touchId],
    amount_minor: ['int8', (row) => row.event.amountMinor ?? null],
    type: ['text', (row) => row.event.type],
    name: ['text', (row) => row.event.name ?? null],
    currency: ['text', (row) => row.event.currency ?? null],
    url: ['text', (row) => row.event.url ?? null],
    referrer: ['text', (row) => row.event.referrer ?? null],
    origin: ['text', (row) => row.event.origin],
    machine: ['text', (row) => row.event.machine ?? null],
    properties: [
      'jsonb',
      (row) => (row.event.properties === undefined ? null : JSON.stringify(row.event.properties)),
    ],
  });

  return {
    findKnownEvents(
      tx: Transaction,
      workspaceId: string,
      keys: readonly string[],
    ): Promise<KnownEvent[]> {
      return tx.run<KnownEvent>(known, [workspaceId, keys]);
    },
    insertEvents(tx: Transaction, workspaceId: string, rows: readonly EventRow[]): void {
      tx.write(insert.statement, insert.values(workspaceId, rows));
    },
  };
}
