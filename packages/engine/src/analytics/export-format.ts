import { csvLine } from './csv.ts';
import type { Cell } from './csv.ts';

export const exportFormats = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

type Rows =
  | Iterable<Readonly<Record<string, unknown>>>
  | AsyncIterable<Readonly<Record<string, unknown>>>;

/** Rows as lines, one after the other: what was written is not kept. */
export function exportLines(
  format: ExportFormat,
  columns: readonly string[],
  rows: Rows,
): ReadableStream<Uint8Array> {
  return ReadableStream.from(format === 'csv' ? csvLines(columns, rows) : jsonLines(rows));
}

const encoder = new TextEncoder();

async function* csvLines(columns: readonly string[], rows: Rows): AsyncGenerator<Uint8Array> {
  yield encoder.encode(csvLine(columns));
  for await (const row of rows)
    yield encoder.encode(csvLine(columns.map((column) => toCell(row[column]))));
}

async function* jsonLines(rows: Rows): AsyncGenerator<Uint8Array> {
  for await (const row of rows) yield encoder.encode(`${JSON.stringify(row)}\n`);
}

function toCell(value: unknown): Cell {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Cell);
}
