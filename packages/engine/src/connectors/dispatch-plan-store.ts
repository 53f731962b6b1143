import { batchInsert } from '../store/batch-insert.ts';
import type { Transaction } from '../store/connection.ts';
import type { IncomingEvent } from '../ingest/event.ts';

/** A conversion that a connector is to be told of. */
export interface PlannedDispatch {
  readonly id: string;
  readonly connector: string;
  readonly event: IncomingEvent;
  readonly visitorId: string;
  readonly recordedAt: number;
}

export type DispatchPlanStore = ReturnType<typeof createDispatchPlanStore>;

/** What a batch of events writes for connectors, in the transaction of the events. */
export function createDispatchPlanStore(schemaName: string) {
  const json = (value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(value);
  const insert = batchInsert<PlannedDispatch>(
    schemaName,
    'dispatch',
    {
      id: ['uuid', (row) => row.id],
      event_id: ['uuid', (row) => row.event.id],
      event_key: ['uuid', (row) => row.event.key],
      visitor_id: ['uuid', (row) => row.visitorId],
      occurred_at: ['timestamptz', (row) => row.event.occurredAt],
      created_at: ['timestamptz', (row) => row.recordedAt],
      updated_at: ['timestamptz', (row) => row.recordedAt],
      tried_since: ['timestamptz', (row) => row.recordedAt],
      due_at: ['timestamptz', (row) => row.recordedAt],
      connector: ['text', (row) => row.connector],
      event_type: ['text', (row) => row.event.type],
      user_agent: ['text', (row) => row.event.userAgent ?? null],
      status: ['text', () => 'pending'],
      signals: ['jsonb', (row) => json(row.event.arrival?.signals)],
      consent: ['jsonb', (row) => json(row.event.consent)],
      attempts: ['int4', () => 0],
      replays: ['int4', () => 0],
      history: ['jsonb', () => '[]'],
    },
    'on conflict do nothing',
  );
  return {
    insertDispatches(tx: Transaction, workspaceId: string, rows: readonly PlannedDispatch[]): void {
      tx.write(insert.statement, insert.values(workspaceId, rows));
    },
  };
}
