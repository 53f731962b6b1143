import type { IncomingEvent } from '../ingest/event.ts';
import { batchInsert } from '../store/batch-insert.ts';
import type { Transaction } from '../store/connection.ts';
import { reversalReference } from './reversal-reference.ts';

export interface ConversionRow {
  readonly event: Pick<
    IncomingEvent,
    'id' | 'type' | 'occurredAt' | 'amountMinor' | 'currency' | 'properties'
  >;
  readonly visitorId: string;
  readonly recordedAt: number;
}

export type ConversionStore = ReturnType<typeof createConversionStore>;

export function createConversionStore(schemaName: string) {
  const insert = batchInsert<ConversionRow>(schemaName, 'conversion', {
    id: ['uuid', (row) => row.event.id],
    visitor_id: ['uuid', (row) => row.visitorId],
    type: ['text', (row) => reversalReference(row.event)?.kind ?? row.event.type],
    occurred_at: ['timestamptz', (row) => row.event.occurredAt],
    recorded_at: ['timestamptz', (row) => row.recordedAt],
    amount_minor: ['int8', amountOf],
    currency: ['text', (row) => row.event.currency ?? null],
    reverses_type: ['text', (row) => reversalReference(row.event)?.goal ?? null],
    reverses_key: ['uuid', (row) => reversalReference(row.event)?.key ?? null],
  });
  return {
    insertConversions(
      tx: Transaction,
      workspaceId: string,
      rows: readonly ConversionRow[],
    ): Promise<unknown> {
      return tx.run(insert.statement, insert.values(workspaceId, rows));
    },
  };
}

/** What takes back has a negative amount. */
function amountOf({ event }: ConversionRow): string | null {
  const { amountMinor } = event;
  if (amountMinor === undefined) return null;
  return event.type === 'refund' && amountMinor !== '0' ? `-${amountMinor}` : amountMinor;
}
