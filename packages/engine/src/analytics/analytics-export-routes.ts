import { answer, defineRoute } from '../http/route.ts';
import type { Answer } from '../http/route.ts';
import type { Result } from '../kernel/result.ts';
import { renameFields } from '../kernel/validation.ts';
import { toFilters } from '../reports/report-schema.ts';
import {
  reportedConversions,
  toBreakdownResponse,
  toRetentionResponse,
  toSummaryResponse,
  toTimeSeriesResponse,
} from './analytics-schema.ts';
import { breakDown } from './breakdown.ts';
import { exportEvents } from './export-events.ts';
import { exportLines, exportMediaTypes } from './export-format.ts';
import type { ExportFormat } from './export-format.ts';
import {
  breakdownExportQuery,
  conversionsExportQuery,
  eventColumns,
  eventExportQuery,
  exportContents,
  retentionExportQuery,
  summaryExportQuery,
  timeSeriesExportQuery,
  toEventRows,
} from './export-schema.ts';
import { retention } from './retention.ts';
import { summarise } from './summarise.ts';
import { timeSeries } from './time-series.ts';

type Rows = Parameters<typeof exportLines>[2];

function exported(
  format: ExportFormat,
  columns: readonly string[],
  rows: Rows,
): Result<Answer, never> {
  return answer(200, undefined, {
    content: exportLines(format, columns, rows),
    headers: { 'content-type': exportMediaTypes[format] },
  });
}

const common = {
  method: 'get',
  tag: 'Analytics',
  scope: 'read',
  responses: { 200: { description: 'The rows', contents: exportContents } },
  refusals: ['invalid_query'],
} as const;

const summary = defineRoute({
  ...common,
  path: '/analytics/summary/export',
  operationId: 'exportSummary',
  summary: 'The summary as CSV or NDJSON',
  query: summaryExportQuery,
  async handle(context, workspace, { query }) {
    const { format, ...rest } = query;
    const result = await summarise(context, workspace, { ...rest, filters: toFilters(query) });
    if (!result.ok) return result;
    const row = toSummaryResponse(result.value, workspace.currency);
    return exported(format, Object.keys(row), [row]);
  },
});

const series = defineRoute({
  ...common,
  path: '/analytics/timeseries/export',
  operationId: 'exportTimeseries',
  summary: 'A time series as CSV or NDJSON',
  query: timeSeriesExportQuery,
  async handle(context, workspace, { query }) {
    const { metric, format, ...rest } = query;
    const input = { ...rest, metrics: [metric], filters: toFilters(query) };
    const result = await timeSeries(context, workspace, input);
    if (!result.ok) return renameFields(result, { metrics: 'metric' });
    const { points } = toTimeSeriesResponse(result.value, metric, workspace.currency);
    return exported(format, columnsOf(points), points);
  },
});

const breakdown = defineRoute({
  ...common,
  path: '/analytics/breakdown/export',
  operationId: 'exportBreakdown',
  summary: 'A breakdown as CSV or NDJSON: every row of it',
  query: breakdownExportQuery,
  async handle(context, workspace, { query }) {
    const input = { ...query, filters: toFilters(query) };
    const result = await breakDown(context, workspace, input, Infinity);
    if (!result.ok) return result;
    const { dimension, metrics = result.value.metrics } = query;
    const asked = { dimension, metrics };
    const { rows } = toBreakdownResponse(result.value, asked, workspace.currency);
    return exported(query.format, columnsOf(rows), rows);
  },
});

const conversions = defineRoute({
  ...common,
  path: '/analytics/conversions/export',
  operationId: 'exportConversions',
  summary: 'Sales, buyers and revenue as CSV or NDJSON: every row',
  query: conversionsExportQuery,
  async handle(context, workspace, { query }) {
    const input = { ...query, metrics: reportedConversions, filters: toFilters(query) };
    const result = await breakDown(context, workspace, input, Infinity);
    if (!result.ok) return result;
    const asked = { dimension: query.dimension, metrics: reportedConversions };
    const { rows } = toBreakdownResponse(result.value, asked, workspace.currency);
    return exported(query.format, columnsOf(rows), rows);
  },
});

const cohorts = defineRoute({
  ...common,
  path: '/analytics/retention/export',
  operationId: 'exportRetention',
  summary: 'The cohorts as CSV or NDJSON: a row for each week of each',
  query: retentionExportQuery,
  async handle(context, workspace, { query }) {
    const input = { ...query, filters: toFilters(query) };
    const result = await retention(context, workspace, input);
    if (!result.ok) return result;
    const rows = toRetentionResponse(result.value).cohorts.flatMap(({ people, ...cohort }) =>
      people.map((count, week) => ({ ...cohort, week, people: count })),
    );
    return exported(query.format, ['week_start', 'week_end', 'week', 'people'], rows);
  },
});

const events = defineRoute({
  ...common,
  path: '/analytics/events/export',
  operationId: 'exportEvents',
  summary: 'Events as CSV or NDJSON, oldest first',
  description:
    'Streamed, with the machines. Each row has a `cursor`: where an answer broke off, the next one goes on after it.',
  query: eventExportQuery,
  async handle(context, workspace, { query }) {
    const result = exportEvents(context, workspace, query);
    if (!result.ok) return result;
    return exported(query.format, eventColumns, toEventRows(result.value));
  },
});

function columnsOf(rows: ReadonlyArray<Readonly<Record<string, unknown>>>): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

export const analyticsExportRoutes = [summary, series, breakdown, conversions, cohorts, events];
