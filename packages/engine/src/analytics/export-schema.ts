import * as z from 'zod';

import { text } from '../http/fields-schema.ts';
import { periodQuery } from '../reports/report-schema.ts';
import {
  breakdownQuery,
  retentionQuery,
  summaryQuery,
  timeSeriesQuery,
} from './analytics-schema.ts';
import type { ExportedEvent } from './export-events.ts';
import { exportFormats } from './export-format.ts';

const format = z.enum(exportFormats).default('csv');

export const summaryExportQuery = summaryQuery.omit({ compare: true }).extend({ format });
export const timeSeriesExportQuery = timeSeriesQuery.extend({ format });
export const breakdownExportQuery = breakdownQuery
  .omit({ limit: true, offset: true, cursor: true })
  .extend({ format });
export const conversionsExportQuery = breakdownExportQuery.omit({ metrics: true });
export const retentionExportQuery = retentionQuery.extend({ format });
export const eventExportQuery = z.strictObject({
  ...periodQuery,
  format,
  cursor: text(200).optional().meta({ description: 'Goes on after the event with this `cursor`' }),
});

export const exportContents = {
  'text/csv': z.string(),
  'application/x-ndjson': z.record(z.string(), z.unknown()),
};

export const eventColumns = [
  'id',
  'type',
  'name',
  'occurred_at',
  'recorded_at',
  'visitor_id',
  'person_id',
  'session_id',
  'touch_id',
  'link_id',
  'url',
  'referrer',
  'amount',
  'currency',
  'origin',
  'machine',
  'properties',
  'cursor',
];

export async function* toEventRows(
  events: AsyncIterable<ExportedEvent>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const event of events)
    yield {
      id: event.id,
      type: event.type,
      name: event.name,
      occurred_at: event.occurredAt.toISOString(),
      recorded_at: event.recordedAt.toISOString(),
      visitor_id: event.visitorId,
      person_id: event.personId,
      session_id: event.sessionId,
      touch_id: event.touchId,
      link_id: event.linkId,
      url: event.url,
      referrer: event.referrer,
      amount: event.amountMinor === null ? null : Number(event.amountMinor),
      currency: event.currency,
      origin: event.origin,
      machine: event.machine,
      properties: event.properties,
      cursor: event.cursor,
    };
}
