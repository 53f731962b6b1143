import { stringify } from 'csv-stringify/sync';

export const exportFormats = ['json', 'csv', 'ndjson'] as const;
export type ExportFormat = Exclude<(typeof exportFormats)[number], 'json'>;

export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

type Cell = string | number | boolean | null | undefined;

/** How rows are written: each as one JSON document, or as the cells of these columns. */
export interface ExportShape<Row> {
  readonly columns: readonly string[];
  readonly cells: (row: Row) => readonly Cell[];
  readonly document: (row: Row) => unknown;
}

/**
 * Rows as they are read, page by page, in the pace of whoever takes them. CSV is that of RFC 4180 with a header; a cell
 * that a spreadsheet would take for a formula begins with an apostrophe (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function exportStream<Row>(
  format: ExportFormat,
  shape: ExportShape<Row>,
  pages: AsyncIterable<readonly Row[]>,
): ReadableStream<Uint8Array> {
  return ReadableStream.from(write(format, shape, pages));
}

/** Rows that are at hand, as the one page that they are. */
export async function* onePage<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve(rows);
}

async function* write<Row>(
  format: ExportFormat,
  { columns, cells, document }: ExportShape<Row>,
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const csv = (rows: ReadonlyArray<readonly Cell[]>): Uint8Array =>
    encoder.encode(
      stringify(
        rows.map((row) => [...row]),
        { record_delimiter: 'windows', escape_formulas: true },
      ),
    );
  if (format === 'csv') yield csv([columns]);
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield format === 'csv'
      ? csv(page.map(cells))
      : encoder.encode(page.map((row) => `${JSON.stringify(document(row))}\n`).join(''));
  }
}
